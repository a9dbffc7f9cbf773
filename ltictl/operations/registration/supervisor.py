"""The supervisor that started a service and gets its state: systemd, by sd_notify(3)."""

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

_PINGS: Final = 3  # in each interval of the watchdog, so that a late one is no alarm


class Supervisor:
    """The supervisor that ``NOTIFY_SOCKET`` names; without that variable nothing is sent.

    Args:
        environment: of the process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        named = environment.get("NOTIFY_SOCKET", "")
        # "@" stands for the NUL that begins an abstract address, which has no file.
        self._address = f"\0{named[1:]}" if named.startswith("@") else named
        self._interval = _watchdog_seconds(environment) / _PINGS
        self._next_ping = 0.0

    def ready(self, status: str) -> None:
        """Say that the service answers, again after a reload."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Say that the service reads its settings again."""
        # sd_notify(3), RELOADING=1: the moment by the clock that systemd compares.
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}", "STATUS=Reading the settings again")

    def status(self, text: str) -> None:
        """Say in a line what the service does."""
        self._tell(f"STATUS={text}")

    def stopping(self) -> None:
        """Say that the service ends, and waits only for outstanding answers."""
        self._tell("STOPPING=1", "STATUS=Waiting for outstanding answers")

    def ping(self) -> None:
        """Say that the service is alive, where a watchdog waits for that; call it often."""
        if self._interval and time.monotonic() >= self._next_ping:
            self._next_ping = time.monotonic() + self._interval
            self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        # A supervisor that is gone or busy must not stop a registration.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
        ):
            channel.settimeout(1)
            channel.sendto("\n".join(lines).encode(), self._address)


def _watchdog_seconds(environment: Mapping[str, str]) -> float:
    """Return the interval of the watchdog, 0 if none waits for this process."""
    # sd_watchdog_enabled(3): the variables may be meant for another process of the service.
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    microseconds = environment.get("WATCHDOG_USEC", "")
    return (
        int(microseconds) / 1_000_000 if microseconds.isascii() and microseconds.isdigit() else 0.0
    )
