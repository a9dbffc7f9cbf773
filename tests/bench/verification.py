"""``verify --all`` beside a bare loop that sends its requests again to the same platform.

Every integration is at an LMS of its own, as far as addresses go, so that no answer is shared.
"""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ltictl.model.record import replace
from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import HOST, MadeProfile, lms_url, make_profile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import Argv, Command, output_of
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import PlaybackPlatform
from tests.support.recordings import PLATFORM

_TOKEN = Answer.json({"access_token": "x" * 32, "token_type": "Bearer", "expires_in": 3600})
_MEGABYTES_MORE = 10.0  # what a thousand results take, as JSON and before
_MEGABYTES_OF_MANY = 12.0  # as if they were not kept at all
_FAR_SECONDS = 0.04


@dataclass(frozen=True, slots=True)
class Verified:
    """Runs over one number of integrations.

    Attributes:
        seconds: of each run of ``verify --all``.
        bare: of each run of the bare loop, empty if it was not asked for.
        megabytes: the most that any run of ``verify --all`` held.
    """

    seconds: Sequence[float]
    bare: Sequence[float]
    megabytes: float

    @property
    def typical(self) -> float:
        """The median."""
        return statistics.median(self.seconds)


def measure_verify(installation: Installation, sizes: dict[int, int]) -> dict[int, Verified]:
    """``verify --all`` by the number of integrations.

    Args:
        installation: the measured one.
        sizes: number of integrations to rounds beside the bare loop; 0 for one run without it.
    """
    return {count: _measure(installation, count, rounds) for count, rounds in sizes.items()}


def _measure(installation: Installation, count: int, rounds: int) -> Verified:
    with PlaybackPlatform() as platform:
        made = _profile(installation, count, platform, platform.base_url)
        verify = _verify(installation, made)
        runs, bare = [verify.run()], []
        for _ in range(rounds):
            platform.requests.clear()
            runs.append(verify.run())
            bare.append(bare_loop(installation, platform)())
    measured = runs[1:] or runs  # the first one warms, unless it is the only one
    megabytes = max(memory for _, memory in runs)
    return Verified([seconds for seconds, _ in measured], bare, megabytes)


def measure_far(installation: Installation, count: int) -> list[Row]:
    """The row of ``verify --all`` where every answer takes 40 ms, each LMS at its own address."""
    with PlaybackPlatform(bind="0.0.0.0") as platform:  # noqa: S104  all of 127.0.0.0/8
        port = urlsplit(platform.base_url).port
        made = _profile(installation, count, platform, f"http://{HOST}:{port}", _FAR_SECONDS)
        verify = _verify(installation, made)
        verify.run()
        platform.requests.clear()
        ours, _ = verify.run()
        theirs = bare_loop(installation, platform)()
    return [
        Row(
            f"`ltictl verify --all`, {count:,} integrations, answers after 40 ms: speed",
            milliseconds(ours),
            f"a bare asynchronous httpx loop: {milliseconds(theirs)}",
            theirs / ours,
            0.9,
            at_least=True,
        )
    ]


def _verify(installation: Installation, made: MadeProfile) -> Command:
    argv: Argv = [installation.ltictl, "verify", "--all", "--allow-private", "--json"]
    return Command(argv, made.environment)


def bare_loop(installation: Installation, platform: PlaybackPlatform) -> Command:
    """Return a loop that sends again what the platform has just been asked."""
    file = installation.work / "requests.json"
    file.write_text(json.dumps([_recorded(each) for each in platform.requests]))
    argv: Argv = [installation.python, PROGRAMS / "bare_requests.py", platform.base_url, file]
    return Command(argv, installation.environment(installation.work))


def _profile(
    installation: Installation, count: int, platform: PlaybackPlatform, base: str, delay: float = 0
) -> MadeProfile:
    """A profile whose LMSs are all played by ``platform``, each below ``base``."""
    name = f"verify-{count}{'-far' if delay else ''}"
    made = make_profile(installation, name, count, platform=base, tool=platform.base_url)
    jwks = output_of([installation.ltictl, "jwks"], made.environment)
    platform.on("/.well-known/jwks.json", Answer.json(json.loads(jwks), delay=delay))
    configuration = json.dumps(platform.configuration)
    nothing = Answer(404, {"Content-Type": "text/html"}, b"nothing to see", delay=delay)
    keys, token = Answer.of("02-platform-jwks", delay=delay), replace(_TOKEN, delay=delay)
    for number in range(len(made.ids)):
        lms = lms_url(base, number)
        path = f"{urlsplit(lms).path}/mod/lti"
        described = json.loads(configuration.replace(PLATFORM, lms))
        platform.on(f"{path}/openid-configuration.php", Answer.json(described, delay=delay))
        platform.on(f"{path}/certs.php", keys)
        platform.on(f"{path}/auth.php", nothing)
        platform.on(f"{path}/token.php", token)
    return made


def verify_rows(found: dict[int, Verified], count: int) -> list[Row]:
    """The rows of ``measure_verify``.

    Args:
        found: by the number of integrations.
        count: the one whose speed and memory have targets.
    """
    few, most = min(found), max(found)
    verified = found[count]
    ratios = [bare / ours for ours, bare in zip(verified.seconds, verified.bare, strict=True)]
    speed = Row(
        f"`ltictl verify --all`, {count:,} integrations, local platform: speed",
        milliseconds(verified.typical),
        f"a bare asynchronous httpx loop: {milliseconds(statistics.median(verified.bare))}",
        statistics.median(ratios),
        0.6,
        at_least=True,
    )
    targets = {count: _MEGABYTES_MORE}
    targets |= {} if most == count else {most: _MEGABYTES_OF_MANY}
    return [speed, *(_memory(found, few, each, target) for each, target in targets.items())]


def _memory(found: dict[int, Verified], few: int, count: int, target: float) -> Row:
    more = found[count].megabytes - found[few].megabytes
    return Row(
        f"`ltictl verify --all`, {count:,} integrations: memory beyond that of {few}",
        f"{found[count].megabytes:.0f} MB",
        f"{few} integrations: {found[few].megabytes:.0f} MB",
        more,
        target,
        "MB",
    )


def _recorded(request: ReceivedRequest) -> list[str]:
    """A request as the bare loop sends it again."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    body = request.body.decode()
    return [request.method, target, body, request.headers.get("content-type", "")]
