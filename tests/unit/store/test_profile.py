"""A profile returns every kind of document, names its lock's holder, and protects keys."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.errors import LockedError, LtictlError, NotFoundError, UnreadableError
from ltictl.model.integration import Scopes
from ltictl.model.profile import KeyManager
from ltictl.model.record import replace
from ltictl.store.folder import Folder
from ltictl.store.profile import Profile
from ltictl.store.settings import new_profile_text, settings_of
from tests.support import things

# Holds the lock of the folder that it is given until its stdin ends.
HOLD = """
import sys
from pathlib import Path
from ltictl.store.lock import locked
with locked(Path(sys.argv[1]), 5):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.create(new_profile_text("Tool", "https://tool.example"))
    return made


@pytest.fixture
def holder(profile: Profile) -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(profile.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process.pid
        process.communicate(timeout=10)


def test_every_kind_comes_back_as_it_was(profile: Profile) -> None:
    profile.organizations.add(things.organization())
    profile.invitations.add(things.invitation())
    profile.integrations.add(things.integration())
    profile.signing_keys.add(things.signing_key())

    assert profile.organizations.get("acme") == things.organization()
    assert profile.invitations.get("1a2b") == things.invitation()
    assert profile.integrations.get("acme-moodle") == things.integration()
    assert profile.signing_keys.get("kid-1") == things.signing_key()
    for listing in (profile.organizations.all(), profile.integrations.all()):
        assert (len(listing.items), listing.damaged) == (1, ())


@pytest.mark.parametrize("scopes", [Scopes(), Scopes((), (), ()), Scopes(("a",), None, ("a",))])
def test_unknown_and_empty_scopes_differ(profile: Profile, scopes: Scopes) -> None:
    bare = replace(things.integration(), scopes=scopes, deployments=(), activated_at=None)
    profile.integrations.add(bare)

    assert profile.integrations.get(bare.id) == bare


def test_nothing_is_written_where_nothing_changes(profile: Profile) -> None:
    profile.integrations.add(things.integration())
    path = profile.root / "integrations" / "acme-moodle.toml"
    before = path.read_bytes()

    profile.integrations.change("acme-moodle", lambda same: same)

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["", "..", "../profile", "a/b", "a\\b", "a\0b", ".hidden", "x" * 300]
)
def test_a_name_is_never_a_path(profile: Profile, name: str) -> None:
    assert not profile.organizations.exists("nothing")
    with pytest.raises(NotFoundError) as caught:
        profile.organizations.get(name)
    assert caught.value.code == "no_such_organization"


def test_a_similar_name_is_suggested(profile: Profile) -> None:
    profile.integrations.add(things.integration())

    with pytest.raises(NotFoundError) as caught:
        profile.integrations.get("acme-modle")
    assert "Did you mean 'acme-moodle'?" in caught.value.fix


def test_what_exists_is_not_added_again(profile: Profile) -> None:
    profile.organizations.add(things.organization())

    with pytest.raises(LtictlError) as caught:
        profile.organizations.add(things.organization(name="Other"))
    assert caught.value.code == "already_exists"
    assert profile.organizations.get("acme") == things.organization()


def test_a_lock_held_elsewhere_is_waited_for_and_then_named(profile: Profile, holder: int) -> None:
    impatient = Profile(profile.root, lock_timeout=0.2)

    with pytest.raises(LockedError) as caught:
        impatient.organizations.add(things.organization())

    assert f"process {holder}" in caught.value.message
    assert caught.value.exit_code == 6
    assert list(profile.organizations.all()) == [], "reading needs no lock"


def test_a_lock_ends_with_its_holder(profile: Profile) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(profile.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()

    profile.organizations.add(things.organization())
    assert profile.organizations.exists("acme")


def test_a_private_key_is_never_overwritten(profile: Profile) -> None:
    profile.private_keys.add("kid-1", b"first")

    with pytest.raises(LtictlError) as caught:
        profile.private_keys.add("kid-1", b"second")
    assert caught.value.code == "key_exists"
    assert profile.private_keys.read("kid-1") == b"first"
    assert Path(profile.private_keys.place("kid-1")).stat().st_mode & 0o777 == 0o600
    assert profile.private_keys.ids() == ["kid-1"]


def test_a_key_that_others_may_read_is_not_used(profile: Profile) -> None:
    profile.private_keys.add("kid-1", b"pem")
    Path(profile.private_keys.place("kid-1")).chmod(0o640)

    with pytest.raises(LtictlError) as caught:
        profile.private_keys.read("kid-1")
    assert caught.value.code == "key_too_open"
    assert "chmod 600" in caught.value.fix


def mount_key(profile: Profile, mode: int) -> Path:
    """A key as Kubernetes mounts one: a link into a linked folder of the same volume."""
    volume = profile.root / "keys" / "..1"
    volume.mkdir(mode=0o700, parents=True)
    (volume / "kid-1.pem").write_bytes(b"pem")
    (volume / "kid-1.pem").chmod(mode)
    (volume.parent / "..data").symlink_to("..1")
    key = volume.parent / "kid-1.pem"
    key.symlink_to("..data/kid-1.pem")
    return key


def test_the_rights_of_a_linked_key_are_those_of_its_file(profile: Profile) -> None:
    key = mount_key(profile, 0o600)
    assert profile.private_keys.read("kid-1") == b"pem"
    assert profile.file_findings().too_open == ()

    key.chmod(0o644)
    assert profile.file_findings().too_open == (str(key),)
    with pytest.raises(LtictlError) as caught:
        profile.private_keys.read("kid-1")
    assert caught.value.code == "key_too_open"
    subprocess.run(["sh", "-c", caught.value.fix.removeprefix("Run: ")], check=True)
    assert profile.private_keys.read("kid-1") == b"pem"


def test_a_link_that_leads_out_of_the_profile_is_refused_and_not_judged(
    profile: Profile, tmp_path: Path
) -> None:
    mount_key(profile, 0o600).unlink()
    (tmp_path / "foreign.pem").write_bytes(b"pem")
    (tmp_path / "foreign.pem").chmod(0o644)
    (profile.root / "keys" / "kid-1.pem").symlink_to(tmp_path / "foreign.pem")

    assert profile.file_findings().too_open == ()
    with pytest.raises(UnreadableError):
        profile.private_keys.read("kid-1")


def test_a_linked_profile_has_the_rights_of_its_folder(profile: Profile, tmp_path: Path) -> None:
    link = tmp_path / "the current one"
    link.symlink_to(profile.root)
    linked = Profile(link)
    assert linked.file_findings().too_open == ()

    profile.private_keys.add("kid-1", b"pem")
    Path(profile.private_keys.place("kid-1")).chmod(0o644)
    profile.root.chmod(0o755)
    found = linked.file_findings()
    assert found.too_open == (str(link), linked.private_keys.place("kid-1"))
    subprocess.run(["sh", "-c", found.closing], check=True)
    assert linked.file_findings().too_open == ()


def test_a_missing_key_is_named(profile: Profile) -> None:
    with pytest.raises(NotFoundError) as caught:
        profile.private_keys.read("kid-1")
    assert str(profile.root) in caught.value.message


def test_a_profile_is_made_once(profile: Profile) -> None:
    before = (profile.root / "profile.toml").read_bytes()

    with pytest.raises(LtictlError) as caught:
        profile.create("other")
    assert caught.value.code == "profile_exists"
    assert (profile.root / "profile.toml").read_bytes() == before


def test_git_leaves_out_secrets(profile: Profile) -> None:
    profile.private_keys.add("kid-1", b"pem")
    profile.secrets.keep("acme-moodle", {"registration_access_token": "s"})
    profile.organizations.add(things.organization())
    profile.attempts.begin(things.attempt()).close()
    environment = {"PATH": os.environ["PATH"], "HOME": str(profile.root)}

    def git(*args: str) -> str:
        done = subprocess.run(
            ["git", *args], cwd=profile.root, env=environment, capture_output=True, check=True
        )
        return done.stdout.decode()

    git("init", "--quiet")
    listed = git("ls-files", "--others", "--exclude-standard").split()

    assert sorted(listed) == [
        *(".gitignore", "log/000000000001.ndjson", "organizations/acme.toml", "profile.toml")
    ]


def test_a_new_profiles_text_means_what_its_comments_say(profile: Profile) -> None:
    bare = profile.settings()
    text = (profile.root / "profile.toml").read_text()
    uncommented = text.replace("\n# ", "\n").partition("schema = 1")[2]
    (profile.root / "all.toml").write_text(f"schema = 1{uncommented}")

    full = settings_of(Folder(profile.root).read("all")[0])

    assert full.tool.initiate_login_uri == bare.tool.initiate_login_uri
    assert full.tool.redirect_uris == bare.tool.redirect_uris
    assert full.tool.jwks_uri == bare.tool.jwks_uri
    assert full.tool.scopes == bare.tool.scopes
    assert full.callback.port == bare.callback.port
    assert full.callback.timeout == bare.callback.timeout
    assert full.keys.passphrase_command == ("op", "read", "op://lti/pass")
    assert replace(full.keys, passphrase_command=(), signer=()) == bare.keys
    assert bare.keys.managed_by is KeyManager.LTICTL


def test_a_comment_that_a_person_wrote_survives(profile: Profile) -> None:
    path = profile.root / "profile.toml"
    path.write_text("# mine\n" + path.read_text())

    profile.organizations.add(things.organization())
    profile.secrets.keep("x", {"a": "b"})

    assert path.read_text().startswith("# mine\n")


def test_a_profile_without_settings_is_none(tmp_path: Path) -> None:
    for call in (Profile(tmp_path).require, Profile(tmp_path).settings):
        with pytest.raises(UnreadableError) as caught:
            call()
        assert caught.value.code == "no_profile"
