"""A clock that tests set for real processes with Debian's libfaketime."""

import time
from pathlib import Path

from tests.support.key_operator import span
from tests.support.oidc import OidcProvider
from tests.support.parts import require

FOLDERS = ("/usr/lib", "/usr/local/lib", "/opt/homebrew/lib")


class TimeMachine:
    """Offsets the clock of every process that is started with ``env``.

    Args:
        folder: where the offset is written.
    """

    def __init__(self, folder: Path) -> None:
        found = [
            path
            for place in FOLDERS
            for pattern in ("faketime/libfaketime.so.1", "*/faketime/libfaketime.so.1")
            for path in sorted(Path(place).glob(pattern))
        ]
        require("libfaketime", bool(found), "apt install faketime")
        self._file = folder / "faketime"
        self._seconds = 0.0
        self._write()
        self.env = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
        }

    def now(self) -> float:
        """Seconds since 1970, as the processes see it."""
        return time.time() + self._seconds

    def later(self, text: str) -> None:
        self._seconds += span(text).total_seconds()
        self._write()

    def earlier(self, text: str) -> None:
        self._seconds -= span(text).total_seconds()
        self._write()

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self._seconds:+.0f}\n", "ascii")
        fresh.replace(self._file)


class TimedProvider(OidcProvider):
    """The independent platform, with its own rule for key sets, in another time."""

    def __init__(self, machine: TimeMachine) -> None:
        super().__init__()
        # It lives through the changes, and its timers are not to notice them. Python's sleep would
        # fail with that setting (libfaketime 0.9.10).
        self._env |= machine.env | {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
