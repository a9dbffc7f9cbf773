"""Registrations through the callback server of a real ``ltictl register``, as browsers do them."""

import html
import http.client
import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tests.bench.installation import Installation
from tests.bench.profiles import MadeProfile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import BARE, Command, Rounds, interleave
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import PlaybackPlatform, accepting

_OVERHEAD_MS = 40.0
_GUESSES, _INVITATIONS = 21, 500
_TURNS = 3  # registrations that one server sees
_BETWEEN_SECONDS = 2.6  # people do not follow each other faster than a file system's clock ticks


@dataclass(slots=True)
class TimedPlatform:
    """Accepts every registration and knows how long it took for the last one."""

    seconds: float = 0.0
    _accept: Any = field(default_factory=accepting)

    def __call__(self, request: ReceivedRequest) -> Answer:
        start = time.perf_counter()
        answer: Answer = self._accept(request)
        self.seconds = time.perf_counter() - start
        return answer


class Register:
    """A ``ltictl register`` that runs until the block ends."""

    def __init__(self, installation: Installation, profile: MadeProfile, *more: str) -> None:
        argv: list[str | Path] = [installation.ltictl, "register", "--port", "0", "--json", *more]
        self._process = subprocess.Popen(
            argv, env=profile.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def listening(self) -> dict[str, Any]:
        """Its first event, as soon as it is written."""
        assert self._process.stderr is not None
        line = self._process.stderr.readline()
        if not line.startswith(b"{"):
            raise RuntimeError(f"ltictl register does not listen: {line!r}")
        event: dict[str, Any] = json.loads(line)
        return event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it and wait for that."""
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()


def register_through(address: str, invitation: str, platform: PlaybackPlatform) -> float:
    """Seconds from pressing Register to the result, for the invitation's ``t`` parameter.

    Raises:
        RuntimeError: it was not registered.
    """
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    query = urlencode({"t": invitation, "openid_configuration": platform.url("configuration")})
    connection.request("GET", f"{parts.path}?{query}")
    page = connection.getresponse().read().decode()
    action, state = _attribute(page, "action"), _attribute(page, "value")
    form = urlencode({"state": state, "action": "register"})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"{parts.scheme}://{parts.netloc}",
    }
    start = time.perf_counter()
    connection.request("POST", urlsplit(action).path, form, headers)
    result = connection.getresponse().read().decode()
    seconds = time.perf_counter() - start
    connection.close()
    if 'data-outcome="registered"' not in result:
        raise RuntimeError(f"not registered: {result[:2000]}")
    return seconds


def measure_url(installation: Installation, profile: MadeProfile, rounds: int) -> list[Row]:
    """From the command to its printed URL."""

    def to_url() -> float:
        profile.forget("invitations")
        start = time.perf_counter()
        with Register(installation, profile, "--org", "school-0000") as running:
            url = running.listening()["url"]
            seconds = time.perf_counter() - start
        assert url
        return seconds

    bare = Command([installation.python, "-c", "pass"], profile.environment)
    found = interleave({"url": to_url, "bare": bare}, rounds)
    return [
        Row(
            "`ltictl register`: command to printed URL",
            milliseconds(found.median("url")),
            f"`python -c pass`: {milliseconds(found.median('bare'))}",
            found.ratio("url", "bare"),
            6.5,
            open=True,
        )
    ]


def measure_guesses(installation: Installation, profile: MadeProfile) -> list[Row]:
    """Whether the time of a refusal tells that there is an invitation of that id."""
    for number in range(_INVITATIONS):
        known, _, _ = profile.invite(number).partition(".")
    wrong = "a" * 32
    with Register(installation, profile, "--forever") as running:
        parts = urlsplit(running.listening()["address"])

        def guessing(identifier: str) -> Callable[[], float]:
            def refuse() -> float:
                connection = http.client.HTTPConnection(parts.netloc, timeout=30)
                start = time.perf_counter()
                connection.request("GET", f"{parts.path}?t={identifier}.{wrong}")
                status = connection.getresponse().status
                seconds = time.perf_counter() - start
                connection.close()
                if status != http.HTTPStatus.NOT_FOUND:
                    raise RuntimeError(f"a guess was answered with {status}")
                return seconds

            return refuse

        # A like id, since searching for a similar one used to cost the time.
        unknown = known[:-1] + ("0" if known[-1] != "0" else "1")
        kinds = {"unknown": guessing(unknown), "known": guessing(known)}
        found = interleave(kinds, _GUESSES)
    return [
        Row(
            "Refusing a guessed link whose invitation nobody issued",
            milliseconds(found.median("unknown")),
            f"a known one with a wrong secret: {milliseconds(found.median('known'))}",
            found.ratio("unknown", "known"),
            1.15,
        )
    ]


def measure_registrations(
    installation: Installation, profiles: Mapping[int, MadeProfile], rounds: int
) -> tuple[Rounds, Rounds]:
    """Register to result without the platform's own time: first ones of a run, later ones.

    Every round has a fresh server for each profile; the servers take turns.
    """
    timed = TimedPlatform()
    bare = Command([installation.python, "-c", "pass"], profiles[min(profiles)].environment)
    names = [*(f"register {count}" for count in profiles), BARE]
    first: dict[str, list[float]] = {name: [] for name in names}
    later: dict[str, list[float]] = {name: [] for name in names}
    with PlaybackPlatform(registration=timed) as platform:
        for number in range(rounds):
            with ExitStack() as stack:
                servers = {
                    count: stack.enter_context(
                        Register(installation, profile, "--forever", "--allow-private")
                    )
                    for count, profile in profiles.items()
                }
                addresses = {count: each.listening()["address"] for count, each in servers.items()}
                for turn in range(_TURNS):
                    kept = later if turn else first
                    time.sleep(_BETWEEN_SECONDS)
                    kept[BARE].append(bare())
                    for count, profile in profiles.items():
                        invitation = profile.invite(number * _TURNS + turn)
                        seconds = register_through(addresses[count], invitation, platform)
                        kept[f"register {count}"].append(seconds - timed.seconds)
    return Rounds(first), Rounds(later)


def registration_rows(first: Rounds, later: Rounds, few: int, many: int) -> list[Row]:
    """The rows of ``measure_registrations``."""

    def overhead(found: Rounds, which: str, target: float | None) -> Row:
        name = f"register {few}"
        bare = milliseconds(found.median(BARE))
        return Row(
            f"Register to result, {which}, beyond the platform's own time",
            milliseconds(found.median(name)),
            f"`python -c pass`: {bare}, counted as 10 ms",
            found.normal(name) * 1000,
            target,
            "ms",
        )

    return [
        overhead(first, "first of a run", _OVERHEAD_MS),
        overhead(later, "later ones", _OVERHEAD_MS),
        Row(
            f"Register to result, {many:,} integrations",
            milliseconds(later.median(f"register {many}")),
            f"{few} integrations: {milliseconds(later.median(f'register {few}'))}",
            later.ratio(f"register {many}", f"register {few}"),
            1.15,
        ),
    ]


def _attribute(page: str, name: str) -> str:
    """The attribute's value in the form or its first hidden field."""
    found = re.search(rf'<(?:form|input)[^>]* {name}="([^"]*)"', page)
    if found is None:
        raise RuntimeError(f"no form: {page[:2000]}")
    return html.unescape(found[1])
