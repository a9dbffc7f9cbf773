"""Measures the same registration by ltictl, ltijs and lti-tool at the same platform, in turns.

Their npm packages are installed by ``make peers``, never by the bench; missing ones are left
out.
"""

import html
import http.client
import itertools
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.bench.installation import ROOT, Installation
from tests.bench.profiles import MadeProfile
from tests.bench.registration import Register
from tests.bench.report import Row, milliseconds
from tests.bench.timing import Rounds
from tests.support.playback import PlaybackPlatform

_SUPPORT = ROOT / "tests" / "support"
_LTIJS, _LTI_TOOL = _SUPPORT / "ltijs_tool", _SUPPORT / "lti_tool"
_PAUSE_SECONDS = 1.0  # nobody takes an address to an LMS in less; all of them load meanwhile
_numbers = itertools.count(1)

OURS = "ltictl"


@dataclass(frozen=True, slots=True)
class Started:
    """A server that waits for a registration.

    Attributes:
        seconds: from the command to the address that a person can be given.
        url: a registration URL, good for one registration.
        stop: ends the server.
    """

    seconds: float
    url: Callable[[], str]
    stop: Callable[[], None]


Start = Callable[[], Started]


def measure_rivals(installation: Installation, profile: MadeProfile, rounds: int) -> Rounds:
    """Seconds of each: ``NAME start``, ``NAME first`` (page opened to result), ``NAME later``.

    ``first`` is the first of a server, as long after its start as a person needs at least,
    ``later`` is one more at the same server, ``NAME whole`` is ``start`` and ``first`` together.
    """
    starts: dict[str, Start] = {OURS: lambda: _ltictl(installation, profile)}
    starts |= {name: start for name, start in _others(installation).items() if start is not None}
    seconds: dict[str, list[float]] = {}
    with PlaybackPlatform() as platform:
        for number in range(rounds + 1):
            for name, start in starts.items():
                for what, found in _one_round(start, platform).items():
                    if number:  # the first round only warms the disk's cache
                        seconds.setdefault(f"{name} {what}", []).append(found)
    return Rounds(seconds)


def _one_round(start: Start, platform: PlaybackPlatform) -> dict[str, float]:
    started = start()
    try:
        time.sleep(_PAUSE_SECONDS)
        first, later = (register_at(started.url(), platform) for _ in range(2))
    finally:
        started.stop()
    whole = started.seconds + first
    return {"start": started.seconds, "first": first, "later": later, "whole": whole}


def register_at(url: str, platform: PlaybackPlatform) -> float:
    """Seconds from opening ``url``, as the platform opens it, to the page that reports success.

    Raises:
        RuntimeError: it reports none.
    """
    parts = urlsplit(url)
    token = f"token-{next(_numbers)}"
    opened = urlencode(
        {"openid_configuration": platform.url("configuration"), "registration_token": token}
    )
    before = len(platform.requests_to("registration"))
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    start = time.perf_counter()
    query = f"{parts.query}&{opened}" if parts.query else opened
    page = _answer(connection, "GET", f"{parts.path}?{query}")
    form = _form(page)
    if form is not None:
        page = _answer(connection, "POST", parts.path, form, f"{parts.scheme}://{parts.netloc}")
    seconds = time.perf_counter() - start
    connection.close()
    if len(platform.requests_to("registration")) != before + 1:
        raise RuntimeError(f"{url} registered nothing: {page[:2000]}")
    return seconds


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, form: str = "", origin: str = ""
) -> str:
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin} if form else {}
    connection.request(method, path, form or None, kind)
    answer = connection.getresponse()
    page = answer.read().decode()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path} was answered with {answer.status}: {page[:2000]}")
    return page


def _form(page: str) -> str | None:
    """The form that the page sends with every choice taken, ``None`` where it has none."""
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    ticked = re.findall(r'<input[^>]*type="checkbox"[^>]*name="(\w+)"[^>]*value="([^"]*)"', page)
    if not hidden:
        return None
    given = [(name, html.unescape(value)) for name, value in (*hidden, *ticked)]
    return urlencode([*given, ("action", "register")])


def _ltictl(installation: Installation, profile: MadeProfile) -> Started:
    start = time.perf_counter()
    running = Register(installation, profile, "--forever", "--allow-private")
    address = running.listening()["address"]
    seconds = time.perf_counter() - start
    return Started(seconds, lambda: f"{address}?t={profile.invite(next(_numbers))}", running.stop)


def _others(installation: Installation) -> Mapping[str, Start | None]:
    node = shutil.which("node")
    if node is None:
        return {}
    return {"ltijs": _ltijs(node), "lti-tool": _lti_tool(node, installation.work)}


def _ltijs(node: str) -> Start | None:
    if not (_LTIJS / "node_modules" / "ltijs").is_dir():
        return None

    def start() -> Started:
        storage = tempfile.mkdtemp(prefix="ltictl-bench-ltijs-")
        return _node([node, "register.cjs", storage], _LTIJS, lambda: shutil.rmtree(storage))

    return start


def _lti_tool(node: str, work: Path) -> Start | None:
    """Bundled first: as published it does not run under node itself."""
    bundler = _LTI_TOOL / "node_modules" / ".bin" / "esbuild"
    if not bundler.exists():
        return None
    bundle = work / "lti-tool.mjs"
    options = ["--bundle", "--platform=node", "--format=esm", f"--outfile={bundle}"]
    subprocess.run([bundler, "register.mjs", *options], cwd=_LTI_TOOL, check=True, stderr=-3)
    key = str(work / "lti-tool-key.json")
    return lambda: _node([node, str(bundle), key], _LTI_TOOL, lambda: None)


def _node(argv: list[str], folder: Path, clean: Callable[[], None]) -> Started:
    start = time.perf_counter()
    process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.PIPE, stderr=-3)
    assert process.stdout is not None
    stdout = process.stdout
    # ltijs says more on its standard output than its address.
    line = next((each for each in stdout if each.startswith(b'{"base_url"')), b"")
    seconds = time.perf_counter() - start

    def stop() -> None:
        process.kill()
        process.wait()
        stdout.close()
        clean()

    if not line:
        stop()
        raise RuntimeError(f"{argv} ended before it listened")
    address = f"{json.loads(line)['base_url']}/register"
    return Started(seconds, lambda: address, stop)


def rival_rows(found: Rounds) -> list[Row]:
    """The rows of ``measure_rivals``: starts for comparison, whole flows against their targets."""
    rows = []
    for name in ("ltijs", "lti-tool"):
        if f"{name} whole" not in found.seconds:
            continue
        keeps_nothing = name == "lti-tool"
        rows += [
            Row(
                f"`{name}`: its start until `/register` answers",
                milliseconds(found.median(f"{name} start")),
                "`ltictl register`, command to printed URL: "
                f"{milliseconds(found.median(f'{OURS} start'))}",
                found.ratio(f"{name} start", f"{OURS} start"),
            ),
            Row(
                "One registration: command to address, and opened page to result",
                milliseconds(found.median(f"{OURS} whole")),
                f"`{name}`: {milliseconds(found.median(f'{name} whole'))}",
                found.ratio(f"{OURS} whole", f"{name} whole"),
                1.0,
            ),
            Row(
                "One more at the same server, from the opened page to the result",
                milliseconds(found.median(f"{OURS} later")),
                f"`{name}`: {milliseconds(found.median(f'{name} later'))}",
                found.ratio(f"{OURS} later", f"{name} later"),
                1.5 if keeps_nothing else 1.0,
                open=keeps_nothing,
            ),
        ]
    return rows
