"""Brightspace: OAuth 2.0, registrations written back whole, deployments and sharing."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.operations.context import Context
from ltictl.platforms.administration import Creation
from ltictl.platforms.consent import Permission
from ltictl.platforms.interfaces.brightspace import INTERFACE
from ltictl.platforms.interfaces.json_member import MemberError, with_member
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform

from .schools import administrator, profile_for_acme, register

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
FLAG = "IsEnabled"


@given(st.dictionaries(st.text(max_size=8), VALUES), st.booleans(), st.sampled_from([None, 1, 3]))
def test_one_member_changes_and_nothing_else(
    members: dict[str, object], on: bool, indent: int | None
) -> None:
    before = json.dumps({**members, FLAG: not on}, indent=indent)

    after = with_member(before, FLAG, on)

    assert json.loads(after) == {**members, FLAG: on}
    assert len(after) == len(before) + (-1 if on else 1)


def test_other_bytes_stay_as_they_are() -> None:
    text = '\n{"a":1.10,"a":1e5 , "b":{"IsEnabled":0},"\\u0049sEnabled" :false,"c":"\\u00e9"}\n'

    assert with_member(text, FLAG, True) == text.replace(":false,", ":true,")


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "nothing", "{", "true", '{"a": 1}', '{"IsEnabled": true, "IsEnabled": true}'),
        *("[" * 100_000, '{"IsEnabled": {"IsEnabled": true'),
    ],
    ids=range(9),
)
def test_a_text_that_lacks_the_member_once_is_left_alone(text: str) -> None:
    with pytest.raises(MemberError):
        with_member(text, FLAG, True)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(family=Like.BRIGHTSPACE.code) as running:
        yield running


@pytest.fixture
def school(home: Home, playback: PlaybackPlatform, sandbox: Sandbox) -> Iterator[Context]:
    yield profile_for_acme(home, playback)
    for tool in sandbox.lms.tools():  # a name may be registered once
        sandbox.lms.delete(tool.deployment_id)


def test_registered_enabled_and_shared_without_a_browser(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    first = administrator(sandbox).token
    file.write_text(first)
    register(ltictl, sandbox)
    token = ("--token-file", str(file), "--allow-private", "--json")
    one = "acme-brightspace"

    login = ltictl(
        *("lms", "login", "acme", "--platform", sandbox.base_url, "--family", "brightspace"),
        *token,
    )
    before = ltictl("lms", "status", one, *token)
    done = ltictl("lms", "activate", one, "--yes", *token)
    shared = ltictl("lms", "deploy", one, "--org-unit", "6606", "--yes", *token)
    found = ltictl("lms", "deployments", one, *token)
    after = ltictl("lms", "status", one, *token)

    runs = (login, before, done, shared, found, after)
    assert [each.code for each in runs] == [0] * 6, [str(each) for each in runs]
    words = [each.data["integrations"][0]["lms"]["state"] for each in (before, after)]
    assert words == ["Disabled", "Enabled"]
    (tool,) = sandbox.lms.tools()
    assert tool.state.value == "active"
    assert [each["id"] for each in found.data["deployments"]] == [tool.deployment_id]
    renewed = json.loads(file.read_text())
    assert renewed["refresh_token"] != json.loads(first)["refresh_token"]
    assert file.stat().st_mode & 0o777 == 0o600
    everything = "".join(f"{each.stdout}{each.stderr}" for each in runs)
    kept = b"".join(each.read_bytes() for each in school.profile.root.rglob("*") if each.is_file())
    for secret in (renewed["refresh_token"], renewed["client_secret"]):
        assert secret not in everything
        assert secret.encode() not in kept


def test_a_kept_refresh_token_is_replaced_in_the_profile(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(fresh(sandbox))
    register(ltictl, sandbox)
    where = ("--platform", sandbox.base_url, "--family", "brightspace", "--allow-private")
    kept = ltictl("lms", "login", "acme", *where, "--token-file", str(file), "--keep")
    assert kept.code == 0, kept
    (first,) = school.profile.logins.of("acme")

    runs = [ltictl("lms", "status", "--all", "--allow-private", "--json") for _ in range(2)]

    assert [each.code for each in runs] == [0, 0], [str(each) for each in runs]
    (last,) = school.profile.logins.of("acme")
    assert last.secret != first.secret


def fresh(sandbox: Sandbox) -> str:
    """The text with a refresh token that nobody used, by the code that a person allowed."""
    given = json.loads(administrator(sandbox).token)
    redirect = "http://127.0.0.1:1/callback"
    asked = {
        "client_id": given["client_id"],
        "redirect_uri": redirect,
        "scope": "ltiadvantage:registrations:read ltiadvantage:deployments:read",
        "code_challenge": Permission(redirect, "", "the verifier").challenge,
    }
    with httpx.Client(base_url=sandbox.base_url, trust_env=False, timeout=20) as client:

        def traded(proof: str) -> dict[str, str]:
            consent = client.get("/oauth2/auth", params=asked)
            form = {
                "grant_type": "authorization_code",
                "code": parse_qs(urlsplit(consent.headers["location"]).query)["code"][0],
                "redirect_uri": redirect,
                "client_id": given["client_id"],
                "client_secret": given["client_secret"],
                "code_verifier": proof,
            }
            answer: dict[str, str] = client.post("/core/connect/token", data=form).json()
            return answer

        if traded("another") != {"error": "invalid_grant"}:
            raise ValueError("another proof is taken, too")
        return json.dumps({**given, "refresh_token": traded("the verifier")["refresh_token"]})


def test_a_person_allows_it_in_the_browser_of_this_computer(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert school.profile.organizations.ids() == ["acme"]
    file = tmp_path / "token"
    file.write_text(unallowed(sandbox))
    where = ("--platform", sandbox.base_url, "--family", "brightspace", "--allow-private")

    running = ltictl.start("lms", "login", "acme", *where, "--token-file", str(file))
    address = running.wait_for_line("allow it there: ").rpartition(" ")[2]
    with httpx.Client(trust_env=False, timeout=20) as browser:
        consent = browser.get(address)
        back = consent.headers["location"]
        wrong = browser.get(back.replace("state=", "state=x"))
        elsewhere = browser.get(back, headers={"Host": "evil.example"})
        right = browser.get(back)
    done = running.wait(20)

    assert [each.status_code for each in (wrong, elsewhere, right)] == [400, 400, 200]
    assert done.code == 0, done
    kept = json.loads(file.read_text())
    assert kept["refresh_token"]
    assert not {"code", "code_verifier"} & kept.keys()
    assert ltictl("lms", "login", "acme", *where, "--token-file", str(file)).code == 0


def unallowed(sandbox: Sandbox) -> str:
    """The text of an application that nobody has allowed yet; any port is free here."""
    given = json.loads(administrator(sandbox).token)
    del given["refresh_token"]
    played = {
        "authorization_endpoint": "/oauth2/auth",
        "redirect_uri": "http://127.0.0.1:0/callback",
    }
    return json.dumps({**given, **played})


@pytest.mark.parametrize("redirect", ["https://evil.example/x", "http://10.0.0.1:8766/callback"])
def test_the_answer_comes_to_this_computer_only(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path, redirect: str
) -> None:
    assert school.profile.organizations.ids() == ["acme"]
    file = tmp_path / "token"
    file.write_text(json.dumps({**json.loads(unallowed(sandbox)), "redirect_uri": redirect}))

    done = ltictl(
        *("lms", "login", "acme", "--platform", sandbox.base_url, "--family", "brightspace"),
        *("--allow-private", "--token-file", str(file), "--json"),
    )

    assert (done.code, done.error["code"]) == (2, "redirect_not_here")


def test_creating_says_why_not() -> None:
    assert INTERFACE.create is not None
    with pytest.raises(LtictlError, match="does not create registrations") as caught:
        next(INTERFACE.create(Creation({}, None, "")))

    assert "which members" in (caught.value.why or "")


@pytest.mark.parametrize("text", ["x-secret", "[]", "{}", '{"client_id": 5}', "a-key:secret"])
def test_a_token_of_another_kind_is_explained(text: str) -> None:
    with pytest.raises(LtictlError) as caught:
        next(INTERFACE.authorize(text))

    assert caught.value.code == "token_unreadable"
    assert text not in repr(caught.value)
