"""Measures many registrations at one server at once, beside the platform alone."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.installation import Installation
from tests.bench.profiles import MadeProfile
from tests.bench.registration import Register, register_through
from tests.bench.report import Row, milliseconds
from tests.bench.storing import Storing
from tests.support.playback import PlaybackPlatform
from tests.support.recordings import load

_AT_ONCE = 50
_RATE = 0.5
_SLOWEST = 10.0  # times the median
_MEGABYTES_MORE = 10.0


@dataclass(frozen=True, slots=True)
class Load:
    """The figures of many registrations at once.

    Attributes:
        own: the registrations in a second of an LMS that stores them, without ltictl.
        bare: those of a platform that stores nothing.
        rate: registrations through ltictl in a second, at the LMS that stores them.
        seconds: of each registration, from Register to the result.
        megabytes: of ltictl's server after a quarter of them, and at the end.
    """

    own: float
    bare: float
    rate: float
    seconds: Sequence[float]
    megabytes: tuple[float, float]


def measure_load(installation: Installation, profile: MadeProfile, count: int) -> Load:
    """``count`` registrations, fifty at once, and the same at the platform without ltictl."""
    invitations = [profile.invite(number) for number in range(count)]
    with PlaybackPlatform() as platform:
        bare, _ = _rate(lambda _: _register_directly(platform), invitations)
    with (
        Storing(profile.folder.with_suffix(".lms")) as stored,
        PlaybackPlatform(registration=stored) as platform,
        Register(installation, profile, "--forever", "--allow-private") as running,
    ):
        address = running.listening()["address"]

        def register(invitation: str) -> float:
            return register_through(address, invitation, platform)

        own, _ = _rate(lambda _: _register_directly(platform), invitations)
        quarter = count // 4
        first = _rate(register, invitations[:quarter])
        early = _megabytes(running.pid)
        rest = _rate(register, invitations[quarter:])
        late = _megabytes(running.pid)
        if stored.count() != 2 * count:
            raise RuntimeError(f"the LMS stored {stored.count()} registrations, not {2 * count}")
    return Load(own, bare, rest[0], [*first[1], *rest[1]], (early, late))


def load_rows(found: Load) -> list[Row]:
    """The rows of ``measure_load``."""
    what = f"{len(found.seconds):,} registrations at one server, {_AT_ONCE} at once"
    median = statistics.median(found.seconds)
    slowest = statistics.quantiles(found.seconds, n=100)[98]
    early, late = found.megabytes
    return [
        Row(
            f"{what}: rate",
            f"{found.rate:.0f} in a second",
            f"an LMS that commits each to SQLite, alone: {found.own:.0f} in a second",
            found.rate / found.own,
            _RATE,
            at_least=True,
            open=True,
        ),
        Row(
            f"{what}: rate",
            f"{found.rate:.0f} in a second",
            f"a platform that stores nothing, alone: {found.bare:.0f} in a second",
            found.rate / found.bare,
            _RATE,
            at_least=True,
            open=True,
        ),
        Row(
            f"{what}: the slowest of a hundred, from Register to the result",
            milliseconds(slowest),
            f"the median: {milliseconds(median)}",
            slowest / median,
            _SLOWEST,
        ),
        Row(
            f"{what}: memory gained after the first quarter",
            f"{late:.0f} MB",
            f"after a quarter: {early:.0f} MB",
            late - early,
            _MEGABYTES_MORE,
            "MB",
        ),
    ]


def _rate(once: Callable[[str], float], invitations: Sequence[str]) -> tuple[float, list[float]]:
    """The number in a second, and the seconds of each."""
    start = time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as people:
        seconds = list(people.map(once, invitations))
    return len(seconds) / (time.perf_counter() - start), seconds


def _register_directly(platform: PlaybackPlatform) -> float:
    """Seconds of the requests that ltictl sends to the platform, without ltictl."""
    start = time.perf_counter()
    parts = urlsplit(platform.url("registration"))
    connection = HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", urlsplit(platform.url("configuration")).path)
    connection.getresponse().read()
    body = load("04-registration-request/full").request.body
    connection.request("POST", parts.path, body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()
    return time.perf_counter() - start


def _megabytes(process: int) -> float:
    """The memory that a process holds now (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
