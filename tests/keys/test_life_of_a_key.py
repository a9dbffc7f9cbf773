"""The steps of a key's life, run by run, with a set clock and a real web server."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ltictl.cli.app import main
from ltictl.errors import LtictlError, UnreadableError
from ltictl.model.integration import Status
from ltictl.model.signing_key import KeyState
from ltictl.operations.keys.confirm_signing import note_handed_on
from ltictl.operations.keys.key_events import Did
from ltictl.operations.keys.rotation import Rotation, list_keys
from ltictl.operations.signing import current_key, published_keys
from tests.support.answers import Answer
from tests.support.key_operator import Operator, hook_line, operator, span
from tests.support.playback import PlaybackPlatform

NEXT, CURRENT, RETIRING, RETIRED = KeyState

pytestmark = pytest.mark.usefixtures("ready_keys")


def did(rotation: Rotation) -> list[Did]:
    return [step.did for step in rotation.steps]


def test_a_whole_rotation(owner: Operator) -> None:
    made = owner.rotate()
    assert (owner.states(), did(made)) == ([CURRENT, NEXT], [Did.MADE])
    assert made.next_run == owner.now + span("24h")

    owner.later("24h")
    switched = owner.rotate()
    assert (owner.states(), did(switched)) == ([RETIRING, CURRENT], [Did.PROMOTED, Did.STOPPED])
    assert switched.next_run == owner.now + span("7d")

    owner.later("7d")
    ended = owner.rotate()
    assert (owner.states(), did(ended)) == ([RETIRED, CURRENT], [Did.CONFIRMED, Did.WITHDRAWN])
    assert ended.next_run is None
    assert len(owner.profile.private_keys.ids()) == 2, "its files are kept"


def test_time_alone_changes_nothing(owner: Operator) -> None:
    owner.rotate()
    owner.later("365d")

    assert owner.states() == [CURRENT, NEXT]
    assert current_key(owner.context) == owner.key(CURRENT)


def test_too_early_is_left_alone_without_a_request(owner: Operator) -> None:
    owner.rotate()
    owner.later("1h")
    owner.rotate()
    asked = len(owner.site.requests_to("/jwks"))
    before = owner.profile.signing_keys.all()

    owner.later("22h")
    assert did(owner.rotate()) == []

    assert owner.profile.signing_keys.all() == before
    assert len(owner.site.requests_to("/jwks")) == asked


def test_a_run_repeated_does_nothing_more(owner: Operator) -> None:
    for pause in ("1s", "24h", "7d"):
        owner.later(pause)
        owner.rotate()
        before = owner.states()
        again = owner.rotate()
        if pause != "7d":
            assert owner.states() == before
            assert set(did(again)) <= {Did.CONFIRMED}, "a later run confirms what an earlier did"


def test_a_year_without_a_run(owner: Operator) -> None:
    owner.rotate(if_older_than=span("1s"))
    owner.later("1s")
    owner.rotate(if_older_than=span("90d"))
    owner.later("365d")
    assert did(owner.rotate(if_older_than=span("90d"))) == [Did.PROMOTED, Did.STOPPED]
    owner.later("365d")
    late = owner.rotate(if_older_than=span("90d"))
    assert did(late) == [Did.CONFIRMED, Did.WITHDRAWN, Did.MADE]


def test_a_younger_key_than_asked_for_is_left_alone(owner: Operator) -> None:
    owner.earlier("1s")
    owner.later("89d")
    young = owner.rotate(if_older_than=span("90d"))
    assert (owner.states(), young.next_run) == ([CURRENT], owner.now + span("1d"))
    owner.later("1d")
    owner.rotate(if_older_than=span("90d"))
    assert owner.states() == [CURRENT, NEXT]


def test_a_key_that_is_not_published_does_not_sign(owner: Operator) -> None:
    owner.rotate_unpublished()
    owner.later("25h")
    refused = owner.rotate_unpublished()

    assert owner.states() == [CURRENT, NEXT]
    assert "does not serve it yet" in refused.warnings[-1]
    assert "ltictl jwks" in refused.warnings[-1]
    assert owner.key(NEXT).promote_after == owner.now + span("24h"), "the wait begins anew"

    owner.publish()
    owner.later("23h")
    owner.rotate()
    assert owner.states() == [CURRENT, NEXT]
    owner.later("1h")
    owner.rotate()
    assert owner.states() == [RETIRING, CURRENT]


def test_a_set_that_cannot_be_read_stops_the_promotion_only(owner: Operator) -> None:
    owner.rotate()
    owner.later("25h")
    for answer in (Answer.text("no", 503), Answer.text("<html>"), Answer.json([])):
        owner.site.on("/jwks", answer)
        blocked = owner.rotate()
        assert (owner.states(), did(blocked)) == ([CURRENT, NEXT], [])
        assert blocked.next_run == owner.now + timedelta(hours=1)
    owner.site.on("/jwks", owner.serve)
    assert did(owner.rotate()) == [Did.PROMOTED, Did.STOPPED]


def test_a_key_that_vanished_from_the_set_waits_again(owner: Operator) -> None:
    owner.rotate()
    owner.later("1h")
    owner.rotate()
    assert owner.key(NEXT).published_at == owner.now
    owner.later("23h")
    owner.published = {"keys": owner.published["keys"][:1]}
    owner.published["keys"] = [
        each for each in owner.published["keys"] if each["kid"] != owner.key(NEXT).kid
    ]
    owner.rotate_unpublished()
    waiting = owner.key(NEXT)
    assert (waiting.published_at, waiting.missed_at) == (None, owner.now)


def test_every_address_registered_at_an_lms_has_to_serve_the_key(owner: Operator) -> None:
    old = owner.site.url("/old-jwks")
    owner.site.on("/old-jwks", Answer.json(owner.published))
    owner.register("acme-moodle", jwks_uri=old)
    owner.rotate()
    owner.later("24h")

    blocked = owner.rotate()

    assert owner.states() == [CURRENT, NEXT]
    assert any(old in each and "acme-moodle" in each for each in blocked.warnings)
    assert any(f"{old} does not serve it yet" in each for each in blocked.warnings)
    owner.profile.integrations.change("acme-moodle", lambda each: each.disabled(owner.now))
    owner.later("24h")
    assert did(owner.rotate()) == [Did.PROMOTED, Did.STOPPED], "a disabled one does not count"


def test_a_long_max_age_prolongs_the_wait(owner: Operator) -> None:
    owner.headers = {"Cache-Control": "public, max-age=172800"}
    owner.rotate()
    owner.later("24h")
    warned = owner.rotate()
    assert owner.states() == [CURRENT, NEXT]
    assert any("max-age" in each for each in warned.warnings)
    owner.later("24h")
    assert did(owner.rotate()) == [Did.PROMOTED, Did.STOPPED]


def test_now_skips_the_wait_but_not_the_look(owner: Operator) -> None:
    owner.rotate_unpublished()
    owner.later("1s")
    owner.rotate_unpublished(now=True)
    assert owner.states() == [CURRENT, NEXT]
    owner.publish()
    assert did(owner.rotate(now=True)) == [Did.PROMOTED, Did.STOPPED]
    assert did(owner.rotate(now=True)) == [Did.CONFIRMED, Did.MADE], "and begins the next"


def test_options_change_the_dates_of_keys_under_way(owner: Operator) -> None:
    owner.rotate()
    owner.later("2h")
    assert did(owner.rotate(publish_for=span("1h"))) == [Did.PROMOTED, Did.STOPPED]
    owner.later("2h")
    shortened = owner.rotate(retire_after=span("1h"))
    assert did(shortened) == [Did.CONFIRMED, Did.WITHDRAWN]


def test_nothing_is_withdrawn_before_every_active_lms_takes_the_new_key(owner: Operator) -> None:
    owner.register("acme-moodle")
    owner.register("beta-moodle")
    owner.register("idle-moodle", status=Status.PENDING)
    owner.refuses("beta-moodle")
    owner.refuses("idle-moodle")
    owner.rotate()
    owner.later("24h")
    owner.rotate()
    owner.later("8d")
    refused = owner.rotate(handed_on=True)
    assert owner.states() == [RETIRING, CURRENT]
    assert any(
        "beta-moodle (the LMS refused: invalid_client (HTTP 401). Moodle" in w
        for w in refused.warnings
    )
    assert not any("idle-moodle" in each for each in refused.warnings)
    assert refused.next_run == owner.now + timedelta(hours=1)

    owner.grants("beta-moodle")
    assert did(owner.rotate()) == [Did.CONFIRMED, Did.WITHDRAWN]


def test_an_lms_that_refuses_a_scope_has_accepted_the_key(owner: Operator) -> None:
    owner.register("acme-moodle")
    owner.site.on("/acme-moodle/token", Answer.json({"error": "invalid_scope"}, 400))
    owner.rotate()
    owner.later("24h")
    owner.rotate()
    owner.later("7d")
    assert did(owner.rotate(handed_on=True)) == [Did.CONFIRMED, Did.WITHDRAWN]
    assert len(owner.site.requests_to("/acme-moodle/token")) == 1


def test_verification_can_be_skipped_by_name(owner: Operator) -> None:
    owner.register("acme-moodle")
    owner.refuses("acme-moodle")
    owner.rotate()
    owner.later("24h")
    owner.rotate()
    owner.later("7d")
    done = owner.rotate(handed_on=True, skip_verify=True)
    assert did(done) == [Did.CONFIRMED, Did.WITHDRAWN]
    assert owner.site.requests_to("/acme-moodle/token") == []


def test_without_a_hook_nothing_is_withdrawn_unless_somebody_says_so(owner: Operator) -> None:
    owner.register("acme-moodle")
    owner.rotate()
    owner.later("24h")
    owner.rotate()
    owner.later("30d")
    kept = owner.rotate()
    assert owner.states() == [RETIRING, CURRENT]
    assert any("--handed-on" in each for each in kept.warnings)
    assert did(owner.rotate(handed_on=True)) == [Did.CONFIRMED, Did.WITHDRAWN]


def test_a_hook_that_succeeds_hands_the_key_on(tmp_path: Path, playback: PlaybackPlatform) -> None:
    calls = tmp_path / "calls"
    hook = hook_line(["sh", "-c", f"echo $LTICTL_ACTION >> {calls}"])
    owner = operator(tmp_path / "profile", playback, hook)
    owner.register("acme-moodle")
    for pause in ("1s", "24h", "7d"):
        owner.later(pause)
        owner.rotate()
        owner.rotate()
    assert owner.states() == [RETIRED, CURRENT, NEXT]
    assert calls.read_text().split() == ["rotate"] * 4, "once for each run that changed something"


def test_a_hook_that_failed_is_owed_until_it_succeeds(
    tmp_path: Path, playback: PlaybackPlatform
) -> None:
    calls, works = tmp_path / "calls", tmp_path / "works"
    hook = hook_line(["sh", "-c", f"echo x >> {calls}; test -e {works}"])
    owner = operator(tmp_path / "profile", playback, hook)
    owner.register("acme-moodle")
    failed = owner.rotate()
    assert "failed with exit code 1" in owner.warned[-1]
    assert failed.next_run == owner.now + timedelta(hours=1)
    owner.rotate()
    works.touch()
    owner.rotate()
    assert calls.read_text().split() == ["x"] * 3
    owner.rotate()
    assert calls.read_text().split() == ["x"] * 3

    works.unlink()
    owner.later("25h")
    owner.rotate()
    assert owner.states() == [RETIRING, CURRENT]
    owner.later("30d")
    owner.rotate()
    assert owner.states() == [RETIRING, CURRENT], "the tool may sign with the old key still"
    works.touch()
    owner.rotate()
    assert did(owner.rotate()) == [Did.CONFIRMED, Did.WITHDRAWN]


def test_a_clock_that_was_ahead_and_is_set_right_again(owner: Operator) -> None:
    owner.rotate()
    owner.later("365d")
    owner.rotate()
    first_switch = owner.key(CURRENT)
    owner.earlier("364d")
    assert did(owner.rotate(if_older_than=span("90d"))) == [Did.CONFIRMED]
    assert owner.states() == [RETIRING, CURRENT], "nothing is withdrawn before its date"
    owner.rotate(now=True)
    owner.rotate(now=True)
    assert current_key(owner.context).created_at == owner.now
    assert current_key(owner.context).promoted_at < first_switch.promoted_at  # type: ignore[operator]
    assert len(owner.keys(CURRENT)) == 1


def test_a_clock_that_is_behind_makes_no_key_that_would_be_old_at_once(owner: Operator) -> None:
    owner.earlier("400d")
    behind = owner.rotate()
    assert (owner.states(), did(behind)) == ([CURRENT], [])
    assert "the clock is behind, or was ahead" in behind.warnings[0]
    owner.later("400d")
    assert did(owner.rotate()) == [Did.MADE]
    assert owner.key(NEXT).promote_after == owner.now + span("24h")


def test_a_clock_that_is_behind_for_a_while_shortens_no_wait(owner: Operator) -> None:
    owner.rotate()
    waiting = owner.key(NEXT)
    owner.later("1h")
    owner.earlier("20000d")
    owner.rotate()
    owner.later("20000d")
    owner.rotate()
    assert owner.states() == [CURRENT, NEXT]
    assert owner.key(NEXT).promote_after == waiting.promote_after


def test_a_key_made_while_the_clock_was_ahead_can_be_let_sign(owner: Operator) -> None:
    owner.later("4200d")
    owner.rotate()
    owner.earlier("4200d")
    stuck = owner.rotate()
    assert (owner.states(), did(stuck)) == ([CURRENT, NEXT], [])
    assert owner.key(NEXT).kid in stuck.warnings[0]
    assert "--now" in stuck.warnings[0]
    assert did(owner.rotate(now=True)) == [Did.PROMOTED, Did.STOPPED]
    owner.later("7d")
    ended = owner.rotate()
    assert (ended.warnings, did(ended)) == ((), [Did.CONFIRMED, Did.WITHDRAWN])
    owner.later("90d")
    assert did(owner.rotate(if_older_than=span("90d"))) == [Did.MADE], "no trace of it is left"


def test_a_switch_while_the_clock_was_ahead_can_be_dated_right(owner: Operator) -> None:
    owner.rotate()
    owner.later("4200d")
    owner.rotate()
    owner.earlier("4199d")
    assert owner.key(RETIRING).withdraw_after > owner.now + span("4000d")  # type: ignore[operator]
    owner.rotate(now=True)
    assert owner.key(RETIRING).withdraw_after == owner.now + span("7d")
    assert not any("clock" in each for each in owner.rotate().warnings)


def test_a_next_key_without_its_private_half_does_not_sign(owner: Operator) -> None:
    owner.rotate()
    owner.later("24h")
    lost = owner.key(NEXT).kid
    Path(owner.profile.private_keys.place(lost)).unlink()
    blocked = owner.rotate()
    assert owner.states() == [CURRENT, NEXT]
    assert any(f"--compromised {lost}" in each for each in blocked.warnings)


def test_a_next_key_with_another_private_half_does_not_sign(owner: Operator) -> None:
    owner.rotate()
    owner.later("24h")
    keys = owner.profile.private_keys
    Path(keys.place(owner.key(NEXT).kid)).write_bytes(keys.read(owner.key(CURRENT).kid))
    blocked = owner.rotate()
    assert owner.states() == [CURRENT, NEXT]
    assert any("of another key" in each for each in blocked.warnings)


def test_one_damaged_document_hides_one_key(owner: Operator) -> None:
    owner.rotate()
    kid = owner.key(NEXT).kid
    (owner.profile.root / "keys" / f"{kid}.toml").write_text("state = ", "utf-8")

    published, warnings = published_keys(owner.context)

    assert [each["kid"] for each in published["keys"]] == [current_key(owner.context).kid]
    assert kid in warnings[0]
    assert any(kid in each for each in list_keys(owner.context).warnings)
    assert owner.rotate().steps[0].did is Did.MADE


@pytest.mark.parametrize("member", ["n", "e"])
def test_a_damaged_member_of_one_key_stops_no_handover(
    owner: Operator, member: str, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.rotate()
    path = owner.profile.root / "keys" / f"{owner.key(NEXT).kid}.toml"
    whole = path.read_text("utf-8")
    for value in ('""', '"!!!"', '"AA"', '"é"', "5", "[]", '"' + "A" * 2000 + '"'):
        path.write_text(re.sub(rf"(?m)^{member} = .*$", f"{member} = {value}", whole), "utf-8")
        for command in (("jwks",), ("export", "json", "--all"), ("lms-config", "canvas")):
            code = main([*command, "--profile", str(owner.profile.root)])
            assert code == 0, (value, command, capsys.readouterr())


def test_a_public_half_that_was_changed_is_left_out_of_the_set(owner: Operator) -> None:
    owner.rotate()
    waiting = owner.key(NEXT)
    path = owner.profile.root / "keys" / f"{waiting.kid}.toml"
    path.write_text(path.read_text("utf-8").replace(waiting.n[:12], "AAAAAAAAAAAA"), "utf-8")

    published, warnings = published_keys(owner.context)

    assert [each["kid"] for each in published["keys"]] == [current_key(owner.context).kid]
    assert waiting.kid in warnings[0]


def test_a_damaged_signing_key_is_not_replaced_unasked(owner: Operator) -> None:
    kid = current_key(owner.context).kid
    path = owner.profile.root / "keys" / f"{kid}.toml"
    whole = path.read_text("utf-8")
    path.write_text("state = ", "utf-8")
    with pytest.raises(LtictlError) as missing:
        current_key(owner.context)
    assert kid in missing.value.why
    with pytest.raises(UnreadableError):
        owner.rotate()
    assert owner.profile.private_keys.ids() == [kid]
    path.write_text(whole, "utf-8")
    assert did(owner.rotate()) == [Did.MADE]


def test_a_lost_signing_key_is_followed_by_one_that_lmss_know(owner: Operator) -> None:
    owner.rotate()
    owner.later("24h")
    owner.rotate()
    lost, former = owner.key(CURRENT), owner.key(RETIRING)
    (owner.profile.root / "keys" / f"{lost.kid}.toml").unlink()

    assert did(owner.rotate())[0] is Did.PROMOTED
    assert current_key(owner.context).kid == former.kid


def test_a_profile_that_lost_all_its_keys_gets_one(owner: Operator) -> None:
    for path in (owner.profile.root / "keys").glob("*.toml"):
        path.unlink()
    assert did(owner.rotate()) == [Did.MADE]
    assert owner.states() == [CURRENT]


def test_external_keys_are_not_touched(tmp_path: Path, playback: PlaybackPlatform) -> None:
    owner = operator(tmp_path / "profile", playback, '[keys]\nmanaged_by = "external"')
    with pytest.raises(LtictlError) as refused:
        owner.rotate()
    assert refused.value.code == "keys_held_elsewhere"
    assert not (owner.profile.root / "keys").exists()


def test_an_export_hands_the_key_on(owner: Operator) -> None:
    owner.register("acme-moodle")
    owner.rotate()
    owner.later("24h")
    owner.rotate()
    assert note_handed_on(owner.context, current_key(owner.context).kid) == ()
    owner.later("7d")
    assert did(owner.rotate()) == [Did.CONFIRMED, Did.WITHDRAWN]


def test_an_export_by_a_hook_that_failed_does_not(
    tmp_path: Path, playback: PlaybackPlatform
) -> None:
    works = tmp_path / "works"
    hook = hook_line(["sh", "-c", f"test -e {works}"])
    owner = operator(tmp_path / "profile", playback, hook)
    owner.register("acme-moodle")
    for pause in ("1s", "24h", "7d"):
        owner.later(pause)
        owner.rotate()
        note_handed_on(owner.context, current_key(owner.context).kid)
    assert owner.states() == [RETIRING, CURRENT]
    works.touch()
    owner.rotate()
    assert did(owner.rotate()) == [Did.CONFIRMED, Did.WITHDRAWN]
