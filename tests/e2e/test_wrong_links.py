"""A link that this run refuses gives a page in the LMS and a line on the terminal."""

import json

import httpx
import pytest

from tests.support.cli import Ltictl
from tests.support.processes import Running
from tests.support.visit import Admin, issued, listening, outcome, words


@pytest.fixture
def run(acme: Ltictl) -> tuple[Running, str]:
    acme("org", "add", "beta")
    return listening(acme)


def test_a_link_of_another_organization_and_an_unknown_one_look_alike(
    acme: Ltictl, run: tuple[Running, str], admin: Admin
) -> None:
    running, url = run
    others = issued(acme, url, "--org", "beta")
    base = url.partition("?")[0]

    pages = [admin.open(each) for each in (others, issued(acme, url), f"{base}?t=12345678.nothing")]

    assert len({words(page) for page in pages}) == 1
    for page in pages:
        assert (page.status_code, outcome(page)) == (404, "failed")
        assert "cannot be used here" in words(page)
        assert "beta" not in words(page)
        assert "frame-ancestors https:" in page.headers["content-security-policy"]
    first, second, third = (running.next_event("link_refused") for _ in pages)
    assert (first["reason"], first["organization"]) == ("other_organization", "beta")
    assert (second["reason"], second["organization"]) == ("other_organization", None)
    assert (third["reason"], third["invitation"]) == ("unknown", None)


def test_the_page_of_a_used_link_says_so_and_so_does_the_terminal(
    acme: Ltictl, run: tuple[Running, str], admin: Admin
) -> None:
    running, url = run
    spent = issued(acme, url, "--org", "acme")
    identifier = spent.partition("?t=")[2].partition(".")[0]
    acme("invitation", "revoke", identifier)

    page = admin.open(spent)
    admin.open(spent)
    altered = admin.open(url[:-3] + "zzz")

    assert (page.status_code, outcome(page)) == (410, "failed")
    assert "revoked" in words(page)
    assert altered.status_code == 404
    events = [running.next_event("link_refused") for _ in range(2)]
    assert [each["reason"] for each in events] == ["revoked", "altered"]
    assert events[0]["invitation"] == identifier
    assert spent.rpartition(".")[2] not in running.output("stderr").replace(url, "")


def test_a_person_at_the_terminal_reads_whose_link_it_was(acme: Ltictl, admin: Admin) -> None:
    acme("org", "add", "beta")
    terminal = acme.terminal("register", "--org", "acme", "--port", "0", "--allow-private")
    terminal.wait_for("only in a browser")
    url = next(each for each in terminal.text.split() if each.startswith("http://127.0.0.1"))

    admin.open(issued(acme, url, "--org", "beta"))

    screen = terminal.wait_for("ltictl register --org beta")
    assert "this run takes links of acme only" in screen
    assert "No LMS has opened" not in screen


def test_after_the_timeout_the_last_thing_that_happened_is_the_reason(
    acme: Ltictl, admin: Admin
) -> None:
    waiting, url = listening(acme, "--timeout", "4s")

    admin.press(admin.open(url), "cancel")

    ended = waiting.wait(20)
    error = json.loads(ended.stdout)["error"]
    assert (ended.code, error["code"]) == (5, "nobody_came")
    assert "pressed Cancel" in error["why"]


def test_what_has_not_our_form_stays_a_404_without_words(run: tuple[Running, str]) -> None:
    base = run[1].partition("?")[0]

    answer = httpx.get(f"{base}?t=wp-login", trust_env=False)

    assert (answer.status_code, answer.text) == (404, "Not found\n")
