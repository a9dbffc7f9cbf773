"""``update`` and ``remove --at-lms`` at npm's oidc-provider, whose tokens work once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.store.profile import Profile
from tests.support.cli import Ltictl
from tests.support.oidc import OidcProvider
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished
from tests.support.schemas import assert_schema, data_schema

from .test_registration_with_oidc_provider import (
    assert_registered,
    documents_with,
    profile,
    register,
)

__all__ = ["profile"]  # a fixture


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as running:
        yield running


@pytest.fixture
def integration(ltictl: Ltictl, provider: OidcProvider, profile: Path) -> str:
    assert profile.exists()
    return str(assert_registered(register(ltictl, provider))["id"])


def token_of(profile: Path, identifier: str) -> str:
    return Context(Profile(profile)).profile.secrets.get(identifier, "registration_access_token")


def rename(profile: Path, name: str) -> None:
    path = profile / "profile.toml"
    path.write_text(path.read_text().replace('name = "Example Tool"', f'name = "{name}"'))


def update(ltictl: Ltictl, identifier: str, *args: str) -> Finished:
    return ltictl("update", identifier, "--allow-private", "--json", *args)


def test_a_dry_run_shows_the_difference_and_changes_nothing(
    ltictl: Ltictl, profile: Path, integration: str
) -> None:
    rename(profile, "Renamed Tool")
    first = token_of(profile, integration)

    done = update(ltictl, integration, "--dry-run")

    assert done.code == 0, done
    assert_schema(done.data, data_schema("update"))
    assert {each["member"]: (each["now"], each["wanted"]) for each in done.data["changes"]}[
        "client_name"
    ] == ("Example Tool", "Renamed Tool")
    assert done.data["integrations"][0]["id"] == integration
    assert first not in done.stdout + done.stderr
    assert update(ltictl, integration, "--dry-run").data["changes"] == done.data["changes"]


def test_it_is_changed_again_and_again_with_tokens_that_serve_once(
    ltictl: Ltictl, profile: Path, integration: str
) -> None:
    tokens = {token_of(profile, integration)}
    for name in ("Second", "Third", "Fourth"):
        path = profile / "profile.toml"
        plain = path.read_text()
        rename(profile, name)
        done = update(ltictl, integration, "--yes")
        assert done.code == 0, done
        fresh = token_of(profile, integration)
        assert documents_with(profile, fresh) == [f"secrets/{integration}.toml"]
        assert fresh not in done.stdout + done.stderr
        answer = json.loads(Context(Profile(profile)).profile.integrations.get(integration).answer)
        assert answer["client_name"] == name
        tokens.add(token_of(profile, integration))
        path.write_text(plain)

    assert len(tokens) == 4
    assert update(ltictl, integration, "--dry-run").data["changes"] != []


def test_without_a_difference_nothing_is_sent(
    ltictl: Ltictl, integration: str, profile: Path
) -> None:
    before = (profile / "integrations" / f"{integration}.toml").read_bytes()

    done = update(ltictl, integration, "--yes")

    assert (done.code, done.data["changes"]) == (0, [])
    assert (profile / "integrations" / f"{integration}.toml").read_bytes() == before


def test_a_setting_that_was_taken_back_goes_there_too(
    ltictl: Ltictl, profile: Path, integration: str
) -> None:
    path = profile / "profile.toml"
    plain = path.read_text()
    path.write_text(plain.replace("[tool]\n", '[tool]\ncontacts = ["a@tool.example"]\n', 1))
    assert update(ltictl, integration, "--yes").code == 0
    path.write_text(plain)

    done = update(ltictl, integration, "--yes")

    assert [each["member"] for each in done.data["changes"]] == ["contacts"]
    assert update(ltictl, integration, "--dry-run").data["changes"] == []


def test_a_refused_update_is_shown_and_nothing_is_stored(
    ltictl: Ltictl, profile: Path, integration: str
) -> None:
    path = profile / "profile.toml"
    uris = 'redirect_uris = ["http://t.example/x"]'
    path.write_text(path.read_text().replace("[tool]\n", f"[tool]\n{uris}\n", 1))
    before = (profile / "integrations" / f"{integration}.toml").read_bytes()

    done = update(ltictl, integration, "--yes")

    assert (done.code, done.error["code"]) == (3, "change_refused")
    assert "redirect_uris" in done.error["message"]
    assert (profile / "integrations" / f"{integration}.toml").read_bytes() == before


def test_it_still_gets_tokens_after_a_change(
    ltictl: Ltictl, profile: Path, integration: str, playback: PlaybackPlatform
) -> None:
    rename(profile, "Another")
    assert update(ltictl, integration, "--yes").code == 0

    done = ltictl("verify", integration, "--allow-private", "--json")

    assert done.code == 0, done
    assert playback.requests_to("/keys")


def test_the_lms_deletes_it_and_then_it_is_forgotten_here(
    ltictl: Ltictl, profile: Path, integration: str
) -> None:
    asked = ltictl("remove", integration, "--at-lms", "--allow-private", "--json")
    assert (asked.code, asked.error["code"]) == (2, "consent_needed")
    copy = (profile / "secrets" / f"{integration}.toml").read_bytes()
    document = (profile / "integrations" / f"{integration}.toml").read_bytes()

    done = ltictl("remove", integration, "--at-lms", "--yes", "--allow-private", "--json")

    assert done.code == 0, done
    assert not (profile / "integrations" / f"{integration}.toml").exists()
    assert not (profile / "secrets" / f"{integration}.toml").exists()
    # A person put it back by hand: the LMS really has no such client any more.
    (profile / "secrets" / f"{integration}.toml").write_bytes(copy)
    (profile / "integrations" / f"{integration}.toml").write_bytes(document)
    gone = update(ltictl, integration, "--dry-run")
    assert (gone.code, gone.error["code"]) == (3, "change_refused")
    assert "deleted in the LMS" in gone.error["why"]
