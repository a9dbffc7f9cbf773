"""Carries connections between a machine of ``machines`` and this one, over sockets in a folder.

A program by itself: ``inside NAME FOLDER PORT...`` is the machine, and ``outside FOLDER PORT...``
leads to the servers. It says ``ready`` and runs until it is ended.
"""

import asyncio
import fcntl
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

_SET_FLAGS = 0x8914  # SIOCSIFFLAGS of netdevice(7)
_UP = 0x1
Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def become_machine(name: str) -> None:
    """Take a host name, and switch the loopback interface on: a new network has it off."""
    socket.sethostname(name)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry one direction to its end."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:  # the process at one end was killed
        pass
    finally:
        writer.close()


async def serve(role: str, folder: Path, ports: list[int]) -> None:
    """Listen at each port, or at its socket, and carry every connection to the other one."""
    for port in ports:
        path = folder / f"{port}"

        def to_socket(path: Path = path) -> Awaitable[Opened]:
            return asyncio.open_unix_connection(path)

        def to_port(port: int = port) -> Awaitable[Opened]:
            return asyncio.open_connection("127.0.0.1", port)

        def joining(
            way: Callable[[], Awaitable[Opened]],
        ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
            async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                there, back = await way()
                await asyncio.gather(carry(reader, back), carry(there, writer))

            return join

        if role == "inside":
            await asyncio.start_server(joining(to_socket), "127.0.0.1", port)
        else:
            await asyncio.start_unix_server(joining(to_port), path)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    role, *rest = sys.argv[1:]
    if role == "inside":
        become_machine(rest.pop(0))
    folder, *ports = rest
    asyncio.run(serve(role, Path(folder), [int(each) for each in ports]))


if __name__ == "__main__":
    main()
