"""The socket that a service inherits from its starter (socket activation of systemd)."""

import os
import socket
from collections.abc import Mapping
from typing import Final

from ltictl.errors import LtictlError

_FIRST: Final = 3  # SD_LISTEN_FDS_START, sd_listen_fds(3)


def inherit_socket(environment: Mapping[str, str]) -> socket.socket | None:
    """Return the listening socket that the starter handed over, ``None`` if there is none.

    Connections that come while the service restarts wait in that socket, so none is refused.

    Raises:
        LtictlError: ``socket_unusable``.
    """
    if environment.get("LISTEN_PID") != str(os.getpid()):  # they are for another process
        return None
    if environment.get("LISTEN_FDS") != "1":
        raise _unusable(f"It handed over {environment.get('LISTEN_FDS') or 'no'} sockets.")
    try:
        inherited = socket.socket(fileno=_FIRST)
    except OSError as error:
        raise _unusable(f"Descriptor {_FIRST} is no socket: {error.strerror or error}.") from error
    if inherited.family not in {socket.AF_INET, socket.AF_INET6}:
        raise _unusable("It is no socket for TCP.")
    if not inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        raise _unusable("Nobody called listen for it: ListenStream= does.")
    inherited.set_inheritable(False)  # no hook must hold it open
    inherited.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return inherited


def _unusable(why: str) -> LtictlError:
    return LtictlError(
        "socket_unusable",
        "The service cannot use what its starter handed over in LISTEN_FDS.",
        why=why,
        fix="Hand over one TCP socket: a .socket unit with one ListenStream=127.0.0.1:8765.",
    )
