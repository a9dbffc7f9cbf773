"""Odd values in every member of every document cause no internal error in any reading command.

A person may edit any document, and a disk may damage one: that hides the one document at most.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from ltictl.cli.app import main
from ltictl.model.integration import Integration, Scopes
from ltictl.model.invitation import Invitation
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.model.signing_key import SigningKey
from ltictl.store.attempt_records import MAX_ANSWER, encode_intent, encode_record
from ltictl.store.folder import Folder
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.scale import scaled

# TOML, since some values cannot be said in Python: several are odd moments.
VALUES: Final = (
    *("0", "-1", "1", "9223372036854775807", "-9223372036854775808", "0.0", "-0.0", "1e308"),
    *("inf", "-inf", "nan", "true", "false", '""', '"x"', '" "', '"\\u0000"', '"\\u001b[31m"'),
    *('"\\u202e"', '"\\U0001f393"', '"../../x"', '"/"', '"https://[::1"', '"http://\\u2100.x/"'),
    *("[]", "[1]", '[""]', "[[]]", "[{}]", "{}", "{ x = 1 }", '{ "" = [] }'),
    *("0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59-23:59", "1969-12-31T23:59:59Z", "2026-01-31T12:00:00.999999Z"),
    *("2026-01-31T12:00:00", "2026-01-31", "12:00:00", "1970-01-01T00:00:00+23:59"),
    *("2026-01-31T12:00:00+23:59", "2026-01-31T12:00:00-23:59"),
    '"' + "a" * 100_000 + '"',
)
COMMANDS: Final = (
    *(("list",), ("org", "list"), ("org", "show", "acme"), ("show", "acme-moodle")),
    *(("invitation", "list"), ("keys", "list"), ("jwks",), ("config",), ("recover",)),
    *(("export", "json", "--all"), ("export", "pylti1p3"), ("export", "django-lti")),
    *(("export", "ltijs"), ("lms-config",), ("doctor", "--offline"), ("deployment", "list")),
    *(("activate", "acme-moodle"), ("deactivate", "acme-moodle"), ("registration-url",)),
    *(("org", "add", "new"), ("invitation", "revoke", "1a2b"), ("rotate-keys", "--dry-run")),
    *(("deployment", "add", "acme-moodle", "77"), ("remove", "acme-moodle", "--yes")),
    *(("metrics",), ("report",), ("recover", "odd", "--forget")),
)
DOCUMENTS: Final[Mapping[str, type[Struct]]] = {
    "organizations/acme": Organization,
    "invitations/1a2b": Invitation,
    "integrations/acme-moodle": Integration,
    "keys/": SigningKey,
}
INNER: Final[Mapping[str, type[Struct]]] = {"platform": Platform, "scopes": Scopes}
SETTINGS: Final = {
    "tool": "name url initiate_login_uri target_link_uri redirect_uris jwks_uri description "
    "logo_uri policy_uri tos_uri contacts scopes claims custom_parameters messages platforms",
    "callback": "port public_url timeout",
    "keys": "managed_by bits publish_for retire_after",
    "hooks": "after_change",
}
ATTEMPT: Final = tuple(json.loads(encode_intent(things.attempt())))


def members() -> Iterator[tuple[str, str]]:
    """Each document and each of its members, dotted."""
    for path, kind in DOCUMENTS.items():
        for name in ("schema", "write", *kind.__struct_fields__):
            yield path, name
            if kind is Integration and name in INNER:
                yield from ((path, f"{name}.{each}") for each in INNER[name].__struct_fields__)
    for table, names in SETTINGS.items():
        yield "profile", table
        yield from (("profile", f"{table}.{name}") for name in names.split())
    yield from (("attempts/odd", name) for name in ATTEMPT)
    yield from (("secrets/acme-moodle", name) for name in ("schema", "access_token", "private_key"))


MEMBERS: Final = tuple(members())
# Each member meets every command, each time with another value.
ROUNDS: Final = scaled(full=6, sample=1)
CHUNKS: Final = 8


def document(template: Path, path: str) -> dict[str, Any]:
    return dict(Folder(template).read(path)[0])


def with_member(members: dict[str, Any], dotted: str, value: str) -> str:
    """The document as TOML, with one member as it was given."""
    import tomli_w

    outer, _, inner = dotted.rpartition(".")
    table: dict[str, Any] = members.setdefault(outer, {}) if outer else members
    table.pop(inner, None)
    mark = "a mark that nothing else is"
    table[inner] = mark
    return tomli_w.dumps(members).replace(f'"{mark}"', value)


def toml_text(text: str) -> str:
    import tomli_w

    return tomli_w.dumps({"x": text}).removeprefix("x = ").strip("\n")


def json_value(value: str) -> Any:
    import tomllib

    found = tomllib.loads(f"x = {value}")["x"]
    return found if isinstance(found, str | int | float | list | dict) else str(found)


def make_odd(template: Path, root: Path, path: str, dotted: str, value: str) -> None:
    """Write the template's document into the profile, with one member as it was given."""
    if path == "attempts/odd":
        intent = json.loads(encode_intent(things.attempt())) | {dotted: json_value(value)}
        record = encode_record("INTENT", json.dumps(intent).encode())
        (root / "attempts").mkdir(exist_ok=True, mode=0o700)
        (root / f"{path}.attempt").write_bytes(record.ljust(MAX_ANSWER + len(record), b"\0"))
        return
    file = root / f"{path}.toml"
    members = document(template, path) if (template / f"{path}.toml").exists() else {}
    file.write_text(with_member(members, dotted, value), "utf-8")


@pytest.fixture(scope="module")
def template(profile_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile in which every kind of document stands, and a healthy integration of another."""
    root = tmp_path_factory.mktemp("odd") / "profile"
    shutil.copytree(profile_template, root)
    profile = Profile(root)
    profile.invitations.add(things.invitation())
    profile.integrations.add(things.integration())
    profile.organizations.add(things.organization("other"))
    profile.integrations.add(things.integration("other-moodle", organization="other"))
    profile.secrets.keep("acme-moodle", {"access_token": "t"})
    return root


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_value_of_any_member_is_an_internal_error(
    template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], chunk: int
) -> None:
    kid = Profile(template).signing_keys.ids()[0]
    for number, (path, dotted) in list(enumerate(MEMBERS * ROUNDS))[chunk::CHUNKS]:
        named = f"keys/{kid}" if path == "keys/" else path
        root = tmp_path / str(number)
        shutil.copytree(template, root)
        for turn, command in enumerate(COMMANDS):
            value = VALUES[(number * len(COMMANDS) + turn) % len(VALUES)]
            make_odd(template, root, named, dotted, value)
            shown = run(capsys, root, *command)
            assert "internal_error" not in shown, (named, dotted, value[:40], command, shown)
            hidden = command == ("list",) and path != "profile" and '"other-moodle"' not in shown
            assert not hidden, (named, dotted, value[:40])
        shutil.rmtree(root)


def run(capsys: pytest.CaptureFixture[str], root: Path, *command: str) -> str:
    capsys.readouterr()
    main([*command, "--profile", str(root), "--json"])
    printed = capsys.readouterr()
    return printed.out + printed.err


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(case=st.sampled_from(MEMBERS), text=st.text(max_size=40), command=st.sampled_from(COMMANDS))
def test_no_text_of_any_member_is_an_internal_error(
    template: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    case: tuple[str, str],
    text: str,
    command: tuple[str, ...],
) -> None:
    path, dotted = case
    root = tmp_path / os.urandom(6).hex()
    shutil.copytree(template, root)
    value = toml_text(text.encode("utf-8", "ignore").decode())
    kid = Profile(template).signing_keys.ids()[0]
    make_odd(template, root, f"keys/{kid}" if path == "keys/" else path, dotted, value)

    assert "internal_error" not in run(capsys, root, *command)
    shutil.rmtree(root)
