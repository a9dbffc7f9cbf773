"""Root runs no hook that another user could have written, as in ssh and git."""

import os
from pathlib import Path

import pytest

from tests.support.cli import Ltictl

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="about root")
STRANGER = 61_003


@pytest.fixture
def profile(ltictl: Ltictl, tmp_path: Path) -> Path:
    folder = tmp_path / "profile"
    ltictl.run("init", "--name", "T", "--url", "https://tool.example", profile=folder)
    ltictl.run("org", "add", "acme", profile=folder)
    settings = folder / "profile.toml"
    ran = tmp_path / "ran"
    hook = f'[hooks]\nafter_change = ["touch", "{ran}"]\n'
    settings.write_text(settings.read_text().replace("[hooks]\n", hook))
    return folder


def add(ltictl: Ltictl, profile: Path, env: dict[str, str | None] | None = None) -> str:
    ended = ltictl.run(
        *("add", "--org", "acme", "--preset", "moodle", "--issuer", "https://lms.example"),
        *("--client-id", "c", "--json"),
        profile=profile,
        env=env,
    )
    return ended.stdout


def test_a_profile_of_root_is_trusted(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    assert '"ok":true' in add(ltictl, profile)
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", [".", "profile.toml"])
@pytest.mark.parametrize("how", ["owned", "writable"])
def test_a_profile_of_others_is_not(
    ltictl: Ltictl, profile: Path, tmp_path: Path, name: str, how: str
) -> None:
    path = profile / name
    if how == "owned":
        os.chown(path, STRANGER, STRANGER)
    else:
        path.chmod(0o777)

    assert "hook_not_trusted" in add(ltictl, profile)
    assert not (tmp_path / "ran").exists()
    assert not list((profile / "integrations").glob("*.toml"))


def test_the_way_out(ltictl: Ltictl, profile: Path, tmp_path: Path) -> None:
    profile.chmod(0o777)

    assert '"ok":true' in add(ltictl, profile, env={"LTICTL_SAFE_PROFILES": str(profile)})
    assert (tmp_path / "ran").exists()


def test_sudo_by_the_owner_is_trusted(ltictl: Ltictl, profile: Path) -> None:
    for path in (profile, profile / "profile.toml"):
        os.chown(path, STRANGER, STRANGER)

    assert '"ok":true' in add(ltictl, profile, env={"SUDO_UID": str(STRANGER)})
