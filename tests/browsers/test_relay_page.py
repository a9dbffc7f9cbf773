"""The relay page on the tool's own site, in an LMS's frame: one button, one block, nothing sent."""

import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.answers import Answer
from tests.support.browser import page
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform

from .conftest import Sites
from .lms import LmsPages, heard, tool_page, wait_for_close

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

# A registration token whose address is longer than the 4,095 characters of a terminal's line.
LONG = "t" * 5000


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def relay(acme: Ltictl, sites: Sites, profile: Path, port: int) -> str:
    """The address of acme's relay page."""
    address = f"{sites.tool.origin}/lti/register"
    settings = profile / "profile.toml"
    ours = f'[callback]\nport = {port}\npublic_url = "{address}"\n'
    settings.write_text(re.sub(r"(?ms)^\[callback\]\n.*?(?=^\[|\Z)", ours, settings.read_text()))
    made = acme("relay-page", "--output", str(profile.parent / "relay.html"), "--json")
    made.assert_success()
    html = (profile.parent / "relay.html").read_bytes()
    sites.tool.pages["/lti/register"] = Answer(200, {"Content-Type": "text/html"}, html)
    return address


@pytest.fixture
def url(acme: Ltictl, relay: str) -> str:
    issued = str(acme("registration-url", "--org", "acme", "--json").data["url"])
    assert issued.startswith(f"{relay}?t=")
    return issued


def open_relay(lms: LmsPages, page: "Page", url: str) -> "Page | Frame":
    lms.open(page, url, "frame")
    tool = tool_page(page, "frame")
    tool.locator("#arrived").wait_for()
    return tool


def block(tool: "Page | Frame") -> str:
    tool.locator("#elsewhere").wait_for()
    return tool.locator("#block").input_value()


def test_the_button_goes_on_in_a_tab_and_the_close_message_comes_from_the_relay_page(
    acme: Ltictl, sites: Sites, secure: LmsPages, tab: "Page", url: str, port: int
) -> None:
    running = acme.start("register", "--org", "acme", "--allow-private", "--json")
    running.next_event("listening")
    tool = open_relay(secure, tab, url)
    assert tool.inner_text("#lms").startswith("127.0.0.1:")

    with tab.context.expect_page() as new:
        tool.locator("#here").click()
    new.value.locator("#register").click()
    new.value.locator("#result[data-outcome=registered]").wait_for()
    assert heard(tab) == []
    assert new.value.url.startswith(f"http://127.0.0.1:{port}/")
    new.value.locator("#done").click()

    assert wait_for_close(tab) == sites.tool.origin
    assert running.wait(10).data["integrations"][0]["id"] == "acme-moodle"


def test_a_block_is_copied_from_the_frame_and_pasted_at_a_terminal(
    acme: Ltictl, playback: PlaybackPlatform, sites: Sites, tab: "Page", url: str
) -> None:
    lms = LmsPages(sites.secure, playback.url("configuration"), token=LONG)
    tool = open_relay(lms, tab, url)
    tool.locator("#elsewhere").wait_for()
    tool.locator("#copy").click()
    tool.locator("#copied").wait_for()
    tab.evaluate("document.body.append(document.createElement('textarea'))")
    tab.locator("textarea").focus()
    tab.keyboard.press("Control+V")
    copied = tab.locator("textarea").input_value()
    assert copied == block(tool)
    assert LONG not in copied

    terminal = acme.terminal("register", "--paste", "--allow-private")
    terminal.wait_for("Paste the address or the sealed block")
    terminal.send(f"{copied}\n\n")
    terminal.wait_for("Register acme at 127.0.0.1")
    assert playback.requests_to("registration") == []
    terminal.send("y\r")
    terminal.wait_for("Activate" if "Activate" in terminal.text else "acme-moodle")

    assert terminal.wait(10) == 0
    (request,) = playback.requests_to("registration")
    assert request.headers["authorization"] == f"Bearer {LONG}"
    assert "BEGIN" not in terminal.received.decode()
    spent = acme("invitation", "list", "--json").data["invitations"]
    assert [each["state"] for each in spent] == ["spent"]
    again = acme("register", "--paste", "--yes", "--allow-private", "--json", input=copied)
    assert (again.code, again.error["code"]) == (1, "invitation_spent")


def test_the_page_sends_nothing_anywhere(
    sites: Sites, secure: LmsPages, tab: "Page", url: str
) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))

    block(open_relay(secure, tab, url))
    tab.wait_for_load_state("networkidle")

    tool_requests = [each for each in asked if each.startswith(sites.tool.origin)]
    assert tool_requests == [secure.address(url)]
    others = [each for each in asked if each not in tool_requests]
    assert all(each.startswith(secure.site.origin) for each in others), others


def test_only_the_tab_that_it_opened_may_ask_for_closing(
    acme: Ltictl, secure: LmsPages, tab: "Page", url: str
) -> None:
    acme.start("register", "--org", "acme", "--allow-private", "--json").next_event("listening")
    tool = open_relay(secure, tab, url)
    with tab.context.expect_page() as new:
        tool.locator("#here").click()
    new.value.locator("#register").wait_for()

    message = json.dumps({"subject": "org.imsglobal.lti.close"})
    tab.evaluate(f"frames[0].postMessage({message}, '*')")
    tool.evaluate(f"postMessage({message}, '*')")
    new.value.evaluate("opener.postMessage({subject: 'something else'}, '*')")
    new.value.evaluate("opener.postMessage('org.imsglobal.lti.close', '*')")
    new.value.evaluate("address => location.assign(address)", secure.start)  # another origin
    new.value.wait_for_url(secure.start)
    new.value.evaluate(f"opener.postMessage({message}, '*')")
    tab.wait_for_timeout(300)

    assert heard(tab) == []


def test_around_an_lms_on_plain_http_nothing_is_encrypted_and_the_page_says_so(
    sites: Sites, playback: PlaybackPlatform, tab: "Page", url: str
) -> None:
    lms = LmsPages(sites.plain, playback.url("configuration"))
    tool = open_relay(lms, tab, url)
    tool.locator("#insecure").wait_for()
    assert not tool.locator("#elsewhere").is_visible()

    with tab.context.expect_page() as new:
        tool.locator("#tab").click()

    assert block(new.value).startswith("-----BEGIN LTICTL SEALED BLOCK-----\nltictl1.")


def test_opened_by_hand_it_says_where_the_link_belongs(tab: "Page", url: str) -> None:
    tab.goto(url)

    tab.locator("#direct").wait_for()

    assert "pasted into your learning platform" in tab.inner_text("main")
    assert not tab.locator("#arrived").is_visible()


def test_without_javascript_it_says_what_it_needs_it_for(
    chromium: "Browser", secure: LmsPages, url: str
) -> None:
    with page(chromium, ignore_https_errors=True, java_script_enabled=False) as plain:
        plain.goto(secure.address(url))

        assert "needs JavaScript" in plain.inner_text("main")


def test_hostile_parameters_are_text(sites: Sites, tab: "Page", url: str) -> None:
    tab.on("dialog", lambda _: pytest.fail("a script ran"))
    bad = "https://<img src=x onerror=alert(1)>.example/"

    tool = open_relay(LmsPages(sites.secure, bad), tab, url)

    assert tool.locator("#lms *").count() == 0
    assert tool.locator("img").count() == 0
