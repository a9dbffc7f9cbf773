"""Every command, right or wrong, prints exactly one object on stdout that fits the schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.cli.catalogue import COMMANDS
from ltictl.cli.describe import describe
from ltictl.lti.keys import generate_key
from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl
from tests.support.in_process import Call, Run
from tests.support.schemas import assert_schema, commands_with_data, data_schema

# Success prints the document itself (docs/reference/json.md).
BARE = {"jwks", "export", "org export", "completion"}
# They wait for a signal, or take long; tested as processes.
WAITING = {"sandbox", "serve"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_usage_error_is_an_envelope(run: Run, command: str) -> None:
    done = run(*command.split(), "--no-such-option", "--json")

    assert (done.code, done.stderr) == (2, "")
    assert done.envelope["command"] == command
    assert done.envelope["error"]["code"] == "usage"


@pytest.mark.parametrize(
    "argv", [[], ["nonsense"], ["org"], ["org", "nonsense"], ["--nonsense"], ["lsit"]]
)
def test_an_unknown_command_is_an_envelope(run: Run, argv: list[str]) -> None:
    done = run(*argv, "--json")

    assert (done.code, done.stderr) == (2, "")
    assert done.envelope["error"]["fix"]


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - WAITING - {"demo", "init"}))
def test_without_a_profile_every_command_fails_in_words(run: Run, command: str) -> None:
    arguments = {"FORMAT": "json", "SHELL": "bash", "FAMILY": "moodle", "FILE": __file__}
    given = [arguments.get(each.metavar.strip("[]."), "x") for each in describe(command).arguments]

    done = run(*command.split(), *given, "--json", "--no-input")

    if command == "help":  # it needs no profile; there is no topic "x"
        assert (done.code, done.envelope["error"]["code"]) == (4, "no_such_topic")
        return
    if command in {"completion", "profile list", "profile path"}:
        assert done.code == 0
        return
    if command == "profile use":
        assert (done.code, done.envelope["error"]["code"]) == (4, "no_such_profile")
        return
    envelope = done.envelope
    assert (done.code, envelope["command"], envelope["ok"]) == (9, command, False)
    assert envelope["error"]["code"] == "no_profile"
    assert envelope["error"]["message"]
    assert envelope["error"]["fix"]


@pytest.fixture
def lms() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def parameters(lms: Sandbox) -> tuple[str, str]:
    query = parse_qs(urlsplit(lms.lms.start_registration("https://tool.invalid/r?t=x")).query)
    return query["openid_configuration"][0], query["registration_token"][0]


class Script:
    """Runs commands and checks each; remembers which were run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.done: set[str] = set()

    def __call__(self, command: str, *argv: str, stdin: str = "", code: int = 0) -> Any:
        done = self._run(*command.split(), *argv, "--json", stdin=stdin)
        self.assert_as_promised(command, done, code)
        self.done.add(command)
        return done.envelope["data"]

    def assert_as_promised(self, command: str, done: Call, code: int) -> None:
        assert done.code == code, (command, done.stdout, done.stderr)
        envelope = done.envelope
        assert (envelope["command"], envelope["ok"]) == (command, code == 0)
        assert_schema(envelope["data"], data_schema(command))


def test_every_command_prints_what_its_schema_says(run: Run, lms: Sandbox, tmp_path: Path) -> None:
    script = Script(run)
    script("init", "--name", "Tool", "--url", "https://tool.invalid")
    script("config")
    script("profile list")
    script("profile path")
    script("diff", "default", "default")
    script("profile use", "default")
    script("org add", "acme", "--name", "Acme School")
    script("org add", "beta")
    script("org rename", "beta", "--name", "Beta School")
    script("org list")
    invitation = script("registration-url", "--org", "acme")["invitation"]
    script("invitation list")
    script("invitation revoke", invitation)
    identifier = registered(script, lms)
    script("list")
    script("show", identifier)
    script("org show", "acme")
    script("org export", "acme", "--output", str(tmp_path / "acme.json"))
    script("activate", identifier)
    script("sandbox launch", identifier)
    script("verify", identifier, code=8)  # nothing answers at tool.invalid
    script("doctor", code=8)
    script("log", "--org", "acme")
    script("log", "--check")
    script("metrics", "--output", str(tmp_path / "ltictl.prom"))
    script("report", "--output", str(tmp_path / "report.html"))
    script("deactivate", identifier, "--yes")
    hand_over(script, tmp_path)
    keys(script, tmp_path)
    places(script, tmp_path)
    by_hand(script)
    script("recover")
    script("help", "keys")
    script("relay-page", "--output", str(tmp_path / "relay.html"))
    later_commands(script, identifier)
    script("edit", identifier, "--set", "name=School", "--yes")
    script("refresh", identifier)
    script("move", identifier, "--issuer", "https://new.example", "--yes")
    script("remove", identifier, "--yes")
    script("restore", identifier, "--yes")
    script("remove", identifier, "--yes")
    script("org add", "gamma")
    script("org erase", "gamma", "--dry-run")
    script("org erase", "gamma", "--yes")
    script("org add", "gamma")
    script("org remove", "gamma", "--yes")

    # 'lms' needs an LMS with an interface: tests/lms_side holds its commands to their schemas.
    script.done |= {each for each in COMMANDS if each.startswith("lms ")}
    # What 'update' says is held to its schema in tests/peers, at an LMS that offers it.
    left = set(COMMANDS) - script.done - WAITING - {"demo", "completion", "update"}
    assert not left, f"run these in this test, and describe their data in data.json: {left}"


def registered(script: Script, lms: Sandbox) -> str:
    configuration, token = parameters(lms)
    data = script(
        *("register", "--org", "acme", "--yes", "--openid-configuration", configuration),
        *("--registration-token-file", "-"),
        stdin=token,
    )
    return str(data["integrations"][0]["id"])


def hand_over(script: Script, folder: Path) -> None:
    for form in ("json", "pylti1p3", "django-lti", "ltijs"):
        script("export", form, "--all", "--output", str(folder / form))
    assert_schema(json.loads((folder / "json").read_text()), "export.json")
    script("import", "json", str(folder / "json"))
    script("import", "pylti1p3", str(folder / "pylti1p3"), "--org", "acme")
    wanted = folder / "wanted.toml"
    wanted.write_text('[[organizations]]\nslug = "new"\ninvite = true\n')
    script("apply", str(wanted), "--dry-run")
    script("apply", str(wanted), "--yes", "--mails", str(folder / "mails"))


def keys(script: Script, folder: Path) -> None:
    script("keys list")
    script("rotate-keys")
    pem = folder / "other.pem"
    pem.write_bytes(generate_key(2048).pem)
    pem.chmod(0o600)
    script("keys import", str(pem))
    script("jwks", "--output", str(folder / "jwks.json"))


def places(script: Script, folder: Path) -> None:
    script("store check")
    script("store info")
    script("store copy", "default", str(folder / "copy"), "--keep")
    script.done.add("keys encrypt")  # it needs a passphrase: tests/keys
    script.done.add("keys reseal")  # of a store only: tests/stores


def by_hand(script: Script) -> None:
    for family in ("moodle", "canvas", "schoology"):
        script("lms-config", family)
    addresses = {
        "--issuer": "https://lms.invalid",
        "--authorization-endpoint": "https://lms.invalid/auth",
        "--token-endpoint": "https://lms.invalid/token",
        "--jwks-uri": "https://lms.invalid/jwks",
    }
    given = [word for pair in addresses.items() for word in pair]
    script("add", "--org", "beta", "--client-id", "c1", "--deployment", "d1", *given)


def later_commands(script: Script, identifier: str) -> None:
    """Commands that may not be there yet."""
    for command, *argv in (
        ("deployment add", identifier, "77", "--label", "more"),
        ("deployment list", identifier),
        ("deployment remove", identifier, "77", "--yes"),
    ):
        if command in COMMANDS:
            script(command, *argv)


def test_every_command_has_a_schema_for_its_data() -> None:
    assert set(COMMANDS) <= commands_with_data()


def test_bare_documents_are_those_documents(run: Run, lms: Sandbox) -> None:
    script = Script(run)
    script("init", "--name", "Tool", "--url", "https://tool.invalid")
    script("org add", "acme")
    registered(script, lms)

    jwks = run("jwks", "--json")
    document = run("export", "json", "--all", "--json")
    shell = run("completion", "zsh", "--json")

    assert set(json.loads(jwks.stdout)) == {"keys"}
    assert_schema(json.loads(document.stdout), "export.json")
    assert shell.stdout.startswith("#compdef ltictl")


def test_failures_with_data_and_refusals_are_envelopes(run: Run, lms: Sandbox) -> None:
    script = Script(run)
    script("init", "--name", "Tool", "--url", "https://tool.invalid")
    script("org add", "acme")
    configuration, _ = parameters(lms)

    refused = run(
        *("register", "--org", "acme", "--yes", "--openid-configuration", configuration),
        *("--registration-token-file", "-", "--json"),
        stdin="wrong",
    )
    unasked = run("org", "remove", "acme", "--json")
    again = run("init", "--name", "Tool", "--url", "https://tool.invalid", "--json")

    assert (refused.code, refused.envelope["error"]["code"]) == (3, "platform_refused")
    assert (unasked.code, unasked.envelope["error"]["code"]) == (2, "consent_needed")
    assert (again.code, again.envelope["error"]["code"]) == (1, "profile_exists")


def test_events_and_the_envelope_of_a_wait(ltictl: Ltictl) -> None:
    assert ltictl("init", "--name", "T", "--url", "https://tool.invalid").code == 0
    assert ltictl("org", "add", "acme").code == 0

    done = ltictl("register", "--org", "acme", "--port", "0", "--timeout", "1s", "--json")

    assert done.code == 5
    assert_schema(done.json, "envelope.json")
    assert next(each["event"] for each in done.events) == "listening"
    for each in done.events:
        assert_schema(each, "event.json")
    assert len(done.events) == len(done.stderr.splitlines())
