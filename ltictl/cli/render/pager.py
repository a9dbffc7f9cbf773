"""Show long tables in the person's pager as ``git`` does: ``PAGER``, else ``less``."""

import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from typing import Final

_LESS: Final = "FRSX"  # ends at once if it fits, keeps colours, cuts long lines, keeps the screen


def page(text: str, environment: Mapping[str, str]) -> bool:
    """Show ``text`` in a pager.

    Returns:
        Whether a pager showed it; ``False`` if there is none, or ``PAGER`` is empty or ``cat``.
    """
    argv = shlex.split(environment.get("PAGER", "less"))
    if not argv or argv[0] == "cat" or shutil.which(argv[0]) is None:
        return False
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the pager handles Ctrl-C itself
    try:
        subprocess.run(  # noqa: S603  the person's own pager
            argv,
            input=text.encode("utf-8", "backslashreplace"),
            env={"LESS": _LESS, **environment},
            check=False,
        )
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, heard)
    return True
