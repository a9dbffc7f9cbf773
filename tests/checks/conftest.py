"""A profile whose key set is served, with one integration at a platform of scripted answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ltictl.lti.vocabulary import SCOPES
from ltictl.model.integration import Deployment, Integration, Scopes, Status
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.operations.signing import published_keys
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform

POLICY = GuardPolicy(allow_private=True)
ASKED = (SCOPES["lineitem"], SCOPES["score"])


@pytest.fixture
def context(ltictl: Ltictl, playback: PlaybackPlatform) -> Context:
    """The profile that ``ltictl`` uses too."""
    context = Context(Profile(ltictl.home.ltictl_home / "profiles" / "default"))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme")
    settings = context.profile.root / "profile.toml"
    line = f'jwks_uri = "{playback.url("/keys")}"'
    settings.write_text(settings.read_text().replace("[tool]\n", f"[tool]\n{line}\n", 1))
    playback.on("/keys", Answer.json(key_set(context)))
    playback.on("token", token(*ASKED))
    return context


def key_set(context: Context) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(published_keys(context)[0]))
    return found


def token(*scopes: str, **headers: str) -> Answer:
    answer = {"access_token": "x" * 32, "token_type": "Bearer", "scope": " ".join(scopes)}
    return replace(Answer.json(answer), headers={"Content-Type": "application/json", **headers})


Recorded = Callable[..., Integration]


@pytest.fixture
def recorded(context: Context, playback: PlaybackPlatform) -> Recorded:
    """Stores an integration at the playing platform."""

    def record(identifier: str = "acme-moodle", **changes: Any) -> Integration:
        now = datetime.now(UTC).replace(microsecond=0)
        platform = Platform(
            playback.base_url,
            playback.url("authorization"),
            playback.url("token"),
            playback.url("jwks"),
            playback.url("token"),
            configuration_url=playback.url("configuration"),
            family="moodle",
        )
        made = Integration(
            identifier,
            "acme",
            Status.ACTIVE,
            platform,
            "client1",
            now,
            now,
            deployments=(Deployment("1"),),
            scopes=Scopes(requested=ASKED),
        )
        made = replace(made, **changes)
        context.profile.integrations.add(made)
        return made

    return record


def document(context: Context, identifier: str) -> str:
    return Path(context.profile.root / "integrations" / f"{identifier}.toml").read_text()
