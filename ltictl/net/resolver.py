"""Look names up in a thread, so that a slow name server cannot block ltictl."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

Resolver = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of a name, in the system's order, each once.

    Raises:
        OSError: the name has no address.
    """
    with contextlib.suppress(ValueError):
        return [str(ip_address(host))]  # an address needs no look-up and no thread
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def settle(addresses: list[str] | None, error: Exception | None) -> None:
        if found.done():
            return
        if error is not None:
            found.set_exception(error)
        else:
            found.set_result(addresses or [])

    def look_up() -> None:
        outcome: tuple[list[str] | None, Exception | None]
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            outcome = list(dict.fromkeys(str(entry[4][0]) for entry in entries)), None
        except OSError as error:
            outcome = None, error
        except UnicodeError as error:  # a label longer than 63 characters
            outcome = None, OSError(str(error))
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            loop.call_soon_threadsafe(settle, *outcome)

    # The system's look-up cannot be cancelled. Python joins an executor's threads at exit, which
    # could keep the process for half a minute; a daemon thread may outlive the wait.
    threading.Thread(target=look_up, name="ltictl-resolver", daemon=True).start()
    return await found
