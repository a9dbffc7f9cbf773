"""The real ltictl with a clock of its own, a published key set, and LMSs to register with."""

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.operations.checks.verify import verify
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.keys.rotation import list_keys
from ltictl.operations.organizations import add_organization
from ltictl.operations.signing import published_keys
from ltictl.operations.switch import activate
from ltictl.store.profile import Profile
from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl
from tests.support.oidc import OidcProvider
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished
from tests.support.time_machine import TimeMachine

PUBLISH = [sys.executable, "-m", "ltictl", "jwks", "--quiet", "--output"]


@dataclass
class School:
    """One profile of the real program.

    Attributes:
        served: the file that the hook writes and that the site serves.
        headers: sent with it.
    """

    ltictl: Ltictl
    site: PlaybackPlatform
    machine: TimeMachine
    served: Path
    headers: dict[str, str] = field(default_factory=dict)

    def run(self, *args: str, **how: Any) -> Finished:
        env = {**self.machine.env, "LTICTL_ALLOW_PRIVATE": "1"}
        return self.ltictl(*args, env={**env, **how.pop("env", {})}, **how)

    def init(self, *, hook: bool = True, settings: str = "") -> None:
        """A profile whose key set is published by its hook, or by ``publish``."""
        initialise(self.context, name="Example Tool", url="https://tool.example.com")
        command = f"[hooks]\nafter_change = {json.dumps([*PUBLISH, str(self.served)])}\n"
        self.settings.write_text(
            "schema = 1\n[tool]\nname = 'Example Tool'\nurl = 'https://tool.example.com'\n"
            f"jwks_uri = '{self.site.url('/jwks')}'\n{settings}\n{command if hook else ''}",
            "utf-8",
        )
        self.publish()
        self.site.on("/jwks", self._serve)
        add_organization(self.context, "acme", "Acme School")

    @property
    def context(self) -> Context:
        """The profile for a look from this process, whose clock is the real one."""
        return Context(Profile(self.ltictl.home.ltictl_home / "profiles" / "default"))

    @property
    def settings(self) -> Path:
        return self.context.profile.root / "profile.toml"

    @property
    def keys_folder(self) -> Path:
        return self.settings.parent / "keys"

    def publish(self) -> None:
        self.served.write_text(json.dumps(published_keys(self.context)[0]), "utf-8")

    def rotate(self, *args: str) -> Finished:
        done = self.run("rotate-keys", "--json", *args)
        done.assert_success()
        return done

    def states(self) -> list[str]:
        return [key.state.value for key in list_keys(self.context).keys]

    def kid(self, state: str) -> str:
        (found,) = [key.kid for key in list_keys(self.context).keys if key.state == state]
        return found

    def register_at(self, address: str, token: str) -> str:
        """Register and activate; returns the integration's id."""
        given = ("--org", "acme", "--openid-configuration", address, "--json", "--yes")
        done = self.run("register", *given, "--registration-token-file", "-", input=token)
        done.assert_success()
        identifier = str(done.data["integrations"][0]["id"])
        activate(self.context, [identifier])
        return identifier

    def register_at_sandbox(self, link: str) -> str:
        """As ``register_at``, with what the embedded LMS puts into the URL that it opens."""
        parameters = parse_qs(urlsplit(link).query)
        (address,), (token,) = parameters["openid_configuration"], parameters["registration_token"]
        return self.register_at(address, token)

    def register_at_provider(self, provider: OidcProvider) -> str:
        return self.register_at(provider.configuration_url, provider.registration_token)

    def token_check(self, identifier: str) -> str:
        """Result of the check of ``verify`` that asks for a token."""
        context = replace(self.context, now=self._now)
        (found,) = verify(context, GuardPolicy(allow_private=True), [identifier])
        return next(check.result.value for check in found.checks if check.id == "token")

    def _now(self) -> datetime:
        return datetime.fromtimestamp(int(self.machine.now()), UTC)

    def _serve(self, _: ReceivedRequest) -> Answer:
        return Answer(200, self.headers, self.served.read_bytes())
