"""Every recorded answer of a real Moodle to a registration request, played back on a socket."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ltictl.errors import RefusedError
from ltictl.model.integration import Integration, Status
from ltictl.net.policy import GuardPolicy
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.context import Context
from ltictl.operations.events import Inbox
from ltictl.operations.registration.headless import inspect_headless, register_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import TOOL, PlaybackPlatform
from tests.support.recordings import Recording, all_in
from tests.support.visit import headless, tree

EXCHANGES = [
    each
    for folder in ("04-registration-request", "03-registration-token")
    for each in all_in(folder)
    if each.request.method == "POST"
]
ACCEPTED = [each for each in EXCHANGES if each.response.status == 200]
REFUSED = [each for each in EXCHANGES if each.response.status != 200]
AS_PROCESS = [
    "04-registration-request/full",
    "04-registration-request/deployment-id-in-request",
    "03-registration-token/valid-after-rejected-body-2",
    "03-registration-token/absent",
    "03-registration-token/expired",
    "04-registration-request/domain-uppercase",
]


def named(recording: Recording) -> str:
    return recording.name


@pytest.fixture
def context(tmp_path: Path, profile_template: Path) -> Context:
    shutil.copytree(profile_template, tmp_path / "profile")
    return Context(Profile(tmp_path / "profile"))


def register(context: Context, platform: PlaybackPlatform) -> Registered:
    policy = GuardPolicy(allow_private=True)
    inspection = inspect_headless(
        context,
        Reach(policy),
        organization="acme",
        configuration_url=platform.url("configuration"),
        token="a-token",
    )
    return register_headless(context, policy, Plan("acme", "", inspection, "a-token"), Inbox())


def message_of(recording: Recording) -> str:
    """The words of the platform's answer that a person could read."""
    return " ".join((recording.visible_text or recording.response.body.decode()).split())


def test_nothing_of_the_recordings_is_left_out() -> None:
    assert (len(ACCEPTED), len(REFUSED)) == (68, 46)
    assert {recording.response.status for recording in REFUSED} == {400, 401, 403, 404}


@pytest.mark.parametrize("recording", ACCEPTED, ids=named)
def test_an_accepted_registration_is_stored_as_answered(
    context: Context, playback: PlaybackPlatform, recording: Recording
) -> None:
    playback.on("registration", Answer.of(recording))
    answered = recording.response.json()

    stored = register(context, playback).integration

    assert context.profile.integrations.get("acme-moodle") == stored
    assert facts_of(stored) == facts_in(answered)
    assert json.loads(stored.answer) == answered
    assert stored.request.encode() == playback.requests_to("registration")[-1].body
    assert (stored.status, stored.organization) == (Status.PENDING, "acme")
    assert context.profile.attempts.ids() == []


def facts_of(stored: Integration) -> tuple[str, list[str], list[str] | None]:
    scopes = stored.scopes.answered
    deployments = [each.id for each in stored.deployments]
    return stored.client_id, deployments, None if scopes is None else sorted(scopes)


def facts_in(answered: dict[str, Any]) -> tuple[str, list[str], list[str] | None]:
    deployment = answered[TOOL].get("deployment_id")
    scopes = sorted(set(answered["scope"].split())) if "scope" in answered else None
    return answered["client_id"], [deployment] if deployment else [], scopes


@pytest.mark.parametrize("recording", REFUSED, ids=named)
def test_a_refusal_is_shown_in_the_platforms_words_and_leaves_nothing(
    context: Context, playback: PlaybackPlatform, recording: Recording
) -> None:
    playback.on("registration", Answer.of(recording))
    before = tree(context.profile.root)

    with pytest.raises(RefusedError) as caught:
        register(context, playback)

    error = caught.value
    assert error.code == "platform_refused"
    assert message_of(recording)[:300] in error.message
    assert f"HTTP {recording.response.status}" in error.message
    assert error.why
    assert error.fix
    assert tree(context.profile.root) == before


@pytest.mark.parametrize("recording", REFUSED, ids=named)
def test_every_recorded_refusal_has_a_cause_in_moodles_own_table(
    context: Context, playback: PlaybackPlatform, recording: Recording
) -> None:
    playback.on("registration", Answer.of(recording))

    with pytest.raises(RefusedError) as caught:
        register(context, playback)

    assert "The LMS" not in caught.value.why, f"unexplained: {caught.value.message}"


@pytest.mark.parametrize("name", AS_PROCESS)
def test_the_same_from_outside(acme: Ltictl, playback: PlaybackPlatform, name: str) -> None:
    recording = next(each for each in EXCHANGES if each.name == name)
    playback.on("registration", Answer.of(recording))

    done = headless(acme, playback.url("configuration"), "--json")

    sent = playback.requests_to("registration")[0]
    assert sent.headers["authorization"] == "Bearer tok"
    if recording.response.status == 200:
        assert done.code == 0
        found = acme("list", "--json").data["integrations"]
        assert [each["client_id"] for each in found] == [recording.response.json()["client_id"]]
        assert done.data["integrations"] == found
    else:
        assert (done.code, done.error["code"]) == (3, "platform_refused")
        assert message_of(recording)[:300] in done.error["message"]
        assert acme("list", "--json").data == {
            "integrations": [],
            "attempts": [],
            "invitations": [],
        }
