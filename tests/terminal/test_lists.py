"""Long lists at a terminal: counted, searched, sorted, and shown by the reader's pager."""

import stat
from pathlib import Path

import pytest

from ltictl.model.record import replace
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl

MANY = 60


@pytest.fixture
def many(acme: Ltictl, profile: Path) -> Ltictl:
    """Sixty integrations, one of them at another host."""
    for number in range(MANY):
        host = "https://canvas.elsewhere.example" if number == 7 else "https://lms.acme.example"
        Profile(profile).integrations.add(
            things.integration(
                f"acme-moodle-{number:02}",
                platform=replace(things.PLATFORM, issuer=host),
                client_id=f"client-{MANY - number:02}",
                former_client_ids=(),
            )
        )
    return acme


def pager(folder: Path) -> Path:
    """A pager that keeps what it was given."""
    script = folder / "pager"
    script.write_text(f'#!/bin/sh\ncat > "{folder}/paged"\necho shown by the pager\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_a_list_longer_than_the_screen_goes_to_the_pager(many: Ltictl, tmp_path: Path) -> None:
    env = {"PAGER": str(pager(tmp_path))}
    with many.terminal("list", env=env, rows=20) as terminal:
        assert terminal.wait(20) == 0
        assert terminal.text == "shown by the pager"

    lines = (tmp_path / "paged").read_text("utf-8").splitlines()
    assert lines[0] == f"{MANY} integrations: {MANY} active"
    assert len(lines) == MANY + 2


@pytest.mark.parametrize(
    ("argv", "env", "rows"),
    [
        (("list", "--no-pager"), {}, 20),
        (("list",), {"PAGER": "cat"}, 20),
        (("list",), {"PAGER": "no-such-pager"}, 20),
        (("list", "elsewhere"), {}, 20),
    ],
    ids=["asked for", "cat", "none there", "short"],
)
def test_a_list_is_printed_otherwise(
    many: Ltictl, tmp_path: Path, argv: tuple[str, ...], env: dict[str, str], rows: int
) -> None:
    chosen = {"PAGER": str(pager(tmp_path)), **env}
    with many.terminal(*argv, env=chosen, rows=rows) as terminal:
        assert terminal.wait(20) == 0
        assert "acme-moodle-" in terminal.text
    assert not (tmp_path / "paged").exists()


def test_a_search_says_how_many_it_left_out(many: Ltictl) -> None:
    with many.terminal("list", "ELSEWHERE") as terminal:
        assert terminal.wait(20) == 0
        assert f"1 of {MANY} shown" in terminal.text
        assert "acme-moodle-07" in terminal.text
        assert "acme-moodle-08" not in terminal.text


def test_columns_and_order_are_the_readers(many: Ltictl) -> None:
    rows = many("list", "--columns", "client_id,id", "--sort", "client_id").stdout.splitlines()
    backwards = many("list", "--columns", "id", "--sort", "-client_id").stdout.splitlines()

    assert rows[0] == "client_id\tid"
    assert rows[1:3] == ["client-01\tacme-moodle-59", "client-02\tacme-moodle-58"]
    assert backwards[1] == "acme-moodle-00"
    assert "Did you mean 'client_id'?" in many("list", "--sort", "client").stderr


def test_wide_cuts_nothing(many: Ltictl) -> None:
    with many.terminal("list", "elsewhere", "--wide", columns=60) as terminal:
        assert terminal.wait(20) == 0
        assert b"canvas.elsewhere.example" in terminal.received
        assert b"Organization" in terminal.received


def test_an_organizations_list_opens_no_document_of_another(many: Ltictl, profile: Path) -> None:
    documents = profile / "integrations"
    (documents / "acme-moodle-07.toml").rename(documents / "lms-of-acme.toml")
    for each in ("acme-damaged", "beta-moodle"):  # ids and content say different things
        (documents / f"{each}.toml").write_text("=")
    assert many("org", "add", "beta").code == 0

    ours, theirs = (many("list", "--org", slug, "--json") for slug in ("acme", "beta"))

    assert len(ours.data["integrations"]) == MANY
    assert ours.data["integrations"][-1]["id"] == "lms-of-acme"
    assert ["acme-damaged.toml" in each for each in ours.json["warnings"]] == [True]
    assert theirs.data["integrations"] == []
    assert ["beta-moodle.toml" in each for each in theirs.json["warnings"]] == [True]
