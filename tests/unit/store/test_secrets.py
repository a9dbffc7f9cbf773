"""Secrets of a profile in a folder: kept, added to, kept once, damaged and removed."""

from pathlib import Path

import pytest

from ltictl.errors import UnreadableError
from ltictl.store.profile import Profile
from ltictl.store.secrets import Secrets

ID = "acme-moodle"


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Profile(tmp_path).secrets


def test_a_later_secret_replaces_an_earlier_one(secrets: Secrets) -> None:
    assert secrets.get(ID, "token") == ""
    for value in ("one", "two"):
        secrets.keep(ID, {"token": value})

    assert secrets.get(ID, "token") == "two"


def test_another_member_leaves_the_first_in_place(secrets: Secrets) -> None:
    secrets.keep(ID, {"token": "one"})
    secrets.keep(ID, {"key": "two"})

    assert (secrets.get(ID, "token"), secrets.get(ID, "key")) == ("one", "two")
    assert secrets.has(ID, "token")
    assert not secrets.has(ID, "other")


def test_the_first_of_two_writers_counts(secrets: Secrets) -> None:
    secrets.keep_first(ID, {"token": "one"})
    secrets.keep_first(ID, {"token": "two"})

    assert secrets.get(ID, "token") == "one"


def test_a_secret_that_is_no_text_counts_as_missing(tmp_path: Path, secrets: Secrets) -> None:
    secrets.keep(ID, {"key": "one"})
    file = tmp_path / "secrets" / f"{ID}.toml"
    file.write_text(f"{file.read_text()}token = 7\n")

    assert secrets.get(ID, "token") == ""


def test_a_damaged_document_is_named_and_hides_no_other(tmp_path: Path, secrets: Secrets) -> None:
    secrets.keep(ID, {"token": "one"})
    (tmp_path / "secrets" / "broken.toml").write_text('token = "canary')

    [error] = secrets.damaged()

    assert "broken.toml" in error.message
    assert "canary" not in f"{error.message} {error.why} {error.fix}"
    assert secrets.get(ID, "token") == "one"
    with pytest.raises(UnreadableError):
        secrets.get("broken", "token")


def test_removed_secrets_lie_below_removed(tmp_path: Path, secrets: Secrets) -> None:
    secrets.keep(ID, {"token": "one"})

    for _ in range(2):  # the second time there is nothing left
        secrets.remove(ID)

    assert not secrets.has(ID, "token")
    assert len(list((tmp_path / "removed" / "secrets").glob(f"{ID}.*.toml"))) == 1
