"""``lms status --all`` beside a bare loop that sends its requests again to the same Canvas."""

import statistics
import tomllib

from tests.bench.installation import Installation
from tests.bench.profiles import MadeProfile, make_profile
from tests.bench.report import Row, milliseconds
from tests.bench.timing import Argv, Command
from tests.bench.verification import bare_loop
from tests.support.answers import Answer
from tests.support.playback import PlaybackPlatform

_TABLE = "/api/v1/accounts/self"


def measure_sides(installation: Installation, count: int, rounds: int) -> list[Row]:
    """The row of ``lms status --all``: one account, one token, ``count`` integrations."""
    with PlaybackPlatform() as platform:
        made = make_profile(installation, f"sides-{count}", count, tool=platform.base_url)
        for number, identifier in enumerate(made.ids):
            _move_to_canvas(made, identifier, number, platform)
        environment = {**made.environment, "LTICTL_LMS_TOKEN": "x" * 64}
        argv: Argv = [installation.ltictl, "lms", "status", "--all", "--allow-private", "--json"]
        status = Command(argv, environment)
        status.run()  # the first one stores the switches
        runs, bare = [], []
        for _ in range(rounds):
            platform.requests.clear()
            runs.append(status.run()[0])
            bare.append(bare_loop(installation, platform)())
    ratio = statistics.median(theirs / ours for ours, theirs in zip(runs, bare, strict=True))
    speed = Row(
        f"`ltictl lms status --all`, {count:,} integrations in one local Canvas: speed",
        milliseconds(statistics.median(runs)),
        f"a bare asynchronous httpx loop: {milliseconds(statistics.median(bare))}",
        ratio,
        0.6,
        at_least=True,
    )
    return [speed]


def _move_to_canvas(
    made: MadeProfile, identifier: str, number: int, platform: PlaybackPlatform
) -> None:
    stored = tomllib.loads(made.document(identifier).read_text("utf-8"))
    stored["platform"] |= {"issuer": platform.base_url, "family": "canvas"}
    made.write(f"integrations/{identifier}", stored)
    one, key = f"{_TABLE}/lti_registrations/{number}", f"170000{number:09}"
    registration = {
        "id": str(number),
        "developer_key_id": key,
        "account_binding": {"workflow_state": "on"},
        "configuration": {"target_link_uri": platform.base_url, "scopes": []},
    }
    control = {"id": "1", "account_id": "1", "available": True}
    deployment = {
        "id": str(number),
        "deployment_id": f"{number}:{'a' * 40}",
        "context_id": "1",
        "context_type": "Account",
        "context_controls": [control],
    }
    by_client = f"{_TABLE}/lti_registration_by_client_id/{stored['client_id']}"
    platform.on(by_client, Answer.json(registration))
    platform.on(f"{one}/controls", Answer.json([deployment]))
    platform.on(f"{one}/latest_update_request", Answer.json({"errors": []}, 404))
