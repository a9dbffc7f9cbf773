"""A profile at home, an embedded LMS, and the tool registered there without a browser."""

import json
from urllib.parse import parse_qs, urlsplit

from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.operations.signing import published_keys
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform


def profile_for_acme(home: Home, playback: PlaybackPlatform) -> Context:
    """The profile that ``ltictl`` uses by default in this home; its key set is served."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True)
    context = Context(Profile(folder))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    add_organization(context, "acme", "Acme School")
    playback.on("/keys", Answer.json(json.loads(json.dumps(published_keys(context)[0]))))
    path = folder / "profile.toml"
    keys = playback.url("/keys")
    path.write_text(path.read_text().replace("[tool]\n", f'[tool]\njwks_uri = "{keys}"\n', 1))
    return context


def register(ltictl: Ltictl, sandbox: Sandbox) -> None:
    """Register without a browser; a program plays the administrator's click."""
    address = sandbox.lms.start_registration("https://tool.invalid/register?t=1")
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    token = given.get("registration_token", "")
    done = ltictl(
        *("register", "--org", "acme", "--openid-configuration", given["openid_configuration"]),
        *(("--registration-token-file", "-") if token else ()),
        *("--yes", "--allow-private"),
        input=token,
    )
    done.assert_success()


def administrator(sandbox: Sandbox) -> Administrator:
    """The people with tokens for the LMS."""
    found = sandbox.lms.administration
    assert found is not None
    return found
