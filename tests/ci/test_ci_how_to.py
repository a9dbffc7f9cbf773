"""The shell commands in docs/how-to/ci-provisioning.md run as CI systems would run them."""

import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import yaml

from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile
from tests.support.cli import Home
from tests.support.parts import require
from tests.support.processes import run_argv
from tests.support.visit import Admin

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "ci-provisioning.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
TEXT = PAGE.read_text("utf-8")
BLOCKS = [(language, code) for language, code in BLOCK.findall(TEXT)]
SCRIPTS = [code for language, code in BLOCKS if language == "sh"]
PIPELINES: list[dict[Any, Any]] = [
    yaml.safe_load(code) for language, code in BLOCKS if language == "yaml"
]
STUBS = {
    "bin/pipx": 'test "$*" = "install ltictl.whl"',
    "bin/pip": 'test "$*" = "install ltictl.whl"',
    "bin/ltictl": f'exec "{sys.executable}" -m ltictl "$@"',
    "deploy.sh": 'rm -rf deployed; cp -r deploy deployed; echo run >> "$HOME/deployments"',
    "send-mail.sh": 'cp "$1" "$HOME/sent"; mv "$HOME/sent" "$HOME/mail"',
}
LTI_TOML = """
[[organizations]]
slug = "partner"

[[integrations]]
organization = "partner"
issuer = "https://lms.invalid"
client_id = "by-hand"
authorization_endpoint = "https://lms.invalid/auth"
token_endpoint = "https://lms.invalid/token"
jwks_uri = "https://lms.invalid/jwks"
deployments = ["d1"]
status = "active"
"""


@dataclass(frozen=True)
class Job:
    """The outcome of a job."""

    code: int = 0
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True)
class Runner:
    """A machine that runs jobs, each in a fresh home, with a store that stays."""

    folder: Path
    home: Home
    port: int

    def job(self, name: str, steps: list[str], **variables: str) -> Job:
        """Each step in a shell of its own, up to the first that fails."""
        home = self.folder / f"home-{name}"
        home.mkdir()
        for_later = home / "github-env"
        for_later.touch()
        env = self.home.environment(
            {
                "HOME": str(home),
                "LTICTL_HOME": None,
                "GITHUB_ENV": str(for_later),
                "PATH": f"{self.folder / 'bin'}:{self.home.environment()['PATH']}",
                "PYTHONPATH": str(Path.cwd()),
                "PROFILE_STORE": str(self.folder / "store"),
                "PROFILE_PASSPHRASE": "of the test",
                "LTICTL_WHEEL": "ltictl.whl",
                "CALLBACK_URL": f"http://127.0.0.1:{self.port}/register",
                "LTICTL_ALLOW_PRIVATE": "1",
                **variables,
            }
        )
        done = Job()
        for step in steps:
            env |= dict(line.split("=", 1) for line in for_later.read_text().splitlines())
            argv = ["bash", "-eo", "pipefail", "-c", step]
            ended = run_argv(argv, cwd=self.folder, env=env)
            done = Job(ended.code, done.stdout + ended.stdout, done.stderr + ended.stderr)
            if done.code:
                break
        return done


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def runner(home: Home, tmp_path: Path) -> Runner:
    """With a profile in the store, as the page's own script keeps it."""
    require("openssl", shutil.which("openssl") is not None, "apt-get install openssl")
    folder = tmp_path / "checkout"
    (folder / "store").mkdir(parents=True)
    (folder / "lti.toml").write_text(LTI_TOML)
    restore, keep = SCRIPTS
    files = STUBS | {"ci/restore-profile.sh": restore, "ci/keep-profile.sh": keep}
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(body if body.startswith("#!") else f"#!/bin/sh\nset -e\n{body}\n")
        path.chmod(0o755)
    runner = Runner(folder, home, free_port())
    first = folder / "home-first" / "lti-profile"
    context = Context(Profile(first))
    initialise(context, name="Example Tool", url="https://tool.invalid")
    settings = first / "profile.toml"
    settings.write_text(settings.read_text().replace("# port = 8765", f"port = {runner.port}"))
    shutil.copytree(first, folder / "kept")
    shutil.rmtree(folder / "home-first")
    done = runner.job(
        "seed",
        ["./ci/restore-profile.sh", 'cp -r kept/. "$HOME/lti-profile"', "./ci/keep-profile.sh"],
    )
    assert done.code == 0, done
    shutil.rmtree(folder / "kept")
    return runner


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def github(name: str) -> list[str]:
    """The shell of a workflow's only job, in order."""
    (workflow,) = (each for each in PIPELINES if each.get("name") == name)
    (job,) = workflow["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step]


def gitlab(job: str) -> list[str]:
    """What a runner would run for a job: two shells, the second for ``after_script``."""
    (pipeline,) = (each for each in PIPELINES if "default" in each)
    common = pipeline["default"]
    lines = [*common["before_script"], *pipeline[job]["script"]]
    return ["\n".join(lines), "\n".join(common["after_script"])]


def administrator(lms: Sandbox, mail: Path, pages: list[httpx.Response]) -> None:
    """Waits for the mail, pastes its URL into the LMS, presses Register."""
    deadline = time.monotonic() + 30
    while not mail.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    url = re.findall(r"http\S+\?t=\S+", mail.read_text())[0]
    address = lms.lms.start_registration(url)
    while time.monotonic() < deadline:
        try:
            page = httpx.get(address, trust_env=False, timeout=20)
        except httpx.ConnectError:  # the next step of the job is not there yet
            time.sleep(0.1)
            continue
        pages.append(Admin.press(page))
        return


def test_github_registers_a_school_while_a_person_pastes(runner: Runner, lms: Sandbox) -> None:
    pages: list[httpx.Response] = []
    mail = runner.folder / "home-register" / "mail"
    person = threading.Thread(target=administrator, args=(lms, mail, pages))
    person.start()

    done = runner.job("register", github("lti-register"), ORGANIZATION="acme")
    person.join(30)

    assert done.code == 0, f"{done}\n{(runner.folder / 'events.ndjson').read_text()}"
    (page,) = pages
    assert 'data-outcome="registered"' in page.text
    (tool,) = lms.lms.tools()
    deployed = (runner.folder / "deployed" / "lti.json").read_text()
    assert tool.client_id in deployed
    assert "home-register" in str(mail)
    assert "?t=" not in done.stdout + done.stderr

    # The next job finds what this one kept.
    again = runner.job(
        "next", ["./ci/restore-profile.sh", 'ltictl --profile "$HOME/lti-profile" list --quiet']
    )
    assert "acme-moodle\tacme\tactive" in again.stdout


def test_a_wrong_passphrase_costs_no_archive(runner: Runner) -> None:
    archive = runner.folder / "store" / "profile.tar.enc"
    before = archive.read_bytes()

    done = runner.job(
        "wrong", ["./ci/restore-profile.sh || ./ci/keep-profile.sh"], PROFILE_PASSPHRASE="another"
    )

    assert done.code == 1
    assert "stays as it is" in done.stderr
    assert archive.read_bytes() == before


def test_what_was_removed_does_not_come_back(runner: Runner) -> None:
    ghost = '"$HOME/lti-profile/organizations/ghost.toml"'
    steps = [f'mkdir -p "$HOME/lti-profile/organizations" && touch {ghost}']
    steps += ["./ci/restore-profile.sh", f"test ! -e {ghost}", "./ci/keep-profile.sh"]

    assert runner.job("self-hosted", steps).code == 0
    assert (runner.folder / "store" / "profile.tar.enc.1").exists()


def test_github_keeps_everything_in_order(runner: Runner) -> None:
    lines = github("lti-maintain")
    assert lines[-1].startswith("ltictl verify")

    done = runner.job("maintain", lines[:-1])
    again = runner.job("again", lines[:-1])

    assert done.code == 0, done
    assert "+ add-integration partner-lms" in done.stdout
    assert "by-hand" in (runner.folder / "deployed" / "lti.json").read_text()
    assert again.code == 0, again
    assert "add-integration" not in again.stdout
    assert "Nothing to do." in again.stderr


def test_gitlab_registers_with_two_values_that_a_person_copied(
    runner: Runner, lms: Sandbox
) -> None:
    query = parse_qs(urlsplit(lms.lms.start_registration("https://tool.invalid/r?t=x")).query)

    done = runner.job(
        "register",
        gitlab("register"),
        ORGANIZATION="acme",
        OPENID_CONFIGURATION=query["openid_configuration"][0],
        REGISTRATION_TOKEN=query["registration_token"][0],
    )

    assert done.code == 0, done
    (tool,) = lms.lms.tools()
    assert tool.client_id in (runner.folder / "deployed" / "lti-fixture.json").read_text()
    assert query["registration_token"][0] not in done.stdout + done.stderr


def test_gitlab_keeps_everything_in_order(runner: Runner) -> None:
    done = runner.job("maintain", gitlab("maintain"))

    assert done.code == 0, done
    assert "by-hand" in (runner.folder / "deployed" / "lti-fixture.json").read_text()


def test_the_page_shows_all_that_was_run() -> None:
    assert len(SCRIPTS) == 2
    assert len(PIPELINES) == 3
