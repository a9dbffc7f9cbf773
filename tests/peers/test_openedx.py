"""``add`` and ``verify`` work with Open edX's own LTI consumer and its real token endpoint."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ltictl.lti.keys import generate_key
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.python_peers import PythonPeer, run_peer

API = "/api/lti_consumer/v1"


class Block(NamedTuple):
    """An LTI Consumer block of a running Open edX."""

    base_url: str
    client_id: str
    passport: str


@pytest.fixture(scope="module")
def tool_site() -> Iterator[PlaybackPlatform]:
    """The tool's own site, which serves its key set."""
    with PlaybackPlatform() as site:
        yield site


@pytest.fixture(scope="module")
def block(tool_site: PlaybackPlatform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Block]:
    folder = tmp_path_factory.mktemp("openedx")
    database, facts = folder / "db.sqlite", folder / "facts.json"
    keys = tool_site.url("/tool-keys")
    with PythonPeer("openedx", "openedx_lms.py", str(database), keys, str(facts)) as peer:
        yield Block(peer.base_url, **json.loads(facts.read_text()))


@pytest.fixture
def added(acme: Ltictl, block: Block, tool_site: PlaybackPlatform) -> Ltictl:
    """Recorded by hand, with the addresses that the block shows."""
    file = acme.home.ltictl_home / "profiles" / "default" / "profile.toml"
    line = f'[tool]\njwks_uri = "{tool_site.url("/tool-keys")}"\n'
    file.write_text(file.read_text().replace("[tool]\n", line, 1))
    publish(acme, tool_site)
    done = add(acme, block, block.client_id)
    assert done == "acme-openedx"
    return acme


def publish(cli: Ltictl, site: PlaybackPlatform) -> None:
    site.on("/tool-keys", Answer.text(cli("jwks").stdout, content_type="application/json"))


def add(cli: Ltictl, block: Block, client_id: str) -> str:
    done = cli(
        *("add", "--org", "acme", "--preset", "openedx", "--issuer", block.base_url),
        *("--token-endpoint", f"{block.base_url}{API}/token/{block.passport}"),
        *("--jwks-uri", f"{block.base_url}{API}/public_keysets/{block.passport}"),
        *("--client-id", client_id, "--deployment", "1", "--json"),
    )
    done.assert_success()
    return str(done.data["integrations"][0]["id"])


def assert_verified(cli: Ltictl, identifier: str, code: int) -> dict[str, dict[str, str]]:
    done = cli("verify", identifier, "--allow-private", "--json")
    assert done.code == code, done
    return {each["id"]: each for each in done.data["integrations"][0]["checks"]}


def test_it_gives_tokens(added: Ltictl) -> None:
    checks = assert_verified(added, "acme-openedx", 0)

    results = {name: each["result"] for name, each in checks.items()}
    assert results.pop("lms_activation") == "unknown"
    assert set(results.values()) == {"pass"}, checks
    assert checks["token"]["detail"].startswith("4 services granted")
    assert checks["authorization_endpoint"]["detail"] == "answers (HTTP 400)"
    (found,) = added("show", "acme-openedx", "--json").data["integrations"]
    assert sorted(found["scopes"]["granted"]) == sorted(found["scopes"]["requested"])


def test_a_token_says_nothing_about_the_client_id(added: Ltictl, block: Block) -> None:
    """Its token endpoint looks at the key alone, and ``verify`` says so."""
    checks = assert_verified(added, add(added, block, "another-client"), 0)

    assert checks["token"]["result"] == "pass"
    assert "does not look at the client_id" in checks["token"]["detail"]


def test_a_key_that_is_not_published_is_refused(added: Ltictl, tool_site: PlaybackPlatform) -> None:
    key = generate_key(2048)
    other = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "other", "n": key.n, "e": key.e}
    tool_site.on("/tool-keys", Answer.json({"keys": [other]}))

    checks = assert_verified(added, "acme-openedx", 8)

    assert "invalid_client (HTTP 400)" in checks["token"]["detail"]
    assert "finds no key of the tool" in checks["token"]["detail"]
    assert checks["tool_key_set"]["result"] == "fail"


def test_a_new_key_is_accepted_once_it_is_published(
    added: Ltictl, tool_site: PlaybackPlatform
) -> None:
    """Open edX reads the key set at every request."""
    assert added("rotate-keys", "--json").code == 0
    publish(added, tool_site)
    (key, *_) = added("keys", "list", "--json").data["keys"]

    done = added("rotate-keys", "--compromised", key["kid"], "--yes", "--allow-private", "--json")
    publish(added, tool_site)
    again = added("rotate-keys", "--compromised", key["kid"], "--yes", "--allow-private", "--json")

    assert key["kid"] not in added("jwks").stdout
    assert (done.code, again.code) == (1, 0), (done, again)
    assert assert_verified(added, "acme-openedx", 0)["token"]["result"] == "pass"


def test_it_loads_the_fixture(acme: Ltictl, tmp_path: Path) -> None:
    fixture = tmp_path / "tool.json"
    done = acme("lms-config", "openedx", "--format", "fixture", "--json")
    fixture.write_text(json.dumps(done.data["document"]["entries"]))

    loaded = run_peer("openedx", "openedx_fixture.py", str(tmp_path / "db.sqlite"), str(fixture))

    assert loaded.code == 0, loaded
    found = json.loads(loaded.stdout)
    given = {each["label"]: each["value"] for each in done.data["fields"]}
    assert found["client_id"] == given["--client-id"]
    assert given["--token-endpoint"] == f"ISSUER{API}/token/{found['passport']}"
    assert found["keys"]["keys"]
