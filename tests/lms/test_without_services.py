"""ltictl adds, verifies and exports an LMS without services (WordPress), and no command fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from ltictl.operations.context import Context
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.foreign import answer
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

AUTHORIZATION = "/?lti-platform&auth"
KEYS = "/?lti-platform&keys"


def added(cli: Ltictl, issuer: str, *options: str) -> Finished:
    return cli(
        *("add", "--org", "acme", "--client-id", "probe-tool", "--deployment", "1", "--json"),
        *("--issuer", issuer, *options),
    )


def context(cli: Ltictl) -> Context:
    return Context(Profile(cli.home.ltictl_home / "profiles" / "default"))


SITE = "https://wordpress.example"
WAYS: dict[str, tuple[str, ...]] = {
    "the preset": ("--preset", "wordpress"),
    "its addresses": (
        *("--authorization-endpoint", SITE + AUTHORIZATION),
        *("--jwks-uri", SITE + KEYS),
    ),
    "any other LMS": (
        *("--authorization-endpoint", f"{SITE}/auth", "--jwks-uri", f"{SITE}/keys"),
        "--no-services",
    ),
    "an address of one's own": (
        *("--preset", "wordpress", "--authorization-endpoint", "https://tool.example.com/to-wp"),
    ),
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_it_is_added_without_a_token_endpoint(acme: Ltictl, options: tuple[str, ...]) -> None:
    done = added(acme, SITE, *options)

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert found["scopes"]["requested"] == []
    stored = context(acme).profile.integrations.get(found["id"])
    assert (stored.platform.token_endpoint, stored.platform.audience) == ("", "")
    assert (found["id"] == "acme-wordpress") is ("--no-services" not in options)
    queried = any("has a query" in each for each in done.json["warnings"])
    assert queried is (options in {WAYS["the preset"], WAYS["its addresses"]})
    shown = acme("show", found["id"])
    assert "token endpoint  none: the LMS has no services" in shown.stdout


def test_a_forgotten_token_endpoint_is_asked_for(acme: Ltictl) -> None:
    done = added(acme, SITE, "--authorization-endpoint", f"{SITE}/auth", "--jwks-uri", f"{SITE}/k")

    assert (done.code, done.error["code"]) == (2, "options_missing")
    assert "--token-endpoint" in done.error["message"]
    assert "--no-services" in done.error["fix"]


def test_what_lms_config_prints_can_be_pasted(acme: Ltictl) -> None:
    form = acme("lms-config", "wordpress")

    assert form.code == 0
    assert "Initiate Login URL" in form.stdout
    (command,) = [line for line in form.stderr.splitlines() if line.startswith("Record it: ")]
    assert "--token-endpoint" not in command
    words = command.removeprefix("Record it: ltictl ").replace("SLUG", "acme").split()
    assert acme(*[word.replace("ISSUER", SITE) for word in words]).code == 0


@pytest.fixture
def wordpress(acme: Ltictl, playback: PlaybackPlatform) -> dict[str, Any]:
    """Recorded at the playing platform, whose answers are WordPress's."""
    playback.on("/", answer("wordpress", "jwks-200"))
    site = playback.base_url
    done = added(
        acme,
        site,
        *("--authorization-endpoint", site + AUTHORIZATION, "--jwks-uri", site + KEYS),
        "--no-services",
    )
    assert done.code == 0, done
    return dict(done.data["integrations"][0])


def serve_own_keys(cli: Ltictl, playback: PlaybackPlatform) -> None:
    file = cli.home.ltictl_home / "profiles" / "default" / "profile.toml"
    line = f'[tool]\njwks_uri = "{playback.url("/tool-keys")}"\n'
    file.write_text(file.read_text().replace("[tool]\n", line, 1))
    playback.on("/tool-keys", lambda _: Answer.text(cli("jwks").stdout))


@pytest.mark.usefixtures("wordpress")
def test_it_is_well_and_nobody_is_nagged(acme: Ltictl, playback: PlaybackPlatform) -> None:
    serve_own_keys(acme, playback)
    assert acme("activate", "acme-wordpress").code == 0

    verified = acme("verify", "acme-wordpress", "--allow-private", "--json")
    listed = acme("list", "--needs-attention", "--json")
    examined = acme("doctor", "--offline", "--json")

    assert verified.code == 0, verified
    (found,) = verified.data["integrations"]
    results = {each["id"]: (each["result"], each["detail"]) for each in found["checks"]}
    assert results["token"] == ("pass", "the LMS has no services, so there is no token to ask for")
    assert results["platform_key_set"][0] == "pass"
    assert playback.requests
    assert not [each for each in playback.requests if each.method == "POST"]
    assert listed.data["attention"] == []
    assert examined.code == 0, examined


@pytest.mark.usefixtures("wordpress")
def test_it_is_in_no_keys_way(acme: Ltictl, playback: PlaybackPlatform) -> None:
    """All others can be proved, so the rotation goes on, and a withdrawal is complete."""
    serve_own_keys(acme, playback)
    playback.on("token", Answer.json({"access_token": "x" * 32, "token_type": "Bearer"}))
    made = acme(
        *("add", "--org", "acme", "--client-id", "c-1", "--deployment", "2", "--json"),
        *("--issuer", playback.base_url, "--token-endpoint", playback.url("token")),
        *("--authorization-endpoint", playback.url("authorization")),
        *("--jwks-uri", playback.url("jwks")),
    )
    assert made.code == 0, made
    assert acme("activate", "acme-wordpress", made.data["integrations"][0]["id"]).code == 0
    (key,) = acme("keys", "list", "--json").data["keys"]

    done = acme("rotate-keys", "--compromised", key["kid"], "--yes", "--allow-private", "--json")

    assert done.code == 0, done
    states = {each["kid"]: each["state"] for each in done.data["keys"]}
    assert states[key["kid"]] == "retired"
    assert any("acme-wordpress: no services" in each for each in done.json["warnings"])
    assert len(playback.requests_to("token")) > 0


@pytest.mark.parametrize("form", ["pylti1p3", "django-lti", "json"])
@pytest.mark.usefixtures("wordpress")
def test_it_comes_back_from_an_export_as_it_was(
    acme: Ltictl, tmp_path: Path, form: str, playback: PlaybackPlatform
) -> None:
    before = context(acme).profile.integrations.get("acme-wordpress").platform
    file = tmp_path / "lti.json"
    exported = acme("export", form, "--all", "--output", str(file), "--json")
    assert exported.code == 0, exported
    queried = any(AUTHORIZATION in each for each in exported.json["warnings"])
    assert queried is (form != "json")
    assert acme("remove", "acme-wordpress", "--yes").code == 0

    done = acme("import", form, str(file), "--org", "acme", "--json")

    assert done.code == 0, done
    (found,) = done.data["added"]
    after = context(acme).profile.integrations.get(found).platform
    addresses = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "audience")
    assert [getattr(after, each) for each in addresses] == [
        getattr(before, each) for each in addresses
    ]
    assert (found, after.family) == ("acme-wordpress", "wordpress")
    assert json.dumps(playback.base_url)[1:-1] in file.read_text()


APPLIED = """
[[integrations]]
organization = "acme"
issuer = "https://wordpress.example"
client_id = "probe-tool"
authorization_endpoint = "https://wordpress.example/?lti-platform&auth"
token_endpoint = ""
jwks_uri = "https://wordpress.example/?lti-platform&keys"
"""


def test_it_can_be_applied(acme: Ltictl, tmp_path: Path) -> None:
    file = tmp_path / "wanted.toml"
    file.write_text(APPLIED)

    done = acme("apply", str(file), "--yes", "--json")
    again = acme("apply", str(file), "--yes", "--detailed-exitcode", "--json")

    assert (done.code, again.code) == (0, 0), (done, again)
    stored = context(acme).profile.integrations.get("acme-wordpress")
    assert (stored.platform.token_endpoint, stored.scopes.requested) == ("", ())
