"""``ltictl`` that is killed when it is about to make its N-th change durable: N, its arguments.

Without having got so far it ends as usual.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from ltictl.cli.app import main

left = int(sys.argv[1])


def _counted(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        global left  # noqa: PLW0603  the program is this count
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*given, **named)

    return call


if __name__ == "__main__":
    os.fsync = _counted(os.fsync)
    os.replace = _counted(os.replace)
    sys.exit(main(sys.argv[2:]))
