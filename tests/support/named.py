"""``python -m tests.support.named NAME=ADDRESS ARGS`` runs ltictl with one more host name.

As a line in ``/etc/hosts`` would do it, which a test may not write.
"""

import socket
import sys
from typing import Any

from ltictl.cli.app import main
from ltictl.operations.registration import tool_reach


def _know(name: str, address: str) -> None:
    look_up = socket.getaddrinfo

    def known(host: Any, *args: Any, **options: Any) -> Any:
        return look_up(address if host == name else host, *args, **options)

    socket.getaddrinfo = known
    tool_reach._PATIENCE = 10  # type: ignore[misc]  # noqa: SLF001  however busy it is


if __name__ == "__main__":
    _know(*sys.argv[1].split("="))
    sys.exit(main(sys.argv[2:]))
