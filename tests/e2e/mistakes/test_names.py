"""Commands find integrations by the facts that people know, and profiles by their names."""

import json
from pathlib import Path

import pytest

from tests.support.in_process import Run


@pytest.mark.parametrize(
    "name",
    [
        "acme-moodle",
        "moodle-client",
        "moodle.acme.example",
        "https://moodle.acme.example",
        "https://moodle.acme.example/",
        "moodle-7",
    ],
)
def test_show_finds_an_integration_by(run: Run, home: Path, name: str) -> None:
    assert home.exists()
    shown = json.loads(run("show", name, "--json").stdout)

    assert [each["id"] for each in shown["data"]["integrations"]] == ["acme-moodle"]


def test_show_names_all_that_are_meant(run: Run, home: Path) -> None:
    assert home.exists()
    done = run("show", "acme")

    assert done.code == 4
    assert "'acme' has acme-canvas and acme-moodle." in done.stderr


def test_an_empty_list_names_the_next_step(run: Run, home: Path) -> None:
    assert home.exists()

    empty = run("list", "--org", "empty").stderr
    assert "empty has no integration yet. Next: ltictl register --org empty" in empty
    assert "None of 2 integrations is like that" in run("list", "--status", "pending").stderr
    assert "ltictl org add SLUG" in run("--profile", "prod", "list").stderr.replace(
        "--profile prod ", ""
    )


def test_the_profile_in_use_can_be_chosen(run: Run, home: Path) -> None:
    assert home.exists()
    assert run("profile", "use", "prod").code == 0

    assert run("profile", "path").stdout == f"{home / 'profiles' / 'prod'}\n"
    assert run("profile", "list").stdout.splitlines()[1:] == [
        f"\tdefault\t{home / 'profiles' / 'default'}",
        f"*\tprod\t{home / 'profiles' / 'prod'}",
    ]
    added = run("org", "add", "x")
    assert "Next: ltictl register --org x" in added.stderr
    other = run("--profile", "default", "org", "add", "x")
    assert "Next: ltictl --profile default register --org x" in other.stderr
    assert json.loads(run("list", "--json").stdout)["data"]["integrations"] == []


def test_refresh_shows_a_reason_once_for_all_whom_it_stops(run: Run, home: Path) -> None:
    canvas = (home / "profiles" / "default" / "integrations" / "acme-canvas.toml").read_text()
    other = canvas.replace("canvas-client", "other-client").replace("acme-canvas", "beta-canvas")
    (home / "profiles" / "default" / "integrations" / "beta-canvas.toml").write_text(other)

    done = run("refresh", "acme-canvas", "beta-canvas")

    assert done.code == 0
    assert done.stderr.count("Canvas shows its configuration only during a registration") == 1
    assert "2 integrations: Canvas shows" in done.stderr
    assert "acme-canvas, beta-canvas" in done.stderr
    assert "Nothing changed (2 skipped)." in done.stderr


def test_without_a_default_profile_the_others_are_named(run: Run, home: Path) -> None:
    (home / "profiles" / "default").rename(home / "profiles" / "staging")

    done = run("list")

    assert done.code == 9
    assert "There are prod, staging." in done.stderr
    assert "ltictl profile use prod" in done.stderr
