"""A change that another machine made meanwhile counts, however much a machine remembers.

A run remembers objects and listings, the passphrase in use and the store's description. The
computer remembers documents, and the description for a minute. Each has its test here.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.store.bucket.sealing import Sealer
from ltictl.store.bucket.standing import LEASE
from ltictl.store.folder import ConflictError
from ltictl.store.places import reseal_secrets
from ltictl.store.profile import Profile
from tests.stores.conftest import PASSPHRASE, Members, TeamMember
from tests.stores.opening import opened, profile_at
from tests.support.object_stores import ObjectStore, objects_of
from tests.support.processes import Finished

ID = "acme-lms"
ADD = (
    *("add", "--org", "acme", "--client-id", "c1", "--issuer", "https://lms.invalid"),
    *("--authorization-endpoint", "https://lms.invalid/auth"),
    *("--token-endpoint", "https://lms.invalid/token", "--jwks-uri", "https://lms.invalid/jwks"),
)


@pytest.fixture
def both(s3_team: Members) -> tuple[TeamMember, TeamMember]:
    """A machine that has noted an integration, and another one."""
    one, other = s3_team(), s3_team()
    one(*ADD).assert_success()
    one("show", ID).assert_success()
    return one, other


def stored(member: TeamMember) -> dict[str, object]:
    (found,) = member("show", ID, "--json").data["integrations"]
    assert isinstance(found, dict)
    return found


def whole_log(member: TeamMember) -> Finished:
    done = member("log", "--check")
    done.assert_success()
    return done


def test_a_change_of_a_noted_document_keeps_what_another_machine_changed(
    both: tuple[TeamMember, TeamMember],
) -> None:
    one, other = both
    other("deployment", "add", ID, "d1").assert_success()

    assert one("activate", ID, "--json").data["changed"] == [ID]

    now = stored(other)
    assert now["status"] == "active"
    assert "d1" in json.dumps(now["deployments"])
    whole_log(other)


def test_what_another_machine_did_already_is_no_change(
    both: tuple[TeamMember, TeamMember],
) -> None:
    one, other = both
    other("activate", ID).assert_success()

    assert one("activate", ID, "--json").data["changed"] == []

    whole_log(other)


def test_a_noted_state_that_another_machine_undid_is_made_again(
    both: tuple[TeamMember, TeamMember],
) -> None:
    one, other = both
    one("activate", ID).assert_success()
    other("deactivate", ID, "--yes").assert_success()

    assert one("activate", ID, "--json").data["changed"] == [ID]
    assert stored(other)["status"] == "active"


def test_a_noted_document_that_another_machine_removed_stays_removed(
    both: tuple[TeamMember, TeamMember],
) -> None:
    one, other = both
    other("remove", ID, "--yes").assert_success()

    assert one("activate", ID, "--json").error["code"] == "no_such_integration"

    assert other("list", "--json").data["integrations"] == []
    whole_log(other)


def test_an_error_of_a_noted_document_is_no_error_of_the_present_one(
    both: tuple[TeamMember, TeamMember],
) -> None:
    one, other = both
    other("deployment", "add", ID, "d1").assert_success()

    one("deployment", "remove", ID, "d1", "--yes").assert_success()

    assert stored(other)["deployments"] == []


def test_a_list_shows_what_others_added_changed_removed_and_restored(
    both: tuple[TeamMember, TeamMember],
) -> None:
    one, other = both

    def status() -> list[object]:
        return [each["status"] for each in one("list", "--json").data["integrations"]]

    assert status() == ["pending"]
    other("activate", ID).assert_success()
    assert status() == ["active"]
    other("remove", ID, "--yes").assert_success()
    assert status() == []
    other("restore", ID, "--yes").assert_success()
    assert len(status()) == 1


def test_a_creation_where_this_run_saw_nothing_or_a_removed_document_overwrites_nothing(
    s3: ObjectStore,
) -> None:
    one, other = opened(s3), opened(s3)
    one.create("organizations/gone", {"name": "Former"})
    one.clear("organizations/gone", one.read("organizations/gone")[1])
    one.look_again()
    assert one.list("organizations") == []
    assert not one.exists("organizations/new")
    for name in ("gone", "new"):
        other.create(f"organizations/{name}", {"name": "Other's"})
        with pytest.raises(ConflictError):
            one.create(f"organizations/{name}", {"name": "Mine"})
        assert opened(s3).read(f"organizations/{name}")[0]["name"] == "Other's"


def test_a_removal_of_what_another_machine_changed_is_refused(s3: ObjectStore) -> None:
    one, other = opened(s3), opened(s3)
    one.create("organizations/acme", {"name": "Acme"})
    _, seen = one.read("organizations/acme")
    other.change("organizations/acme", lambda found: {**found, "name": "Renamed"})

    for remove in (one.delete, one.clear):
        with pytest.raises(ConflictError):
            remove("organizations/acme", seen)

    assert opened(s3).read("organizations/acme")[0]["name"] == "Renamed"


def age(home: Path, seconds: float) -> None:
    """Let a machine's note of the store's description grow older."""
    (file,) = home.rglob("standing.json")
    note = json.loads(file.read_bytes())
    file.write_text(json.dumps({**note, "seen": time.time() - seconds}))


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ((b'moved_to = ""', b'moved_to = "s3://elsewhere/prod"'), "store_moved"),
        ((b"layout = 1", b"layout = 2"), "newer_layout"),
    ],
)
def test_the_description_of_a_store_is_believed_for_a_minute(
    both: tuple[TeamMember, TeamMember], edit: tuple[bytes, bytes], code: str
) -> None:
    one, _ = both
    objects = objects_of(one.store)
    data, tag = objects.get("store.toml")
    if edit[0] not in data:
        data += b'moved_to = ""\n'
    objects.put("store.toml", data.replace(*edit), tag)
    # A move waits for longer than that before it copies.
    one("activate", ID).assert_success()

    age(one.home.path, LEASE + 1)

    done = one("deactivate", ID, "--yes", "--json")
    assert done.error["code"] == code
    assert stored(one)["status"] == "active"


@contextmanager
def run_of(store: ObjectStore, folder: Path, passphrase: str) -> Iterator[Profile]:
    with profile_at(store, folder / os.urandom(4).hex(), passphrase) as profile:
        yield profile


def sealer_of(profile: Profile) -> Sealer:
    assert profile.shared is not None
    return profile.shared.sealer


def test_a_secret_that_a_run_seals_while_another_reseals_is_lost_to_nobody(
    s3: ObjectStore, tmp_path: Path
) -> None:
    with (
        run_of(s3, tmp_path, PASSPHRASE) as slow,
        run_of(s3, tmp_path, PASSPHRASE) as resealing,
        run_of(s3, tmp_path, "new-pass") as later,
    ):
        slow.secrets.keep("first", {"token": "A"})

        def meanwhile() -> None:
            slow.secrets.keep("second", {"token": "B"})  # by the passphrase that it saw before

        assert reseal_secrets(resealing, b"new-pass", meanwhile) == 2

        assert [later.secrets.get(each, "token") for each in ("first", "second")] == ["A", "B"]
        # Once that time is over, the former passphrase seals nothing any more.
        slow.look_again()
        with pytest.raises(LtictlError) as refused:
            slow.secrets.keep("third", {"token": "C"})
        assert refused.value.code == "wrong_passphrase"
        assert not later.secrets.has("third", "token")
