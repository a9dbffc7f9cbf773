"""The warnings about a published key set, and the limits where another program holds the keys."""

from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from ltictl.model.profile import KeyManager
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.doctor import examine
from ltictl.operations.checks.verify import verify
from ltictl.operations.context import Context
from ltictl.operations.keys.publication import address_warnings, addresses, known_address
from ltictl.operations.signing import published_keys
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.key_operator import Operator, operator, policy
from tests.support.playback import PlaybackPlatform
from tests.support.proxies import free_port

from .test_rfc_vectors import VECTORS


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://tool.example.com/jwks", []),
        ("https://tool.example.com:443/jwks", []),
        ("http://tool.example.com/jwks", []),
        ("https://tool.example.com:8443/jwks", ["port 8443"]),
        ("http://localhost/jwks", ["on this computer"]),
        ("http://tool.localhost/jwks", ["on this computer"]),
        ("http://127.0.0.1:8000/jwks", ["on this computer", "port 8000"]),
        ("http://127.9.9.9/jwks", ["on this computer"]),
        ("http://[::1]/jwks", ["on this computer"]),
        ("https://10.0.0.1/jwks", []),
    ],
)
def test_addresses_that_not_every_lms_can_use(url: str, words: list[str]) -> None:
    found = address_warnings(url)

    assert len(found) == len(words)
    assert all(each in warning for each, warning in zip(words, found, strict=True))


def test_every_registered_address_is_read_once(owner: Operator) -> None:
    own = owner.site.url("/jwks")
    owner.register("acme-moodle")
    owner.register("beta-moodle")
    owner.register("old-moodle", jwks_uri="https://old.example/jwks")
    owner.register("hand-made", answer="")
    owner.register("odd-moodle", answer="[not json")

    found = addresses(owner.context)

    assert sorted(found[own]) == ["acme-moodle", "beta-moodle", "hand-made", "odd-moodle"]
    assert found["https://old.example/jwks"] == ("old-moodle",)
    assert len(found) == 2
    assert known_address(owner.profile.integrations.get("odd-moodle")) == ""


def test_an_address_per_integration(tmp_path: Path, playback: PlaybackPlatform) -> None:
    owner = operator(tmp_path / "profile", playback)
    settings = owner.profile.root / "profile.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("/jwks", "/{integration}/jwks"), "utf-8")
    assert list(addresses(owner.context)) == [owner.site.url("/rotate-keys/jwks")]

    owner.register("acme-moodle", answer="")

    assert list(addresses(owner.context)) == [owner.site.url("/acme-moodle/jwks")]


def test_external_keys_leave_the_token_unknown(tmp_path: Path, playback: PlaybackPlatform) -> None:
    owner = operator(tmp_path / "profile", playback, '[keys]\nmanaged_by = "external"')
    assert owner.profile.settings().keys.managed_by is KeyManager.EXTERNAL
    owner.register("acme-moodle")
    theirs = VECTORS["rfc7517-a1"] | {"use": "sig"}
    owner.site.on("/jwks", Answer.json({"keys": [theirs]}))

    (found,) = verify(owner.context, policy(), ["acme-moodle"])

    results = {check.id: check.result for check in found.checks}
    assert results["tool_key_set"] is Verdict.PASS
    assert results["token"] is Verdict.UNKNOWN
    assert owner.site.requests_to("/acme-moodle/token") == []


def test_a_file_without_a_key_is_never_published(tmp_path: Path, ltictl: Ltictl) -> None:
    profile, file = str(tmp_path / "p"), tmp_path / "jwks.json"
    init = ("init", "--name", "T", "--url", "http://127.0.0.1:9")
    assert ltictl(*init, profile=profile).code == 0
    written = ltictl("jwks", "--output", str(file), "--json", profile=profile)
    assert len(written.json["warnings"]) == 2, "on this computer, and on port 9"
    before = file.read_bytes()
    (document,) = (tmp_path / "p" / "keys").glob("*.toml")
    document.write_text("state =", "utf-8")

    done = ltictl("jwks", "--output", str(file), "--json", profile=profile)

    assert (done.code, done.error["code"]) == (9, "no_published_key")
    assert document.stem in done.error["why"]
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


def test_register_serves_the_set_as_it_is_at_that_moment(tmp_path: Path, ltictl: Ltictl) -> None:
    """So that a proxy can lead there while the tool has no web server yet."""
    profile = tmp_path / "p"
    assert ltictl("init", "--name", "T", "--url", "https://t.example", profile=profile).code == 0
    assert ltictl("org", "add", "acme", profile=profile).code == 0
    given = ("--org", "acme", "--port", str(free_port()), "--json")
    running = ltictl.start("register", *given, profile=profile)
    url = str(running.next_event("listening")["url"])

    def served() -> object:
        return httpx.get(urljoin(url, "/jwks.json"), trust_env=False).json()

    assert served() == ltictl("jwks", profile=profile).json
    assert ltictl("rotate-keys", profile=profile).code == 0
    assert served() == ltictl("jwks", profile=profile).json
    assert len(served()["keys"]) == 2  # type: ignore[index]


def test_external_keys_are_not_published_from_here(tmp_path: Path, ltictl: Ltictl) -> None:
    profile = tmp_path / "p"
    assert ltictl("init", "--name", "T", "--url", "https://t.example", profile=profile).code == 0
    before = {path.name: path.read_bytes() for path in (profile / "keys").iterdir()}
    text = (profile / "profile.toml").read_text("utf-8")
    external = text.replace('# managed_by = "ltictl"', 'managed_by = "external"')
    (profile / "profile.toml").write_text(external, "utf-8")
    compromised = ("rotate-keys", "--compromised", "x", "--yes")
    for args in (("jwks",), ("rotate-keys",), compromised, ("keys", "import", "-")):
        done = ltictl(*args, "--json", profile=profile)
        assert (done.code, done.error["code"]) == (1, "keys_held_elsewhere"), args
    listed = ltictl("keys", "list", "--json", profile=profile)
    assert (listed.data["next_run"], "external" in listed.json["warnings"][0]) == (None, True)
    assert {path.name: path.read_bytes() for path in (profile / "keys").iterdir()} == before
    assert published_keys(Context(Profile(profile))) == ({"keys": []}, ())


def test_doctor_names_lmss_with_another_address(owner: Operator) -> None:
    owner.register("acme-moodle")
    old = owner.register("old-moodle", jwks_uri="https://old.example/jwks")

    def judged() -> Check:
        found = examine(owner.context, policy(), offline=True)
        return next(each for each in found if each.id == "told_jwks_uri")

    assert judged().result is Verdict.WARN
    assert "https://old.example/jwks" in judged().detail
    assert old.id in judged().detail
    assert "acme-moodle" not in judged().detail
    owner.profile.integrations.remove(old.id)
    assert judged().result is Verdict.PASS
