"""``python -m tests.docs`` writes the pages that are generated from the program."""

import sys

from tests.docs.commands_page import PATH, commands_page
from tests.docs.lms_matrix import PATH as MATRIX_PATH
from tests.docs.lms_matrix import lms_matrix_page
from tests.docs.man_page import PATH as MAN_PATH
from tests.docs.man_page import man_page

for path, text in (
    (PATH, commands_page()),
    (MAN_PATH, man_page()),
    (MATRIX_PATH, lms_matrix_page()),
):
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"Wrote {path}\n")
