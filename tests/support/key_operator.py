"""An operator with a clock, a profile whose key set is published, and LMSs that fetch it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ltictl.model.duration import parse_duration
from ltictl.model.integration import Integration, Scopes, Status
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.keys.compromise import withdraw_compromised
from ltictl.operations.keys.rotate import rotate_keys
from ltictl.operations.keys.rotation import Rotation, RotationOrder, list_keys
from ltictl.operations.signing import add_key, published_keys
from ltictl.store.profile import Profile
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import PlaybackPlatform

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"


def policy() -> GuardPolicy:
    return GuardPolicy(allow_private=True)


def span(text: str) -> timedelta:
    return parse_duration(text, "span")


@dataclass
class Operator:
    """Somebody with a profile, a clock to be set, and a web server for the key set.

    Attributes:
        site: serves ``published`` at /jwks, with ``headers``.
        published: the served key set; ``publish`` brings it up to date.
        warned: warnings of operations beside their results, such as that the hook failed.
    """

    context: Context
    site: PlaybackPlatform
    clock: list[datetime]
    warned: list[str]
    published: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {"keys": []})
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> Profile:
        return self.context.profile

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def later(self, text: str) -> None:
        self.clock[0] += span(text)

    def earlier(self, text: str) -> None:
        self.clock[0] -= span(text)

    def publish(self) -> None:
        self.published = published_keys(self.context)[0]

    def serve(self, _: ReceivedRequest) -> Answer:
        return Answer(200, self.headers, json.dumps(self.published).encode())

    def rotate(self, **wanted: object) -> Rotation:
        """A run; the set is published afterwards, as a hook or a person would."""
        rotation = rotate_keys(self.context, policy, replace(RotationOrder(), **wanted))
        self.publish()
        return rotation

    def rotate_unpublished(self, **wanted: object) -> Rotation:
        return rotate_keys(self.context, policy, replace(RotationOrder(), **wanted))

    def withdraw(self, kid: str) -> Rotation:
        return withdraw_compromised(self.context, policy, kid)

    def states(self) -> list[KeyState]:
        """Of all keys, oldest first."""
        return [key.state for key in list_keys(self.context).keys]

    def keys(self, state: KeyState) -> list[SigningKey]:
        return [key for key in list_keys(self.context).keys if key.state is state]

    def key(self, state: KeyState) -> SigningKey:
        (found,) = self.keys(state)
        return found

    def register(self, name: str, jwks_uri: str = "", **members: object) -> Integration:
        """An active integration at an LMS that grants every token, unless ``members`` differ."""
        token = self.site.url(f"/{name}/token")
        platform = Platform(
            issuer=f"https://{name}.example",
            authorization_endpoint=f"https://{name}.example/auth",
            token_endpoint=token,
            jwks_uri=f"https://{name}.example/jwks",
            audience=token,
            family="moodle",
        )
        integration = Integration(
            id=name,
            organization="acme",
            status=Status.ACTIVE,
            platform=platform,
            client_id="c1",
            created_at=START,
            updated_at=START,
            scopes=Scopes(requested=(SCORE,)),
            answer=json.dumps({"jwks_uri": jwks_uri or self.site.url("/jwks")}),
        )
        integration = replace(integration, **members)
        self.profile.integrations.add(integration)
        self.grants(name)
        return integration

    def grants(self, name: str) -> None:
        self.site.on(f"/{name}/token", Answer.json({"access_token": "x", "scope": SCORE}))

    def refuses(self, name: str) -> None:
        self.site.on(f"/{name}/token", Answer.json({"error": "invalid_client"}, 401))


def operator(folder: Path, site: PlaybackPlatform, settings: str = "") -> Operator:
    """An operator whose profile was just made; ``settings`` are further lines of profile.toml."""
    clock = [START]
    warned: list[str] = []
    context = Context(Profile(folder), now=lambda: clock[0], warn=warned.append)
    context.profile.create(
        f"""schema = 1
[tool]
name = "Example Tool"
url = "https://tool.example.com"
jwks_uri = "{site.url("/jwks")}"
{settings}
"""
    )
    if "external" not in settings:
        add_key(context, context.profile.settings().keys, KeyState.CURRENT)
    clock[0] += span("1s")
    made = Operator(context, site, clock, warned)
    site.on("/jwks", made.serve)
    made.publish()
    return made


def hook_line(argv: Sequence[str]) -> str:
    return f"[hooks]\nafter_change = {json.dumps(list(argv))}"
