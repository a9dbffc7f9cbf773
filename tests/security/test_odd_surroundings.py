"""Unusual surroundings give a clear error, never 'internal_error'."""

import os
import shutil
import subprocess

import pytest

from ltictl.cli.app import main
from tests.support.cli import Ltictl, argv
from tests.support.parts import require
from tests.support.processes import Finished

FROM_STDIN = (
    ("register", "--paste"),
    ("register", "--org", "acme", "--openid-configuration", "-", "--yes"),
    (
        *("register", "--org", "acme", "--openid-configuration", "https://lms.example/c"),
        *("--registration-token-file", "-", "--yes"),
    ),
    ("keys", "import", "-"),
    ("deployment", "add", "acme-moodle", "--from-launch", "-"),
)
# Options and arguments that name a file; the last word is the file.
FILES = (
    *(("jwks", "--output"), ("lms-config", "canvas", "--output"), ("relay-page", "--output")),
    *(("export", "json", "--all", "--output"), ("import", "json"), ("import", "pylti1p3")),
    *(("apply",), ("keys", "import"), ("jwks", "--profile"), ("verify", "--all", "--ca-file")),
    ("deployment", "add", "acme-moodle", "--from-launch"),
    (
        *("register", "--org", "acme", "--openid-configuration", "https://lms.invalid/c", "--yes"),
        "--registration-token-file",
    ),
)
ODD_FILES = ("x" * 300, "y/" * 2500 + "y", "~nosuchuser/x", ".", "/dev/null/x", "", b"\xff")
TIMELESS = (("list",), ("show", "acme-moodle"), ("doctor", "--offline"), ("keys", "list"))
SAYING = (
    *(("--version",), ("--version", "--json"), ("--help",), ("list",), ("list", "--json")),
    *(("jwks",), ("export", "json", "--all"), ("help",), ("__complete", "1", "org")),
)
OUTPUTS = {
    "a reader that left": '"$@" | true; exit ${PIPESTATUS[0]}',
    "nowhere": '"$@" >&-',
    "a full disk": '"$@" >/dev/full',
}
GONE = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
RELATIVE: tuple[tuple[str, ...], ...] = (
    ("export", "json", "--all", "--json", "--output", "x"),
    ("list", "--profile", "./p", "--json"),
    ("init", "--name", "x", "--url", "https://x.example", "--profile", "./p", "--json"),
)
ODD_PROFILES = ("~nosuchuser/x", "x" * 300, "/srv/" + "y" * 300, "/" + "z/" * 2500, "é" * 200)


@pytest.fixture
def tool(ltictl: Ltictl) -> Ltictl:
    ltictl.run("init", "--name", "Example Tool", "--url", "https://tool.example")
    ltictl.run("org", "add", "acme")
    ltictl.run(
        *("add", "--org", "acme", "--preset", "moodle", "--issuer", "https://lms.example"),
        *("--client-id", "c"),
    )
    return ltictl


@pytest.mark.parametrize("args", FROM_STDIN, ids=lambda args: " ".join(args)[:40])
def test_closed_stdin(tool: Ltictl, args: tuple[str, ...]) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *argv(*args)],
        env=tool.home.environment(),
        cwd=tool.home.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.returncode == 2
    assert "Standard input is closed" in ended.stderr


def run_in_shell(tool: Ltictl, shell: str, args: tuple[str, ...]) -> Finished:
    ended = subprocess.run(
        ["bash", "-c", shell, "bash", *argv(*args)],
        env=tool.home.environment(),
        cwd=tool.home.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Finished(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize("where", OUTPUTS)
def test_an_output_that_takes_nothing(tool: Ltictl, where: str) -> None:
    for args in SAYING:
        ended = run_in_shell(tool, OUTPUTS[where], args)

        reported = where == "a full disk" and args[0] != "__complete"
        assert ended.code == int(reported), args
        assert "Traceback" not in ended.stderr
        assert "failed unexpectedly" not in ended.stderr
        assert ("could not be written" in ended.stderr) == reported


def test_a_working_folder_that_is_gone(tool: Ltictl) -> None:
    for args in RELATIVE:
        ended = run_in_shell(tool, GONE, args)
        assert ended.error["code"] == "working_folder_gone", args
        assert ended.code == 1
    for args in (("list",), ("jwks",), ("--version",)):
        ended = run_in_shell(tool, GONE, args)
        assert ended.code == 0, "it names no path"
        assert ended.stdout


@pytest.mark.parametrize("profile", ODD_PROFILES, ids=lambda text: text[:12])
@pytest.mark.parametrize("place", ["option", "environment", "home"])
def test_odd_profiles(ltictl: Ltictl, profile: str, place: str) -> None:
    if place == "option":
        ended = ltictl.run("list", "--json", profile=profile)
    else:
        name = {"environment": "LTICTL_PROFILE", "home": "LTICTL_HOME"}[place]
        ended = ltictl.run("list", "--json", env={name: profile})

    assert ended.code in {2, 9}
    assert "internal_error" not in ended.stdout


def test_nul_in_a_hooks_argument_is_seen_before_any_change(tool: Ltictl) -> None:
    settings = tool.home.ltictl_home / "profiles" / "default" / "profile.toml"
    hook = '[hooks]\nafter_change = ["true", "a\\u0000b"]\n'
    settings.write_text(settings.read_text().replace("[hooks]\n", hook))

    ended = tool.run("activate", "acme-moodle", "--json")

    assert ended.code == 9
    assert "internal_error" not in ended.stdout
    assert "NUL" in ended.stdout


@pytest.mark.parametrize("file", ODD_FILES, ids=lambda name: ascii(name[:12]))
def test_odd_files_end_in_words(
    tool: Ltictl,
    file: str | bytes,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LTICTL_HOME", str(tool.home.ltictl_home))
    monkeypatch.chdir(tool.home.path)
    for words in FILES:
        main([*words, os.fsdecode(file), "--json"])
        shown = capsys.readouterr().out
        assert "internal_error" not in shown, (words, shown)


@pytest.mark.parametrize("year", ["2263-01-01", "9999-12-30"])
@pytest.mark.parametrize("args", TIMELESS, ids=" ".join)
def test_what_only_reads_works_or_names_the_clock(
    tool: Ltictl, args: tuple[str, ...], year: str
) -> None:
    ended = at(year, tool, *args)

    assert "internal_error" not in ended.stdout
    assert ended.returncode in {0, 8} or "clock_unusable" in ended.stdout


@pytest.mark.parametrize("year", ["2263-01-01", "9999-12-30"])
@pytest.mark.parametrize(
    "args", [("registration-url", "--org", "acme"), ("rotate-keys", "--now", "--yes")]
)
def test_the_end_of_time(tool: Ltictl, args: tuple[str, ...], year: str) -> None:
    ended = at(year, tool, *args)

    assert "clock_unusable" in ended.stdout
    assert ended.returncode != 0


def at(year: str, tool: Ltictl, *args: str) -> "subprocess.CompletedProcess[str]":
    require("faketime", shutil.which("faketime") is not None, "apt install faketime")
    return subprocess.run(
        ["faketime", year, *argv(*args, "--json")],
        env=tool.home.environment(),
        cwd=tool.home.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
