"""``python -m tests.pictures`` draws the diagrams, the demo, and the screens of a registration."""

import sys
import tempfile
from pathlib import Path

from tests.pictures.diagrams import draw_diagrams
from tests.pictures.languages import draw_languages
from tests.pictures.launch import draw_launch
from tests.pictures.pages import draw_other_families, draw_pages
from tests.pictures.proportions import STYLE, room_for
from tests.pictures.relay import draw_relay_page
from tests.pictures.report import draw_report
from tests.pictures.terminal import draw_demo
from tests.support.browser import executable

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
# To be looked at, not to be committed: the page in twelve languages, and the report.
LOOKED_AT = Path(__file__).parents[2] / "build" / "pictures"


def main() -> int:
    """Make all pictures; the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ltictl-pictures-") as scratch:
        made = [*draw_diagrams(FOLDER), draw_demo(FOLDER, Path(scratch) / "terminal")]
        if executable() is None:
            sys.stderr.write("No Chromium here: the pictures of the pages stay as they are.\n")
        else:
            made += draw_pages(FOLDER, Path(scratch) / "pages")
            made += draw_other_families(FOLDER, Path(scratch) / "families")
            made.append(draw_relay_page(FOLDER, Path(scratch) / "relay"))
            made.append(draw_launch(FOLDER, Path(scratch) / "launch"))
            looked_at = draw_languages(LOOKED_AT / "languages")
            looked_at += draw_report(LOOKED_AT / "report", Path(scratch) / "report")
            sys.stdout.write(f"{len(looked_at)} pictures to be looked at: {LOOKED_AT}\n")
    STYLE.write_text(room_for(FOLDER), "utf-8")
    for path in made:
        sys.stdout.write(f"{path.relative_to(FOLDER.parents[1])}  {path.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
