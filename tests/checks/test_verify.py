"""``verify`` from outside: its checks, its words for each problem, and the stored result."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ltictl.errors import ExitCode
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.hint import hint
from ltictl.model.integration import FormerAddress
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.findings import without_network
from ltictl.operations.checks.verify import verify
from ltictl.operations.context import Context
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.recordings import load

from .conftest import ASKED, POLICY, Recorded, key_set, token


def checks(context: Context, identifier: str = "acme-moodle") -> dict[str, Check]:
    (found,) = verify(context, POLICY, [identifier])
    return {each.id: each for each in found.checks}


def test_everything_in_order_is_a_pass_and_activation_stays_unknown(
    context: Context, recorded: Recorded
) -> None:
    recorded()

    (found,) = verify(context, POLICY, ["acme-moodle"])

    results = {each.id: each.result.value for each in found.checks}
    assert found.result is Verdict.PASS
    assert results.pop("lms_activation") == "unknown"
    assert set(results) == {
        "configuration",
        "authorization_endpoint",
        "platform_key_set",
        "tool_key_set",
        "token",
    }
    assert set(results.values()) == {"pass"}
    stored = context.profile.integrations.get("acme-moodle")
    assert stored.scopes.granted == ASKED
    assert stored.verified_at is not None
    assert stored.problems == ()


def test_a_run_that_reaches_no_host_has_one_finding_with_a_fix(
    context: Context, recorded: Recorded, playback: PlaybackPlatform, ltictl: Ltictl
) -> None:
    file = context.profile.root / "profile.toml"
    file.write_text(file.read_text().replace(playback.base_url, "http://127.0.0.5:1"))
    for number in (2, 3, 4):
        at = f"http://127.0.0.{number}:1"  # nothing listens on port 1
        lms = Platform(at, f"{at}/a", f"{at}/t", f"{at}/k", f"{at}/t")
        recorded(f"acme-lms-{number}", platform=lms)

    with ltictl.terminal("verify", "--all", "--allow-private") as terminal:
        terminal.wait_for("0 work, 3 fail.")
        assert "3 integrations: None of 4 hosts could be reached: this computer " in terminal.text
        assert "getent hosts 127.0.0.2" in terminal.text
        assert terminal.text.count("fail  ") == 1
        assert terminal.wait() == ExitCode.PROBLEMS_FOUND
    error = json.loads(ltictl("--json", "verify", "--all", "--allow-private").stdout)["error"]
    assert "probably has no network" in error["why"]
    assert "getent hosts" in error["fix"]

    recorded()
    found = tuple(
        verify(context, POLICY, [each.id for each in context.profile.integrations.all().items])
    )
    assert without_network(found) is None, "one host answered"


def test_a_configuration_that_may_work_once_only_is_not_fetched_again(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    made = recorded("acme-moodle")
    recorded("acme-brightspace", platform=replace(made.platform, family="desire2learn"))

    assert "configuration" not in checks(context, "acme-brightspace")
    assert playback.requests_to("configuration") == []
    assert "configuration" in checks(context, "acme-moodle")


def test_verify_reports_an_lms_that_moved(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded()
    playback.configuration["token_endpoint"] += "/new"

    found = checks(context)["configuration"]

    assert (found.result, found.detail) == (Verdict.WARN, "changed there: token_endpoint")


@pytest.mark.parametrize("way", ["issuer", "redirect", "front page"])
def test_the_command_that_follows_an_lms_to_its_new_address_is_exact(
    context: Context, recorded: Recorded, playback: PlaybackPlatform, way: str
) -> None:
    made = recorded()
    with PlaybackPlatform() as new:
        issuer = new.served_configuration()["issuer"]
        named = Answer.json(playback.served_configuration() | {"issuer": issuer})
        target = new.url("configuration") if way == "redirect" else issuer
        playback.on("configuration", named if way == "issuer" else Answer.redirect(target))

        found = checks(context)["configuration"]

        wanted = ("--from-configuration", new.url("configuration"))
    assert found.result is Verdict.FAIL
    former = made.platform.issuer
    command = hint("move", "--from", former, "--issuer", issuer, *wanted)
    assert found.fix == f"Ask the school whether its LMS has moved. If so: {command}"


@pytest.mark.parametrize("way", ["issuer", "redirect"])
def test_a_new_address_that_does_not_answer_is_not_read_from(
    context: Context, recorded: Recorded, playback: PlaybackPlatform, way: str
) -> None:
    recorded()
    named = Answer.json(playback.served_configuration() | {"issuer": "https://new.invalid"})
    away = Answer.redirect("https://new.invalid/login/index.php?t=SECRET")
    playback.on("configuration", named if way == "issuer" else away)

    found = checks(context)["configuration"]

    assert found.fix.endswith("--issuer https://new.invalid")


def test_a_former_address_is_forgotten_when_its_time_is_over(
    context: Context, recorded: Recorded
) -> None:
    made, now = recorded(), context.now()
    times = (now - timedelta(seconds=1), now + timedelta(days=1))
    moved = tuple(FormerAddress(made.client_id, made.platform, now, each) for each in times)
    context.profile.integrations.change(made.id, lambda one: replace(one, former_addresses=moved))

    checks(context)

    assert context.profile.integrations.get(made.id).former_addresses == moved[1:]


def broken(key: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (key | changes).items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alg": ...}, "alg is None"),
        ({"use": "enc"}, "use is 'enc'"),
        ({"d": "secret"}, "The private half of"),
        ({"kid": "another"}, "does not serve"),
    ],
)
def test_the_tools_own_key_set_is_compared_member_by_member(
    context: Context,
    recorded: Recorded,
    playback: PlaybackPlatform,
    changes: dict[str, Any],
    words: str,
) -> None:
    recorded()
    (key,) = key_set(context)["keys"]
    playback.on("/keys", Answer.json({"keys": [broken(key, **changes)]}))

    found = checks(context)["tool_key_set"]

    assert found.result is Verdict.FAIL
    assert words in found.detail
    assert found.fix


def test_a_modulus_with_a_leading_zero_is_another_one(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    import base64

    recorded()
    (key,) = key_set(context)["keys"]
    octets = b"\0" + base64.urlsafe_b64decode(key["n"] + "==")
    padded = base64.urlsafe_b64encode(octets).decode().rstrip("=")
    playback.on("/keys", Answer.json({"keys": [key | {"n": padded}]}))

    assert "leading zero" in checks(context)["tool_key_set"].detail


def test_the_address_registered_at_the_lms_is_the_one_that_counts(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded(answer=json.dumps({"jwks_uri": playback.url("/former-keys")}))

    found = checks(context)["tool_key_set"]

    assert found.result is Verdict.FAIL
    assert "/former-keys" in found.detail


def test_a_tool_that_cannot_be_reached_is_not_taken_for_an_lms(
    context: Context, recorded: Recorded
) -> None:
    recorded(answer=json.dumps({"jwks_uri": "http://127.0.0.1:9/keys"}))

    found = checks(context)["tool_key_set"]

    assert (found.result, "127.0.0.1:9" in found.detail) == (Verdict.FAIL, True)
    assert "Deploy the tool" in found.fix


def test_verify_reports_a_weak_platform_key(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded()
    weak = {"kty": "RSA", "alg": "RS256", "kid": "weak", "n": "AQAB", "e": "AQAB"}
    playback.on("jwks", Answer.json({"keys": [weak]}))

    found = checks(context)["platform_key_set"]

    assert found.result is Verdict.FAIL
    assert "17 bits instead of 2048" in found.detail


def test_verify_quotes_moodles_page_with_the_cause(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded()
    recording = load("06-token-endpoint/jwks-unavailable/jwks-404")
    playback.on("token", Answer(404, {"Content-Type": "text/html"}, recording.response.body))

    found = checks(context)["token"]

    assert found.result is Verdict.FAIL
    assert "jwks_helper::fix_jwks_alg()" in found.detail
    assert "could not read the tool's key set" in found.detail
    assert "<" not in found.detail
    assert "HTTP security" in found.fix
    stored = context.profile.integrations.get("acme-moodle")
    assert stored.problems == (f"token: {found.detail}",)


def test_a_refusal_names_a_clock_that_is_off(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded()
    theirs = datetime.now(UTC) - timedelta(seconds=90)
    words = {"error": "Cannot handle token with iat prior to 2026-11-23T07:40:09+0000"}
    refusal = Answer.json(words, 400)
    headers = dict(refusal.headers) | {"Date": format_datetime(theirs, usegmt=True)}
    playback.on("token", replace(refusal, headers=headers))

    found = checks(context)

    assert "your clock is 9" in found["token"].detail
    assert "s ahead of that of 127.0.0.1" in found["token"].detail
    assert "NTP" in found["token"].fix
    assert found["clock"].result is Verdict.WARN


def test_scopes_are_asked_for_one_by_one_where_one_spoils_the_rest(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded()

    def answer(request: ReceivedRequest) -> Answer:
        if request.form["scope"] == SCOPES["score"]:
            return token(SCOPES["score"])
        return Answer.json({"error": "invalid_scope"}, 400)

    playback.on("token", answer)

    found = checks(context)["token"]

    assert (found.result, found.detail) == (Verdict.WARN, "not granted: lineitem")
    assert context.profile.integrations.get("acme-moodle").scopes.granted == (SCOPES["score"],)


def test_the_remedy_is_that_of_what_went_wrong(context: Context, recorded: Recorded) -> None:
    recorded()

    (found,) = verify(context, GuardPolicy(), ["acme-moodle"])

    failed = [each for each in found.checks if each.result is Verdict.FAIL]
    assert len(failed) == 5
    assert all("--allow-private" in each.fix for each in failed)


def test_many_are_checked_at_once_and_shown_in_order(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    names = [f"acme-{number}" for number in range(60)]
    for number, name in enumerate(names):
        recorded(name, client_id=f"client{number}")

    steps: list[str] = []
    backwards = names[::-1]
    found = tuple(verify(replace(context, progress=steps.append), POLICY, backwards))

    assert [each.id for each in found] == backwards
    assert {each.result for each in found} == {Verdict.PASS}
    assert steps == [f"{number} of 60 verified ..." for number in range(1, 61)]
    assert len(playback.requests_to("token")) == 60
    assert len(playback.requests_to("jwks")) == 1  # each address once
    # Once as any LMS, once as old ones ask.
    assert ["user-agent" in each.headers for each in playback.requests_to("/keys")] == [True, False]
    assert all(context.profile.integrations.get(each).scopes.granted == ASKED for each in names)


def test_an_integration_removed_meanwhile_is_named_and_spoils_no_other(
    context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    recorded("acme-one")
    recorded("acme-two")
    playback.on("jwks", _removing(context, "acme-one"))

    one, two = verify(context, POLICY, ["acme-one", "acme-two"])

    assert one.checks[-1].id == "document"
    assert two.result is Verdict.PASS


def _removing(context: Context, identifier: str) -> Any:
    def answer(_: ReceivedRequest) -> Answer:
        context.profile.integrations.remove(identifier)
        return Answer.of("02-platform-jwks")

    return answer
