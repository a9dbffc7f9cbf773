"""The real ltijs as a process, with the module that ltictl exported.

Its packages are installed with ``make peers``, never by the tests.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any, Self

from tests.support.parts import require
from tests.support.processes import Running

FOLDER = Path(__file__).parent / "ltijs_tool"


class Ltijs:
    """ltijs until the context ends; skips the test where it cannot run.

    Args:
        module: the exported file.
        storage: folder for its database.
    """

    base_url: str
    platforms: list[dict[str, Any]]

    def __init__(self, module: Path, storage: Path) -> None:
        self._arguments = (str(module), str(storage))

    def __enter__(self) -> Self:
        node = shutil.which("node")
        require("node", node is not None)
        installed = (FOLDER / "node_modules" / "ltijs").is_dir()
        require("the npm package ltijs", installed, "make peers")
        argv = [node or "node", "tool.cjs", *self._arguments]
        self._running = Running(argv, env={"PATH": os.environ["PATH"]}, cwd=FOLDER)
        try:
            ready = json.loads(self._running.wait_for_line('{"base_url"', "stdout", timeout=30))
        except BaseException:
            self._running.close()
            raise
        self.base_url = ready["base_url"]
        self.platforms = ready["known"]
        return self

    def __exit__(self, *_failure: object) -> None:
        self._running.close()
