"""``org rename`` gives an organization another name everywhere at once and changes nothing else."""

import json
from pathlib import Path

import pytest

from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl

RECORDING = '#!/bin/sh\nprintf "%s:%s\\n" "$LTICTL_ACTION" "$LTICTL_INTEGRATIONS" >> "$0.calls"\n'


@pytest.fixture
def calls(profile: Path, tmp_path: Path) -> Path:
    """A profile with acme's integration and a hook; what the hook writes down."""
    Profile(profile).integrations.add(things.integration())
    script = tmp_path / "hook"
    script.write_text(RECORDING)
    script.chmod(0o700)
    settings = profile / "profile.toml"
    text = settings.read_text()
    line = f"[hooks]\nafter_change = {json.dumps([str(script)])}\n"
    settings.write_text(text[: text.index("[hooks]")] + line)
    return tmp_path / "hook.calls"


def test_the_name_changes_in_the_list_and_in_exports_and_the_hook_runs(
    ltictl: Ltictl, calls: Path
) -> None:
    before = ltictl("show", "acme-moodle", "--json").data
    renamed = ltictl("org", "rename", "acme", "--name", "Acme Collège", "--json")
    again = ltictl("org", "rename", "acme", "--name", "Acme Collège")

    assert (renamed.code, again.code) == (0, 0), (renamed, again)
    assert again.stderr == "acme is now called Acme Collège.\n"
    assert renamed.data["organizations"][0]["name"] == "Acme Collège"
    exported = json.loads(ltictl("export", "json", "--all").stdout)
    assert [each["name"] for each in exported["organizations"]] == ["Acme Collège"]
    assert ltictl("show", "acme-moodle", "--json").data == before
    assert calls.read_text() == "rename:acme-moodle\n"  # once: the second run changed nothing

    cleared = ltictl("org", "rename", "acme", "--name", "")

    assert (cleared.code, cleared.stderr) == (0, "acme has no name now.\n")
    assert ltictl("org", "show", "acme", "--json").data["organizations"][0]["name"] is None


@pytest.mark.parametrize("name", ["a\nb", "x" * 256, "\x1b[31mred"])
def test_a_name_that_cannot_be_used_changes_nothing(
    ltictl: Ltictl, profile: Path, calls: Path, name: str
) -> None:
    document = profile / "organizations" / "acme.toml"
    before = document.read_bytes()

    done = ltictl("org", "rename", "acme", "--name", name)

    assert (done.code, "\x1b" in done.stderr) == (2, False)
    assert "name" in done.stderr
    assert document.read_bytes() == before
    assert not calls.exists()


def test_adding_an_organization_that_is_there_says_how_it_gets_the_name(
    ltictl: Ltictl, calls: Path
) -> None:
    other = ltictl("org", "add", "acme", "--name", "Acme's College")
    same = ltictl("org", "add", "acme")

    assert (other.code, same.code) == (1, 1)
    assert """ltictl org rename acme --name 'Acme'"'"'s College'""" in other.stderr
    assert "rename" not in same.stderr
    assert not calls.exists()
