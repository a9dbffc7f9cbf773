"""Links, pipes, devices and giant files in a profile: no command hangs or leaves the profile."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import Ltictl

READERS = (("list",), ("org", "list"), ("doctor", "--offline"), ("export", "json"))
# Documents, private halves, attempts and notes: everything that some command opens.
FILES = (
    "profile.toml",
    "organizations/acme.toml",
    "organizations/planted.toml",
    "integrations/planted.toml",
    "invitations/planted.toml",
    "secrets/planted.toml",
    "keys/planted.toml",
    "attempts/planted.attempt",
    ".lock.holder",
)
SIZE = 1024**3


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def giant(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(SIZE)


def folder(path: Path) -> None:
    path.mkdir()


def nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "nothing")


def round_and_round(path: Path) -> None:
    path.symlink_to(path.name)


PLANTS: tuple[Callable[[Path], None], ...] = (
    *(pipe, endless, giant, folder, nowhere, round_and_round),
)


def plant(kind: Callable[[Path], None], path: Path) -> None:
    path.parent.mkdir(exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    kind(path)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", PLANTS, ids=lambda kind: kind.__name__)
def test_nothing_hangs_and_one_file_hides_only_itself(
    acme: Ltictl, profile: Path, name: str, kind: Callable[[Path], None]
) -> None:
    plant(kind, profile / name)
    command = READERS[(FILES.index(name) + PLANTS.index(kind)) % len(READERS)]

    for done in (acme(*command, "--json"), acme("org", "add", "other", "--json")):
        assert "internal_error" not in done.stdout, done
        assert "Traceback" not in done.stderr, done
        if name not in {"profile.toml", "organizations/acme.toml"}:
            assert done.code in {0, 1, 8, 9}, done


@pytest.mark.parametrize("kind", PLANTS, ids=lambda kind: kind.__name__)
def test_planted_files_are_named(acme: Ltictl, profile: Path, kind: Callable[[Path], None]) -> None:
    plant(kind, profile / "integrations/planted.toml")

    found = acme("doctor", "--offline", "--json")

    documents = {each["id"]: each for each in found.data["checks"]}["documents"]
    assert documents["result"] == "fail"
    assert "planted.toml" in documents["detail"]


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
def test_the_note_about_the_lock_follows_no_link(
    acme: Ltictl, profile: Path, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    precious = tmp_path / "authorized_keys"
    precious.write_text("ssh-ed25519 AAAA me\n")
    (profile / ".lock.holder").unlink(missing_ok=True)
    link(precious, profile / ".lock.holder")

    assert acme("org", "add", "other").code == 0

    assert precious.read_text() == "ssh-ed25519 AAAA me\n"


def test_the_lock_follows_no_link(acme: Ltictl, profile: Path, tmp_path: Path) -> None:
    precious = tmp_path / "authorized_keys"
    precious.write_text("ssh-ed25519 AAAA me\n")
    (profile / ".lock").unlink(missing_ok=True)
    (profile / ".lock").symlink_to(precious)

    done = acme("org", "add", "other", "--json")

    assert done.error["code"] == "cannot_write"
    assert "link" in done.error["why"]
    assert precious.read_text() == "ssh-ed25519 AAAA me\n"


@pytest.mark.parametrize("name", ["organizations", "removed", "attempts", "secrets"])
def test_no_folder_of_a_profile_leads_out_of_it(
    acme: Ltictl, profile: Path, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    if (profile / name).exists():
        (profile / name).rename(profile / f"former-{name}")
    (profile / name).symlink_to(outside)

    tried = (("org", "add", "other"), ("org", "remove", "acme", "--yes"), ("relay-page",))
    for command in tried:
        done = acme(*command, "--json")
        assert "internal_error" not in done.stdout, done

    assert list(outside.iterdir()) == []


def test_a_link_that_stays_inside_is_followed(acme: Ltictl, profile: Path) -> None:
    """Kubernetes mounts a folder so: each file is a link into a hidden folder beside it."""
    (profile / "..data").mkdir()
    (profile / "profile.toml").rename(profile / "..data" / "profile.toml")
    (profile / "profile.toml").symlink_to("..data/profile.toml")

    assert acme("config", "--json").data["settings"]


def test_a_named_file_without_end_is_refused(acme: Ltictl) -> None:
    done = acme("apply", "/dev/zero", "--json")

    assert done.error["code"] == "file_too_large"


@pytest.mark.parametrize("path", ["a" * 300, "a" * 5000, "a/" * 3000, "a/" * 600 + "b" * 300])
def test_a_path_that_is_too_long_is_an_error(acme: Ltictl, path: str) -> None:
    commands = (("list",), ("init", "--name", "x", "--url", "https://x.example"), ("doctor",))
    for command in commands:
        done = acme(*command, "--json", env={"LTICTL_PROFILE": f"/{path}"})
        assert (done.code, done.error["code"]) in {(2, "invalid_value"), (9, "no_profile")}, done
    assert acme("apply", path, "--json").error["code"] in {"cannot_read", "no_such_file"}
