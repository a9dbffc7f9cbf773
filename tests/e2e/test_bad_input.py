"""Bad input before an LMS opens the page: one clear error, as text and as JSON."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cli import Ltictl
from tests.support.processes import Finished

Spoil = Callable[[Path], None]


def assert_error(done: Finished, code: int, name: str) -> dict[str, str]:
    """Return the error of the JSON envelope, which is as the contract says."""
    assert set(done.json) == {"version", "command", "ok", "data", "warnings", "error"}
    assert (done.json["ok"], done.json["version"]) == (False, 1)
    error: dict[str, str] = done.error
    assert set(error) == {"code", "message", "why", "fix"}
    assert (done.code, error["code"]) == (code, name), done
    assert error["message"]
    assert error["fix"]
    assert "Traceback" not in done.stdout + done.stderr
    return error


def assert_shown_to_people(done: Finished, code: int, error: dict[str, str]) -> None:
    """The same error for people: nothing on stdout, three lines at most on stderr."""
    assert (done.code, done.stdout) == (code, ""), done
    shown = [f"error: {error['message']}"]
    shown += [f"  why:  {error['why']}"] if error["why"] else []
    shown += [f"  fix:  {error['fix']}"]
    assert done.stderr.splitlines() == shown


def spoil_toml(profile: Path) -> None:
    (profile / "profile.toml").write_text("[tool\nname = 'x'\n")


def misspell(profile: Path) -> None:
    (profile / "profile.toml").write_text("[tool]\nname='x'\nurl='https://x.example'\nscope=[]\n")


def misspell_table(profile: Path) -> None:
    (profile / "profile.toml").write_text("[tool]\nname='x'\nurl='https://x.example'\n[calback]\n")


def leave_out(profile: Path) -> None:
    (profile / "profile.toml").write_text("[tool]\nname='x'\n")


def wrong_type(profile: Path) -> None:
    (profile / "profile.toml").write_text(
        "[tool]\nname='x'\nurl='https://x.example'\n[callback]\nport='8765'\n"
    )


def wrong_choice(profile: Path) -> None:
    (profile / "profile.toml").write_text(
        "[tool]\nname='x'\nurl='https://x.example'\n[keys]\nmanaged_by='me'\n"
    )


def from_the_future(profile: Path) -> None:
    (profile / "profile.toml").write_text("schema = 2\n[tool]\n")


def not_text(profile: Path) -> None:
    (profile / "profile.toml").write_bytes(b"\xff\xfe")


def replace_by_folder(profile: Path) -> None:
    (profile / "profile.toml").unlink()
    (profile / "profile.toml").mkdir()


@pytest.mark.parametrize(
    ("spoil", "code", "word"),
    [
        pytest.param(spoil_toml, "damaged_document", "profile.toml:1:6: ", id="no TOML"),
        pytest.param(not_text, "damaged_document", "profile.toml", id="no text"),
        pytest.param(misspell, "invalid_setting", "tool.scope", id="misspelt setting"),
        pytest.param(misspell_table, "invalid_setting", "calback", id="misspelt table"),
        pytest.param(leave_out, "invalid_setting", "tool.url", id="missing setting"),
        pytest.param(wrong_type, "invalid_setting", "callback.port", id="wrong type"),
        pytest.param(wrong_choice, "invalid_setting", "keys.managed_by", id="wrong choice"),
        pytest.param(from_the_future, "newer_schema", "schema 2", id="newer schema"),
        pytest.param(
            replace_by_folder, "not_a_plain_file", "profile.toml", id="a folder in its place"
        ),
    ],
)
def test_a_profile_that_cannot_be_read(
    acme: Ltictl, profile: Path, spoil: Spoil, code: str, word: str
) -> None:
    spoil(profile)

    error = assert_error(acme("registration-url", "--org", "acme", "--json"), 9, code)

    assert word in error["message"]
    assert error["why"]
    assert_shown_to_people(acme("registration-url", "--org", "acme"), 9, error)


@pytest.mark.parametrize(
    "args",
    [
        "list",
        "show x",
        "activate x",
        "deactivate x --yes",
        "remove x --yes",
        "verify x",
        "verify --all",
        "register --org acme",
        "register --org acme --openid-configuration https://x.invalid --yes",
        "registration-url --org acme",
        "org add acme",
        "org list",
        "org show acme",
        "org remove acme --yes",
        "invitation list",
        "invitation revoke x",
        "rotate-keys",
        "keys list",
        "jwks",
        "config",
    ],
)
def test_without_a_profile_every_command_says_so(ltictl: Ltictl, args: str) -> None:
    error = assert_error(ltictl(*args.split(), "--json"), 9, "no_profile")

    assert "ltictl init" in error["fix"]
    assert not ltictl.home.ltictl_home.exists()


def test_no_profile_as_text(ltictl: Ltictl) -> None:
    error = assert_error(ltictl("list", "--json"), 9, "no_profile")

    assert_shown_to_people(ltictl("list"), 9, error)


@pytest.mark.parametrize(
    ("args", "code", "name"),
    [
        ("registration-url --org acmee", 4, "no_such_organization"),
        ("register --org acmee --port 0", 4, "no_such_organization"),
        ("org show acmee", 4, "no_such_organization"),
        ("list --org acmee", 4, "no_such_organization"),
        ("show acme-moodle", 4, "no_such_integration"),
        ("activate acme-moodle", 4, "no_such_integration"),
        ("invitation revoke 1234abcd", 4, "no_such_invitation"),
        ("list --platform moodel", 4, "no_such_family"),
        ("registration-url --instructions moodel", 4, "no_such_family"),
        ("show ../../etc/passwd", 4, "no_such_integration"),
        ("org add ACME", 2, "invalid_value"),
        ("org add ../x", 2, "invalid_value"),
        ("org add con", 2, "invalid_value"),
        ("org add acme", 1, "already_exists"),
        ("init --name X --url https://x.example", 1, "profile_exists"),
        ("registration-url --expires soon", 2, "invalid_value"),
        ("registration-url --platform moodle", 2, "invalid_value"),
        ("registration-url --public-url tool.example", 2, "invalid_value"),
        ("register --timeout 0s", 2, "invalid_value"),
        ("register --listen 192.0.2.1 --port 0", 2, "cannot_listen"),
        ("register --registration-token-file -", 2, "options_missing"),
        ("register --openid-configuration https://x.invalid --yes", 2, "options_missing"),
        ("register --use-proxy", 2, "no_proxy_set"),
        ("verify", 2, "options_missing"),
        ("list --lock-timeout 1s", 2, "usage"),
        ("activate x --lock-timeout never", 2, "invalid_value"),
        ("list --status open", 2, "usage"),
        ("config extra", 2, "usage"),
        ("show", 2, "usage"),
        ("register --port 70000", 2, "usage"),
        ("register --port http", 2, "usage"),
        ("register --count 0", 2, "usage"),
        ("list --no-such-option", 2, "usage"),
        ("org", 2, "usage"),
        ("lst", 2, "no_such_command"),
        ("org ad", 2, "no_such_command"),
        ("--profile a/../b:c list", 9, "no_profile"),
        ("--profile a:b list", 2, "invalid_value"),
    ],
)
def test_a_mistake_on_the_command_line(acme: Ltictl, args: str, code: int, name: str) -> None:
    error = assert_error(acme("--json", *args.split()), code, name)

    assert_shown_to_people(acme(*args.split()), code, error)


@pytest.mark.parametrize(
    "url",
    ["https://t.example/?x=1", "t.example", "https://t.example/#x", "https://a@t.example", ""],
)
def test_a_home_page_from_which_nothing_can_be_derived(ltictl: Ltictl, url: str) -> None:
    error = assert_error(ltictl("init", "--name", "T", "--url", url, "--json"), 2, _init_code(url))

    assert error["fix"]
    assert not ltictl.home.ltictl_home.exists()


def _init_code(url: str) -> str:
    return "invalid_value" if url else "value_needed"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lst", "ltictl list"), ("regsiter", "ltictl register"), ("org ad", "ltictl org add")],
)
def test_a_misspelt_command_is_recognised(ltictl: Ltictl, typed: str, meant: str) -> None:
    assert f"Did you mean '{meant}'?" in ltictl(*typed.split()).stderr


@pytest.mark.parametrize(
    "args", ["deactivate acme-moodle", "remove acme-moodle", "org remove acme"]
)
def test_consent_that_cannot_be_asked_for_is_missed(acme: Ltictl, args: str, profile: Path) -> None:
    integration = profile / "integrations" / "acme-moodle.toml"
    integration.parent.mkdir()
    integration.write_text(INTEGRATION)

    error = assert_error(acme(*args.split(), "--json"), 2, "consent_needed")

    assert "--yes" in error["fix"]
    assert_shown_to_people(acme(*args.split()), 2, error)
    assert integration.exists()


INTEGRATION = """organization = "acme"
status = "active"
client_id = "1"
created_at = 2026-01-31T12:00:00Z
updated_at = 2026-01-31T12:00:00Z
[platform]
issuer = "https://lms.example"
authorization_endpoint = "https://lms.example/auth"
token_endpoint = "https://lms.example/token"
jwks_uri = "https://lms.example/jwks"
"""


def test_a_taken_port(acme: Ltictl) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        error = assert_error(
            acme("register", "--org", "acme", "--port", port, "--json"), 1, "port_taken"
        )

        assert port in error["message"]
        assert_shown_to_people(acme("register", "--org", "acme", "--port", port), 1, error)
    assert acme("invitation", "list", "--json").data["invitations"] == []
