"""``update`` at each LMS: through Canvas's service, or with advice where there is none."""

import json

import pytest

from ltictl.errors import LtictlError
from ltictl.lti.answer import ACCESS_TOKEN
from ltictl.lti.client_configuration import Difference
from ltictl.model.record import replace
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.client_registration.delete_at_lms import delete_at_lms
from ltictl.operations.client_registration.update import compare
from ltictl.operations.client_registration.update import update as update_what_differs
from ltictl.operations.context import Context
from ltictl.operations.events import Inbox
from ltictl.operations.registration.headless import inspect_headless, register_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan
from ltictl.sandbox.family import Like
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting

from .conftest import POLICY, MakeSchool, setting


def update(context: Context, identifier: str) -> tuple[tuple[Difference, ...], Registered | None]:
    """The differences and the outcome of an update; without differences nothing is sent."""
    with compare(context, POLICY, identifier) as found:
        if not found.changes:
            return found.changes, None
        return found.changes, update_what_differs(context, POLICY, found, Inbox())


def test_canvas_takes_a_change_by_its_service_and_lets_it_wait(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)
    first = school.register(school.start()).integration
    deployment = first.deployments[0].id
    school.sandbox.lms.activate(deployment)
    setting(school.context, '[tool.platforms.canvas]\nname = "Renamed"')

    changes, done = update(school.context, first.id)

    assert done is not None
    assert [each.member for each in changes] == ["client_name", "tool: messages"]
    assert any("accepts it there" in each for each in done.warnings)
    assert school.sandbox.lms.has_update(deployment)
    assert json.loads(done.integration.answer)["client_name"] == "Example Tool"
    sent = json.loads(done.integration.request)
    assert (sent["client_id"], sent["client_name"]) == (first.client_id, "Renamed")
    school.sandbox.lms.activate(deployment)
    assert update(school.context, first.id) == ((), None)


def test_without_consent_nothing_is_sent(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)
    first = school.register(school.start()).integration
    school.sandbox.lms.activate(first.deployments[0].id)
    setting(school.context, '[tool.platforms.canvas]\nname = "Renamed"')

    with compare(school.context, POLICY, first.id) as found:
        assert len(found.changes) == 2
        assert school.context.profile.attempts.is_under_way(first.id)

    assert school.context.profile.attempts.ids() == []
    assert school.context.profile.integrations.get(first.id) == first
    assert not school.sandbox.lms.has_update(first.deployments[0].id)


@pytest.mark.parametrize(
    ("like", "words"),
    [
        (Like.MOODLE, "--public-url https://tool.invalid/lti/register"),
        (Like.BRIGHTSPACE, "lms-config"),
        (Like.SAKAI, "lms-config"),
    ],
)
def test_where_the_lms_offers_no_update_the_error_names_the_way(
    school_like: MakeSchool, like: Like, words: str
) -> None:
    school = school_like(like)
    first = school.register(school.start()).integration

    with pytest.raises(LtictlError) as changed:
        update(school.context, first.id)
    with pytest.raises(LtictlError) as deleted:
        delete_at_lms(school.context, POLICY, first.id)

    assert (changed.value.code, deleted.value.code) == ("update_not_offered", "removal_not_offered")
    assert words in changed.value.fix
    assert f"ltictl remove {first.id}" in deleted.value.fix
    assert school.context.profile.integrations.get(first.id) == first


@pytest.mark.parametrize(
    ("command", "code"),
    [(("update",), "update_not_offered"), (("remove", "--at-lms"), "removal_not_offered")],
    ids=["update", "remove"],
)
def test_what_the_lms_does_not_allow_needs_no_consent(
    school_like: MakeSchool, ltictl: Ltictl, command: tuple[str, ...], code: str
) -> None:
    """Neither a question nor --yes comes before the answer that it cannot be done."""
    school = school_like(Like.MOODLE)
    identifier = school.register(school.start()).integration.id
    root = school.context.profile.root
    name, *options = command

    silent = ltictl(name, identifier, *options, "--json", profile=root)
    asked = ltictl.terminal(name, identifier, *options, profile=root)

    assert (silent.code, silent.error["code"]) == (1, code)
    assert asked.wait() == 1
    assert "[y/N]" not in asked.text
    assert school.context.profile.integrations.exists(identifier)


def test_a_secret_goes_to_no_other_host(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)
    first = school.register(school.start()).integration
    elsewhere = "https://elsewhere.invalid/api/lti/registrations/1"
    school.context.profile.integrations.change(
        first.id, lambda each: replace(each, client_uri=elsewhere)
    )

    with pytest.raises(LtictlError) as caught:
        update(school.context, first.id)

    assert caught.value.code == "client_uri_elsewhere"


def test_a_shared_client_is_not_deleted(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)
    first = school.register(school.start()).integration
    school.context.profile.secrets.keep(first.id, {"registration_access_token": "secret"})
    school.context.profile.integrations.add(
        replace(first, id="beta-canvas", organization="beta", deployments=())
    )

    with pytest.raises(LtictlError) as caught:
        delete_at_lms(school.context, POLICY, first.id)

    assert caught.value.code == "registration_shared"
    assert "beta-canvas" in caught.value.message


def test_a_token_of_any_answer_is_kept_before_the_answer_is_judged(
    context: Context, playback: PlaybackPlatform
) -> None:
    """As an LMS may do that changes the token at each answer, even at a refusal (RFC 7592, 3)."""
    uri = playback.url("/client")
    playback.on(
        "registration",
        accepting(200, registration_client_uri=uri, registration_access_token="first"),
    )
    school = inspect_headless(
        context,
        Reach(POLICY),
        organization="acme",
        configuration_url=playback.url("configuration"),
        token="t",
    )
    plan = Plan("acme", "", school, "t")
    stored = register_headless(context, POLICY, plan, Inbox()).integration
    current = json.loads(stored.answer)
    playback.on(
        "/client",
        Answer.json(current | {"client_name": "Old", ACCESS_TOKEN: "second"}),
        Answer.json({"error": "invalid_client_metadata", ACCESS_TOKEN: "third"}, 400),
    )

    with pytest.raises(LtictlError) as caught:
        update(context, stored.id)

    assert caught.value.code == "change_refused"
    read, written = playback.requests_to("/client")
    assert read.headers["authorization"] == "Bearer first"
    assert (written.method, written.headers["authorization"]) == ("PUT", "Bearer second")
    assert ACCESS_TOKEN not in written.json()
    assert context.profile.secrets.get(stored.id, ACCESS_TOKEN) == "third"
