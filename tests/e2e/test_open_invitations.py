"""Links for any organization: the page asks, and tells one school nothing of another."""

import socket
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Running
from tests.support.visit import Admin, Form, issued, listening, outcome, words


@pytest.fixture
def run(acme: Ltictl) -> Iterator[Running]:
    acme("org", "add", "uni-bern", "--name", "Universität Bern")
    running, _ = listening(acme, "--forever", org="")
    yield running
    running.close()
    running.assert_no_traceback()


@pytest.fixture
def url(acme: Ltictl, run: Running) -> str:
    base = run.output("stderr").split('"address": "')[1].partition('"')[0]
    return issued(acme, f"{base}?")


def test_on_this_computer_the_organizations_are_listed(url: str, admin: Admin) -> None:
    page = admin.open(url)

    assert Form(page.text).options == ["", "acme", "uni-bern"]
    assert "Universität Bern" in page.text


def test_the_chosen_one_owns_the_integration(acme: Ltictl, url: str, admin: Admin) -> None:
    result = admin.press(admin.open(url), organization="uni-bern")

    assert outcome(result) == "registered"
    (found,) = acme("list", "--json").data["integrations"]
    assert (found["id"], found["organization"]) == ("uni-bern-moodle", "uni-bern")


@pytest.mark.parametrize("typed", ["", "acm", "../acme", "x" * 300, "<script>", "\x00", "ACME"])
def test_an_unknown_one_is_asked_for_again(
    url: str, admin: Admin, playback: PlaybackPlatform, typed: str
) -> None:
    page = admin.press(admin.open(url), organization=typed)

    assert (page.status_code, outcome(page)) == (200, "")
    expected = "no organization of that name" if typed else "Choose the organization first"
    assert expected in words(page)
    assert "<script>" not in page.text.partition("<body>")[2].partition("<script nonce")[0]
    assert playback.requests_to("registration") == []
    assert outcome(admin.press(page, organization="acme")) == "registered"


def test_an_earlier_integration_of_the_chosen_one_is_asked_about(
    acme: Ltictl, url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    admin.press(admin.open(url), organization="acme")
    again = Admin(playback.url("configuration"), "second")
    asked = again.press(again.open(issued(acme, url)), organization="acme")
    assert (outcome(asked), len(playback.requests_to("registration"))) == ("", 1)
    assert "has been connected to this platform before" in words(asked)

    other = again.press(asked, organization="uni-bern")

    assert outcome(other) == "registered"
    found = acme("list", "--json").data["integrations"]
    assert [each["id"] for each in found] == ["acme-moodle", "uni-bern-moodle"]


@pytest.mark.parametrize(
    "public", ["https://t.example", "https://t.example/", "https://t.example/r"]
)
def test_behind_a_public_address_the_slug_is_typed(
    acme: Ltictl, playback: PlaybackPlatform, public: str
) -> None:
    port = free_port()
    args = ("--org", "", "--port", str(port), "--public-url", public, "--allow-private", "--json")
    running = acme.start("register", *args)
    assert running.next_event("listening")["address"] == public
    given = acme("registration-url", "--public-url", public).stdout.strip()
    path = given.removeprefix("https://t.example")
    path = path if path.startswith("/") else f"/{path}"
    query = urlencode({"openid_configuration": playback.url("configuration")})

    page = httpx.get(
        f"http://127.0.0.1:{port}{path}&{query}",
        headers={"Host": "t.example"},
        trust_env=False,
        follow_redirects=True,
    )

    assert page.status_code == 200
    assert Form(page.text).options == []
    assert "organization" in Form(page.text).fields
    assert "acme" not in page.text.replace("for example: acme", "")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
