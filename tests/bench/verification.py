"""``verify --all`` beside a bare loop that sends its requests again to the same platform."""

import json
import statistics

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import make_profile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import Argv, Command, output_of
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import PlaybackPlatform

_TOKEN = {"access_token": "x" * 32, "token_type": "Bearer", "expires_in": 3600}
_MEGABYTES_MORE = 30.0


def measure_verify(installation: Installation, count: int, rounds: int) -> list[Row]:
    """Rows of ``verify --all`` for ``count`` integrations."""
    with PlaybackPlatform() as platform:
        base = platform.base_url
        jwks: Argv = [installation.ltictl, "jwks"]
        made = make_profile(installation, "verify", count, platform=base, tool=base)
        few = make_profile(installation, "verify-few", 10, platform=base, tool=base)
        key_set = [
            key
            for profile in (made, few)
            for key in json.loads(output_of(jwks, profile.environment))["keys"]
        ]
        platform.on("/.well-known/jwks.json", Answer.json({"keys": key_set}))
        platform.on("token", lambda _: Answer.json(_TOKEN))
        verify: Argv = [installation.ltictl, "verify", "--all", "--allow-private", "--json"]
        file = installation.work / "requests.json"
        loop: Argv = [installation.python, PROGRAMS / "bare_requests.py", base, file]
        runs = []
        for _ in range(rounds):
            platform.requests.clear()
            ours = Command(verify, made.environment).run()
            file.write_text(json.dumps([_recorded(each) for each in platform.requests]))
            runs.append((ours, Command(loop, made.environment).run()))
        _, memory_of_few = Command(verify, few.environment).run()
    seconds = statistics.median(ours for (ours, _), _ in runs)
    bare = statistics.median(others for _, (others, _) in runs)
    memory = max(megabytes for (_, megabytes), _ in runs)
    return [
        Row(
            f"`ltictl verify --all`, {count:,} integrations, local platform: speed",
            milliseconds(seconds),
            f"a bare asynchronous httpx loop: {milliseconds(bare)}",
            bare / seconds,
            0.6,
            at_least=True,
            open=True,
        ),
        Row(
            f"`ltictl verify --all`, {count:,} integrations: memory beyond that of 10",
            f"{memory:.0f} MB",
            f"10 integrations: {memory_of_few:.0f} MB",
            memory - memory_of_few,
            _MEGABYTES_MORE,
            "MB",
        ),
    ]


def _recorded(request: ReceivedRequest) -> list[str]:
    """A request as the bare loop sends it again."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    body = request.body.decode()
    return [request.method, target, body, request.headers.get("content-type", "")]
