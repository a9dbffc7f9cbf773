"""ltictl registers at npm's oidc-provider and gets a token for its own client assertion."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.oidc import OidcProvider
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as running:
        yield running


@pytest.fixture
def profile(ltictl: Ltictl, playback: PlaybackPlatform) -> Path:
    """A tool on hosts that do not exist, but for its key set, which ``playback`` serves."""
    context = Context(Profile(ltictl.home.ltictl_home / "profiles" / "default"))
    initialise(context, name="Example Tool", url="https://tool.example")
    add_organization(context, "acme")
    settings = context.profile.root / "profile.toml"
    uri = f'jwks_uri = "{playback.url("/keys")}"\n'
    settings.write_text(settings.read_text().replace("# initiate", f"{uri}# initiate", 1))
    playback.on("/keys", Answer.json(json.loads(ltictl("jwks").stdout)))
    return context.profile.root


def register(ltictl: Ltictl, provider: OidcProvider, token: str = "") -> Finished:
    given = ("--openid-configuration", provider.configuration_url, "--registration-token-file", "-")
    return ltictl(
        *("register", "--org", "acme", "--yes", "--allow-private", "--json", *given),
        input=token or provider.registration_token,
    )


def documents_with(profile: Path, text: str) -> list[str]:
    paths = [path for path in profile.rglob("*") if path.is_file()]
    return [p.relative_to(profile).as_posix() for p in paths if text.encode() in p.read_bytes()]


def assert_registered(done: Finished) -> dict[str, Any]:
    done.assert_success()
    (found,) = done.data["integrations"]
    assert isinstance(found, dict)
    return found


def test_it_registers_and_gets_a_token(
    ltictl: Ltictl, provider: OidcProvider, profile: Path
) -> None:
    found = assert_registered(register(ltictl, provider))

    assert (found["status"], found["platform"]["issuer"]) == ("pending", provider.base_url)
    assert found["registration"]["updatable"] == "configuration-endpoint"
    verified = ltictl("verify", found["id"], "--allow-private", "--json")
    assert verified.code == 0, verified
    (checked,) = verified.data["integrations"]
    assert {each["id"]: each["result"] for each in checked["checks"]}["token"] == "pass"
    (after,) = ltictl("show", found["id"], "--json").data["integrations"]
    assert sorted(after["scopes"]["granted"]) == sorted(after["scopes"]["requested"])
    assert profile.exists()


def test_the_access_token_is_among_the_secrets_only(
    ltictl: Ltictl, provider: OidcProvider, profile: Path
) -> None:
    done = register(ltictl, provider)
    identifier = assert_registered(done)["id"]

    secret = Context(Profile(profile)).profile.secrets.get(identifier, "registration_access_token")

    assert len(secret) > 20
    assert documents_with(profile, secret) == [f"secrets/{identifier}.toml"]
    assert documents_with(profile, provider.registration_token) == []
    shown = done.stdout + done.stderr + ltictl("show", identifier, "--json").stdout
    assert secret not in shown


def test_a_wrong_token_is_refused_in_its_words(
    ltictl: Ltictl, provider: OidcProvider, profile: Path
) -> None:
    done = register(ltictl, provider, token="wrong")

    assert (done.code, done.error["code"]) == (3, "platform_refused")
    assert "invalid_token" in done.error["message"]
    assert not list((profile / "attempts").glob("*.attempt"))


def test_what_it_does_not_accept_is_named(
    ltictl: Ltictl, provider: OidcProvider, profile: Path
) -> None:
    settings = profile / "profile.toml"
    text = settings.read_text().replace("# logo_uri", 'redirect_uris = ["http://t.example/x"]\n#')
    settings.write_text(text)

    done = register(ltictl, provider)

    assert (done.code, done.error["code"]) == (3, "platform_refused")
    assert "redirect_uris" in done.error["message"]


def test_without_the_right_key_published_verify_names_the_fault(
    ltictl: Ltictl, provider: OidcProvider, profile: Path, playback: PlaybackPlatform
) -> None:
    found = assert_registered(register(ltictl, provider))
    playback.on("/keys", Answer.json({"keys": []}))

    done = ltictl("verify", found["id"], "--allow-private", "--json")

    assert done.code == 8
    results = {c["id"]: c["result"] for c in done.data["integrations"][0]["checks"]}
    assert (results["platform_key_set"], results["tool_key_set"]) == ("pass", "fail")
    shutil.rmtree(profile)
