"""Withdrawing a key at once: the key that signs next, the messages, and LMSs' next fetch."""

from pathlib import Path

import jwt
import pytest

from ltictl.errors import LtictlError, NotFoundError
from ltictl.model.integration import Scopes
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState
from ltictl.operations.keys.compromise import consequences
from ltictl.operations.signing import current_key
from tests.support.key_operator import Operator

NEXT, CURRENT, RETIRING, RETIRED = KeyState


def serve_at_once(owner: Operator) -> None:
    """As with a hook: the served key set is always the profile's."""

    def fresh(request: object) -> object:
        owner.publish()
        return owner.serve(request)  # type: ignore[arg-type]

    owner.site.on("/jwks", fresh)  # type: ignore[arg-type]


def assertion_kids(owner: Operator, name: str) -> list[str]:
    asked = owner.site.requests_to(f"/{name}/token")
    return [jwt.get_unverified_header(each.form["client_assertion"])["kid"] for each in asked]


def test_the_only_key_is_followed_by_a_new_one(owner: Operator) -> None:
    serve_at_once(owner)
    owner.register("acme-moodle")
    stolen = current_key(owner.context).kid

    done = owner.withdraw(stolen)

    assert owner.states() == [RETIRED, CURRENT]
    assert assertion_kids(owner, "acme-moodle") == [current_key(owner.context).kid]
    assert done.incomplete == ()


def test_a_key_that_lmss_know_signs_and_one_that_they_cannot_know_asks(owner: Operator) -> None:
    serve_at_once(owner)
    owner.register("acme-moodle")
    owner.rotate()
    known, stolen = owner.key(NEXT).kid, owner.key(CURRENT).kid
    owner.later("1h")

    done = owner.withdraw(stolen)

    assert current_key(owner.context).kid == known
    assert assertion_kids(owner, "acme-moodle") == [owner.key(NEXT).kid]
    assert owner.key(NEXT).kid != known
    assert done.incomplete == ()


@pytest.mark.parametrize("state", [NEXT, RETIRING])
def test_a_key_that_does_not_sign_is_withdrawn_beside_the_one_that_does(
    owner: Operator, state: KeyState
) -> None:
    serve_at_once(owner)
    owner.register("acme-moodle")
    owner.rotate()
    if state is RETIRING:
        owner.later("24h")
        owner.rotate()
    signing = current_key(owner.context)

    owner.withdraw(owner.key(state).kid)

    assert current_key(owner.context).kid == signing.kid
    assert len(owner.keys(RETIRED)) == 1
    assert assertion_kids(owner, "acme-moodle") == [owner.key(NEXT).kid]


def test_nothing_is_asked_before_the_set_is_published(owner: Operator) -> None:
    owner.register("acme-moodle")
    stolen = current_key(owner.context).kid

    cut = owner.withdraw(stolen)
    assert "still serves it" in cut.incomplete[0]
    assert owner.site.requests_to("/acme-moodle/token") == []
    assert owner.states() == [RETIRED, CURRENT]

    owner.publish()
    taken_up = owner.withdraw(stolen)
    assert (taken_up.incomplete, taken_up.steps) == ((), ())
    assert owner.states() == [RETIRED, CURRENT], "no further key is made"
    assert len(owner.site.requests_to("/acme-moodle/token")) == 1


def test_an_lms_that_cannot_be_made_to_ask_is_named(owner: Operator) -> None:
    serve_at_once(owner)
    owner.register("acme-moodle")
    owner.register("beta-moodle")
    owner.refuses("beta-moodle")
    owner.register("mute-moodle", scopes=Scopes())

    done = owner.withdraw(current_key(owner.context).kid)

    assert "beta-moodle (the LMS refused: invalid_client (HTTP 401). Moodle" in done.incomplete[0]
    assert "mute-moodle" in done.incomplete[1]
    assert not any("acme-moodle" in each for each in done.incomplete)


def test_what_it_breaks_and_where(owner: Operator) -> None:
    owner.register("acme-moodle")
    platform = owner.register("beta-moodle").platform
    owner.register("beta-canvas", platform=replace(platform, family="canvas"))
    owner.register("beta-lms", platform=replace(platform, family="something"))

    found = consequences(owner.context, current_key(owner.context).kid)

    assert "no LMS has seen yet" in found[0]
    warnings = set(found[1:])
    assert any("acme-moodle, beta-moodle trusts the old key until" in each for each in warnings)
    assert any("beta-canvas fetches your keys on every request" in each for each in warnings)
    assert any("beta-lms may keep a copy of your keys for hours" in each for each in warnings)


def test_a_key_that_there_is_not(owner: Operator) -> None:
    with pytest.raises(NotFoundError):
        owner.withdraw("nosuchkey")
    with pytest.raises(NotFoundError):
        consequences(owner.context, "nosuchkey")
    assert owner.states() == [CURRENT]


def test_a_lost_private_half_does_not_stop_it(owner: Operator) -> None:
    serve_at_once(owner)
    stolen = current_key(owner.context).kid
    Path(owner.profile.private_keys.place(stolen)).unlink()
    owner.withdraw(stolen)
    assert owner.states() == [RETIRED, CURRENT]
    with pytest.raises(LtictlError):
        owner.profile.private_keys.read(stolen)
