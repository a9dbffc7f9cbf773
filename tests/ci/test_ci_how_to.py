"""The shell commands in docs/how-to/ci-provisioning.md run as CI systems would run them."""

import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
from tests.support.object_stores import Server, seaweed
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
    "bin/pipx": 'test "$*" = "install ltictl[cloud] @ file:///ltictl.whl"',
    "bin/pip": 'test "$*" = "install ltictl[cloud] @ file:///ltictl.whl"',
    "bin/ltictl": f'exec "{sys.executable}" -m ltictl "$@"',
    "deploy.sh": 'rm -rf deployed; cp -r deploy deployed; echo run >> "$HOME/deployments"',
    "send-mail.sh": 'cp "$1" "$HOME/sent"; mv "$HOME/sent" "$HOME/mail"',
}
RESTORE, KEEP = "./ci/restore-profile.sh", "./ci/keep-profile.sh"
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
    """Machines that run jobs, each in a fresh home and a checkout of its own."""

    folder: Path
    home: Home
    port: int
    variables: dict[str, str]

    def checkout(self, name: str) -> Path:
        """The working folder of a job."""
        return self.folder / f"checkout-{name}"

    def job(self, name: str, steps: list[str], **variables: str) -> Job:
        """Each step in a shell of its own, up to the first that fails."""
        shutil.copytree(self.folder / "checkout", self.checkout(name))
        home = self.folder / f"home-{name}"
        home.mkdir()
        for_later = home / "github-env"
        for_later.touch()
        env = self.home.environment(
            {
                "HOME": str(home),
                "LTICTL_HOME": None,
                "GITHUB_ENV": str(for_later),
                "PATH": f"{self.checkout(name) / 'bin'}:{self.home.environment()['PATH']}",
                "PYTHONPATH": str(Path.cwd()),
                "LTICTL_WHEEL": "file:///ltictl.whl",
                "CALLBACK_URL": f"http://127.0.0.1:{self.port}/register",
                "LTICTL_ALLOW_PRIVATE": "1",
                **self.variables,
                **variables,
            }
        )
        done = Job()
        for step in steps:
            env |= dict(line.split("=", 1) for line in for_later.read_text().splitlines())
            argv = ["bash", "-eo", "pipefail", "-c", step]
            ended = run_argv(argv, cwd=self.checkout(name), env=env)
            done = Job(ended.code, done.stdout + ended.stdout, done.stderr + ended.stderr)
            if done.code:
                break
        return done


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def make_runner(home: Home, tmp_path: Path, variables: dict[str, str]) -> Runner:
    """A runner whose checkout holds the page's scripts."""
    checkout = tmp_path / "runner" / "checkout"
    checkout.mkdir(parents=True)
    (checkout / "lti.toml").write_text(LTI_TOML)
    restore, keep = SCRIPTS
    files = STUBS | {"ci/restore-profile.sh": restore, "ci/keep-profile.sh": keep}
    for name, body in files.items():
        path = checkout / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(body if body.startswith("#!") else f"#!/bin/sh\nset -e\n{body}\n")
        path.chmod(0o755)
    return Runner(checkout.parent, home, free_port(), variables)


@pytest.fixture(scope="module")
def seaweed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with seaweed(tmp_path_factory.mktemp("seaweed") / "home") as server:
        yield server


@pytest.fixture
def runner(seaweed_server: Server, home: Home, tmp_path: Path) -> Runner:
    """With the documents in a bucket, and profile.toml in the checkout."""
    store = seaweed_server.store()
    secrets = {"LTICTL_KEY_PASSPHRASE": "of the test", "AWS_TOKEN": ""}
    made = make_runner(home, tmp_path, store.environment | secrets)
    profile = made.folder / "checkout" / "lti" / "profile.toml"
    profile.parent.mkdir()
    profile.write_text(
        '[tool]\nname = "Example Tool"\nurl = "https://tool.invalid"\n'
        f'[callback]\nport = {made.port}\n[store]\nurl = "{store.url}"\n'
    )
    done = made.job("seed", ["ltictl rotate-keys --yes"], LTICTL_PROFILE="./lti")
    assert done.code == 0, done
    return made


@pytest.fixture
def carrier(home: Home, tmp_path: Path) -> Runner:
    """With a profile in an archive, as the page's own scripts keep it."""
    require("age", shutil.which("age") is not None, "apt-get install age")
    made = make_runner(home, tmp_path, {"PROFILE_KEY": new_key(), "PROFILE_STORE": ""})
    store = made.folder / "store"
    store.mkdir()
    made.variables["PROFILE_STORE"] = str(store)
    initialise(
        Context(Profile(made.folder / "checkout" / "kept")),
        name="Example Tool",
        url="https://tool.invalid",
    )
    done = made.job("seed", [RESTORE, 'cp -r kept/. "$HOME/lti-profile"', KEEP])
    assert done.code == 0, done
    return made


def new_key() -> str:
    made = run_argv(["age-keygen"], cwd=Path.cwd(), env={"PATH": os.environ["PATH"]})
    return next(line for line in made.stdout.splitlines() if line.startswith("AGE-SECRET-KEY-"))


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def github(name: str) -> list[str]:
    """The shell of a workflow's only job, in order."""
    (workflow,) = (each for each in PIPELINES if each.get("name") == name)
    (job,) = workflow["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step]


def constants(name: str) -> dict[str, str]:
    """The variables that a workflow gives its job by itself."""
    (workflow,) = (each for each in PIPELINES if each.get("name") == name)
    (job,) = workflow["jobs"].values()
    return {key: value for key, value in job["env"].items() if "${{" not in value}


def gitlab(job: str) -> list[str]:
    """The commands that a runner would run for a job, in one shell."""
    (pipeline,) = (each for each in PIPELINES if "default" in each)
    return ["\n".join([*pipeline["default"]["before_script"], *pipeline[job]["script"]])]


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

    given = constants("lti-register") | {"ORGANIZATION": "acme"}
    done = runner.job("register", github("lti-register"), **given)
    person.join(30)

    checkout = runner.checkout("register")
    assert done.code == 0, f"{done}\n{(checkout / 'events.ndjson').read_text()}"
    (page,) = pages
    assert 'data-outcome="registered"' in page.text
    (tool,) = lms.lms.tools()
    assert tool.client_id in (checkout / "deployed" / "lti.json").read_text()
    assert "?t=" not in done.stdout + done.stderr

    # The next job finds what this one made, with nothing restored.
    again = runner.job("next", ["ltictl list --quiet"], LTICTL_PROFILE="./lti")
    assert "acme-moodle\tacme\tactive" in again.stdout


def assert_refused(carrier: Runner, done: Job, before: dict[str, bytes]) -> None:
    assert done.code == 1
    assert "stays as it is" in done.stderr
    assert archives(carrier) == before


def archives(carrier: Runner) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (carrier.folder / "store").iterdir()}


def test_a_wrong_key_costs_no_archive(carrier: Runner) -> None:
    before = archives(carrier)

    done = carrier.job("wrong", [f"{RESTORE} || {KEEP}"], PROFILE_KEY=new_key())

    assert_refused(carrier, done, before)


def test_an_altered_archive_is_noticed_and_kept(carrier: Runner) -> None:
    archive = carrier.folder / "store" / "profile.tar.age"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    before = archives(carrier)

    done = carrier.job("altered", [f"{RESTORE} || {KEEP}"])

    assert_refused(carrier, done, before)


@pytest.mark.parametrize("harm", ["rm -r", "rm"])
def test_no_profile_is_stored_over_one(carrier: Runner, harm: str) -> None:
    what = '"$HOME/lti-profile"' if harm == "rm -r" else '"$HOME/lti-profile/profile.toml"'
    before = archives(carrier)

    done = carrier.job("harmed", [RESTORE, f"{harm} {what}", KEEP])

    assert_refused(carrier, done, before)


def test_an_archive_is_complete_or_the_former_one_stays(carrier: Runner) -> None:
    """As with a full disk: the written archive does not open, or is another one."""
    stub = carrier.folder / "checkout" / "bin" / "age"
    before = archives(carrier)
    stub.write_text(
        '#!/bin/sh\n[ "$1" = -d ] || exec head -c 100 > "$4" < /dev/zero\nexec /usr/bin/age "$@"\n'
    )
    stub.chmod(0o755)

    done = carrier.job("full", [RESTORE, KEEP])

    assert done.code != 0
    assert {name: data for name, data in archives(carrier).items() if name in before} == before


def test_removed_documents_do_not_come_back(carrier: Runner) -> None:
    ghost = '"$HOME/lti-profile/organizations/ghost.toml"'
    steps = [f'mkdir -p "$HOME/lti-profile/organizations" && touch {ghost}']
    steps += [RESTORE, f"test ! -e {ghost}", KEEP]

    assert carrier.job("self-hosted", steps).code == 0
    assert {"profile.tar.age", "profile.tar.age.1"} <= archives(carrier).keys()


def test_four_jobs_leave_three_former_generations(carrier: Runner) -> None:
    for number in range(4):
        assert carrier.job(f"job{number}", [RESTORE, KEEP]).code == 0

    names = {"profile.tar.age", *(f"profile.tar.age.{number}" for number in (1, 2, 3))}
    assert archives(carrier).keys() == names


def test_github_keeps_everything_in_order(runner: Runner) -> None:
    lines = github("lti-maintain")
    assert lines[-1].startswith("ltictl verify")

    done = runner.job("maintain", lines[:-1], **constants("lti-maintain"))
    again = runner.job("again", lines[:-1], **constants("lti-maintain"))

    assert done.code == 0, done
    assert "+ add-integration partner-lms" in done.stdout
    assert "by-hand" in (runner.checkout("maintain") / "deployed" / "lti.json").read_text()
    assert again.code == 0, again
    assert "add-integration" not in again.stdout
    assert "Nothing to do." in again.stderr


def parameters(lms: Sandbox) -> dict[str, str]:
    """The two values that a person copied."""
    query = parse_qs(urlsplit(lms.lms.start_registration("https://tool.invalid/r?t=x")).query)
    names = {
        "OPENID_CONFIGURATION": "openid_configuration",
        "REGISTRATION_TOKEN": "registration_token",
    }
    return {variable: query[name][0] for variable, name in names.items()}


def test_gitlab_registers_with_two_values_that_a_person_copied(
    runner: Runner, lms: Sandbox
) -> None:
    given = parameters(lms)

    done = runner.job("register", gitlab("register"), ORGANIZATION="acme", **given)

    assert done.code == 0, done
    (tool,) = lms.lms.tools()
    fixture = runner.checkout("register") / "deployed" / "lti-fixture.json"
    assert tool.client_id in fixture.read_text()
    assert given["REGISTRATION_TOKEN"] not in done.stdout + done.stderr


def test_jobs_at_once_lose_nothing(runner: Runner, lms: Sandbox) -> None:
    """Two registrations and two runs of the other pipeline, with nothing that makes them wait."""
    jobs: list[tuple[str, list[str], dict[str, str]]] = [
        (slug, gitlab("register"), {"ORGANIZATION": slug, **parameters(lms)})
        for slug in ("acme", "beta")
    ]
    jobs += [(name, gitlab("maintain"), {}) for name in ("maintain", "again")]
    with ThreadPoolExecutor(len(jobs)) as pool:
        running = [pool.submit(runner.job, name, steps, **given) for name, steps, given in jobs]
        done = [each.result() for each in running]

    assert [each.code for each in done] == [0, 0, 0, 0], done
    listed = runner.job("look", ["ltictl list --json"], LTICTL_PROFILE="./lti")
    found = {each["id"]: each for each in json.loads(listed.stdout)["data"]["integrations"]}
    assert found.keys() == {"acme-moodle", "beta-moodle", "partner-lms"}
    assert {each["status"] for each in found.values()} == {"active"}
    clients = {tool.client_id for tool in lms.lms.tools()}
    assert {found[each]["client_id"] for each in ("acme-moodle", "beta-moodle")} == clients


def test_the_page_shows_all_that_was_run() -> None:
    assert len(SCRIPTS) == 2
    assert len(PIPELINES) == 3
    everything = [*github("lti-register"), *github("lti-maintain"), *gitlab("register")]
    assert not [each for each in everything if "restore" in each or "keep" in each]
    assert "concurrency" not in {key for each in PIPELINES for key in each}
