"""``verify --all`` beside a bare loop that sends its requests again to the same platform.

Every integration is at an LMS of its own, as far as addresses go, so that no answer is shared.
"""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile, make_profile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import Argv, Command, output_of
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import PlaybackPlatform
from tests.support.recordings import PLATFORM

_TOKEN = Answer.json({"access_token": "x" * 32, "token_type": "Bearer", "expires_in": 3600})
_MEGABYTES_MORE = 10.0  # what a thousand results take, as JSON and before


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
        base = platform.base_url
        made = make_profile(installation, f"verify-{count}", count, platform=base, tool=base)
        _answer_for_all(installation, made, platform)
        argv: Argv = [installation.ltictl, "verify", "--all", "--allow-private", "--json"]
        verify = Command(argv, made.environment)
        runs, bare = [verify.run()], []
        for _ in range(rounds):
            platform.requests.clear()
            runs.append(verify.run())
            bare.append(bare_loop(installation, platform)())
    measured = runs[1:] or runs  # the first one warms, unless it is the only one
    megabytes = max(memory for _, memory in runs)
    return Verified([seconds for seconds, _ in measured], bare, megabytes)


def bare_loop(installation: Installation, platform: PlaybackPlatform) -> Command:
    """Return a loop that sends again what the platform has just been asked."""
    file = installation.work / "requests.json"
    file.write_text(json.dumps([_recorded(each) for each in platform.requests]))
    argv: Argv = [installation.python, PROGRAMS / "bare_requests.py", platform.base_url, file]
    return Command(argv, installation.environment(installation.work))


def _answer_for_all(
    installation: Installation, made: MadeProfile, platform: PlaybackPlatform
) -> None:
    jwks = output_of([installation.ltictl, "jwks"], made.environment)
    platform.on("/.well-known/jwks.json", Answer.json(json.loads(jwks)))
    configuration = json.dumps(platform.configuration)
    nothing, keys = Answer.text("nothing to see", 404), Answer.of("02-platform-jwks")
    for number in range(len(made.ids)):
        base, path = platform.base_url, f"/{number:05}/mod/lti"
        described = configuration.replace(PLATFORM, f"{base}/{number:05}")
        platform.on(f"{path}/openid-configuration.php", Answer.json(json.loads(described)))
        platform.on(f"{path}/certs.php", keys)
        platform.on(f"{path}/auth.php", nothing)
        platform.on(f"{path}/token.php", _TOKEN)


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
    targets: dict[int, float | None] = {count: _MEGABYTES_MORE}
    targets |= {} if most == count else {most: None}
    return [speed, *(_memory(found, few, each, target) for each, target in targets.items())]


def _memory(found: dict[int, Verified], few: int, count: int, target: float | None) -> Row:
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
