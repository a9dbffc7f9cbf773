"""LMS administrators act wrongly, twice or late at the page of a running ``register``."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ltictl.model.record import replace
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Running
from tests.support.visit import Admin, Form, issued, listening, outcome, words

Page = httpx.Response


@pytest.fixture
def served(acme: Ltictl) -> Iterator[tuple[Running, str]]:
    """``register`` waiting for any number of registrations, and its first URL."""
    running, url = listening(acme, "--forever")
    yield running, url
    running.close()
    running.assert_no_traceback()


@pytest.fixture
def url(served: tuple[Running, str]) -> str:
    return served[1]


def get(address: str) -> Page:
    return httpx.get(address, trust_env=False, timeout=20, follow_redirects=True)


def test_what_has_not_the_form_of_a_link_is_a_bare_404(url: str, admin: Admin) -> None:
    base, token = url.split("?t=")
    identifier, _, secret = token.partition(".")
    wrong = ["", "x", identifier, f"{identifier}.", f"../invitations/{identifier}.{secret}"]
    wrong += ["%00.", "é.é"]

    pages = [admin.open(f"{base}?t={each}") for each in wrong] + [get(base), get(f"{base}?")]

    assert {(page.status_code, page.text) for page in pages} == {(404, "Not found\n")}
    assert len({frozenset(page.headers) for page in pages}) == 1
    assert admin.open(url).status_code == 200


def test_every_unknown_secret_gets_the_same_page(url: str, admin: Admin) -> None:
    base, token = url.split("?t=")
    identifier, _, secret = token.partition(".")
    wrong = (f"{identifier}.{secret[:-1]}", f"x.{secret}", f"{identifier}.{secret}x", "x.y")

    pages = [admin.open(f"{base}?t={each}") for each in wrong]

    assert len({(page.status_code, words(page)) for page in pages}) == 1
    assert outcome(pages[0]) == "failed"
    assert len({frozenset(page.headers) for page in pages}) == 1
    assert admin.open(url).status_code == 200


def test_a_link_that_was_clicked_instead_of_pasted(url: str) -> None:
    page = get(url)

    assert (page.status_code, outcome(page)) == (400, "failed")
    assert "meant to be pasted" in words(page)
    assert "Add LTI Advantage" in words(page)


@pytest.mark.parametrize("apart", [False, True])
def test_the_page_names_every_host_and_what_it_gets(
    acme: Ltictl, profile: Path, admin: Admin, playback: PlaybackPlatform, apart: bool
) -> None:
    settings = profile / "profile.toml"
    launches = '[tool]\nredirect_uris = ["https://launch.tool.invalid/lti"]\n'
    settings.write_text(settings.read_text().replace("[tool]\n", launches))
    host = playback.url("configuration").split("/")[2]
    if apart:
        playback.configuration["registration_endpoint"] = "https://elsewhere.lms.example/register"
    playback.configuration["token_endpoint"] = "https://tokens.lms.example/token"
    _, url = listening(acme)

    page = admin.open(url)

    listed = re.search(r'<ul id="hosts">(.*?)</ul>', page.text, re.DOTALL)
    assert listed is not None
    items = [" ".join(each.split()) for each in re.findall(r"<li>(.*?)</li>", listed[1])]
    found = dict(each.removeprefix("<b>").split("</b> ") for each in items)
    later, people = "what Example Tool sends to Moodle", "whenever someone opens Example Tool"
    both = f"receives this registration now, and later {later}"
    assert found[host] == (f"later receives {later}" if apart else both)
    assert found["tokens.lms.example"] == f"later receives {later}"
    assert found["tool.invalid"] == f"receives this data {people}"
    assert found["launch.tool.invalid"] == f"receives this data {people}"
    assert ("elsewhere.lms.example" in found) is apart
    if apart:
        assert found["elsewhere.lms.example"].startswith("receives this registration, with the key")
    assert "ltictl sends one request to add Example Tool to Moodle" in words(page)


@pytest.mark.parametrize("kind", ["text/html", "", "application/jose"])
def test_a_configuration_that_is_not_called_json_is_read_with_a_warning(
    url: str, admin: Admin, playback: PlaybackPlatform, kind: str
) -> None:
    answer = Answer.json(playback.served_configuration())
    playback.on("configuration", replace(answer, headers={"Content-Type": kind} if kind else {}))

    page = admin.open(url)

    assert f"as {kind or 'no type at all'} instead of application/json" in words(page)
    assert outcome(admin.press(page)) == "registered"


def test_what_only_the_makers_can_put_right_is_not_asked_of_the_administrator(
    acme: Ltictl, admin: Admin, playback: PlaybackPlatform
) -> None:
    words_of_moodle = '{"error":"missing required attribute"}'
    playback.on("registration", Answer.text(words_of_moodle, 400, "application/json"))
    running, url = listening(acme)

    result = admin.press(admin.open(url))

    assert outcome(result) == "refused"
    assert "profile.toml" not in words(result)
    assert "Please contact the person who sent you the link" in words(result)
    error = running.next_event("refused")["error"]
    assert "profile.toml" in error["fix"]


def test_a_spent_link_says_so(url: str, admin: Admin, playback: PlaybackPlatform) -> None:
    assert outcome(admin.press(admin.open(url))) == "registered"

    another = Admin(playback.url("configuration"), "another-token").open(url)

    assert (another.status_code, outcome(another)) == (410, "failed")
    assert "has been used" in words(another)
    assert len(playback.requests_to("configuration")) == 1


def test_a_revoked_link_says_so_even_after_its_page_was_shown(
    acme: Ltictl, url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    page = admin.open(url)
    identifier = url.split("?t=")[1].partition(".")[0]
    assert acme("invitation", "revoke", identifier).code == 0

    pressed, opened = admin.press(page), Admin(playback.url("jwks")).open(url)

    assert outcome(pressed) == outcome(opened) == "failed"
    assert "revoked" in words(pressed)
    assert "revoked" in words(opened)
    assert playback.requests_to("registration") == []


def test_an_expired_link_says_so(acme: Ltictl, url: str, admin: Admin) -> None:
    given = issued(acme, url, "--org", "acme", "--expires", "1s")
    threading.Event().wait(1.2)

    page = admin.open(given)

    assert (page.status_code, outcome(page)) == (410, "failed")
    assert "expired" in words(page)


def test_reloading_at_every_step_fetches_and_sends_once(
    url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    first = admin.open(url)
    again = admin.open(url)
    results = [admin.press(first), admin.press(again), admin.press(first)]
    results += [admin.open(url), admin.open(url)]

    assert Form(first.text).action == Form(again.text).action != ""
    assert [outcome(page) for page in results] == ["registered"] * 5
    assert len({words(page) for page in results}) == 1
    assert len(playback.requests_to("configuration")) == 1
    assert len(playback.requests_to("registration")) == 1


def test_register_pressed_twice_at_once_sends_once(
    url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    accept = accepting()
    playback.on("registration", lambda request: _delayed(accept(request)))
    page = admin.open(url)
    results: list[Page] = []
    presses = [threading.Thread(target=lambda: results.append(admin.press(page))) for _ in range(5)]

    for press in presses:
        press.start()
    for press in presses:
        press.join()

    assert [outcome(result) for result in results] == ["registered"] * 5
    assert len({words(result) for result in results}) == 1
    assert len(playback.requests_to("registration")) == 1


def _delayed(answer: Answer) -> Answer:
    return Answer(answer.status, answer.headers, answer.body, delay=0.5)


def test_two_tabs_make_one_registration_of_one_link(
    acme: Ltictl, url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    other = Admin(playback.url("configuration"), "another-token")
    tabs = [admin.open(url), other.open(url)]

    results = [admin.press(tabs[0]), other.press(tabs[1])]

    assert outcome(results[0]) == "registered"
    assert "has been connected to this platform before" in words(results[1])
    late = other.press(results[1], replaces="")
    assert outcome(late) == "failed"
    assert "has been used" in words(late)
    assert len(acme("list", "--json").data["integrations"]) == 1
    assert len(playback.requests_to("registration")) == 1


def test_cancel_sends_nothing_and_the_link_stays_good(
    url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    page = admin.open(url)

    cancelled = admin.press(page, "cancel")

    assert outcome(cancelled) == outcome(admin.press(page)) == outcome(admin.open(url))
    assert outcome(cancelled) == "cancelled"
    assert playback.requests_to("registration") == []
    other = Admin(playback.url("configuration"), "another-token")
    assert outcome(other.press(other.open(url))) == "registered"


def test_a_platform_that_has_gone_is_no_refusal(
    acme: Ltictl, served: tuple[Running, str], profile: Path
) -> None:
    running, url = served
    with PlaybackPlatform() as platform:
        admin = Admin(platform.url("configuration"))
        page = admin.open(url)
    result = admin.press(page)

    assert outcome(result) == "failed"
    assert "No connection" in words(result)
    assert running.next_event("failed")["error"]["code"] == "not_connected"
    assert not list((profile / "attempts").iterdir())
    assert acme("invitation", "list", "--json").data["invitations"][0]["state"] == "open"


def test_a_refusal_is_shown_on_the_page_and_leaves_the_link_good(
    url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    playback.on("registration", Answer.of("04-registration-request/inline-jwks"), accepting())

    refused = admin.press(admin.open(url))

    assert outcome(refused) == "refused"
    assert "missing required attribute jwks_uri" in words(refused)
    other = Admin(playback.url("configuration"), "another-token")
    assert outcome(other.press(other.open(url))) == "registered"


def test_an_answer_without_client_id_is_no_refusal(
    url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    playback.on("registration", Answer.json({}))

    result = admin.press(admin.open(url))

    assert outcome(result) == "failed"
    assert "its answer cannot be used" in words(result)


def test_an_unreachable_configuration_is_fetched_again_at_the_next_reload(
    url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    good = Answer.json(playback.served_configuration())
    playback.on("configuration", Answer.text("down", 503), good)

    first, second = admin.open(url), admin.open(url)

    assert (outcome(first), Form(second.text).action != "") == ("failed", True)
    assert "HTTP 503" in words(first)


def test_the_same_school_again_is_asked_whether_to_update(
    acme: Ltictl, url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    assert outcome(admin.press(admin.open(url))) == "registered"
    again = Admin(playback.url("configuration"), "second")
    page = again.open(issued(acme, url, "--org", "acme"))
    assert Form(page.text).fields["replaces"] == ""
    assert "Add another one beside acme-moodle (pending), which stays as it is" in words(page)
    assert "they fail as soon as it is deleted" in words(page)

    updated = again.press(page, replaces="acme-moodle")

    assert outcome(updated) == "updated"
    (found,) = acme("list", "--json").data["integrations"]
    assert (found["id"], found["client_id"]) == ("acme-moodle", "client000000002")
    assert "client000000001" in acme("show", "acme-moodle").stdout


def test_or_to_add_another(
    acme: Ltictl, url: str, admin: Admin, playback: PlaybackPlatform
) -> None:
    admin.press(admin.open(url))
    again = Admin(playback.url("configuration"), "second")

    page = again.press(again.open(issued(acme, url, "--org", "acme")), replaces="")

    assert outcome(page) == "registered"
    found = acme("list", "--json").data["integrations"]
    assert [each["id"] for each in found] == ["acme-moodle", "acme-moodle-2"]
