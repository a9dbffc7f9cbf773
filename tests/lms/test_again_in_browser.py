"""Registering again in a real browser: the LMS's question, the page's question, the result."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ltictl.model.integration import Integration, Status
from ltictl.operations.context import Context
from ltictl.operations.switch import activate
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Running
from tests.support.visit import listening

from .conftest import setting

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

OUTCOME = "#result[data-outcome={}]"


@dataclass(frozen=True)
class Office:
    """An administrator's browser at an embedded LMS, and ``ltictl register`` that waits."""

    lms: Sandbox
    context: Context
    page: "Page"
    running: Running
    url: str

    def paste(self) -> None:
        """Paste the URL into the LMS; what then opens is looked at by the caller."""
        self.page.goto(self.lms.admin_url)
        self.page.fill("#tool-url", self.url)
        self.page.click("#add-lti-advantage")

    @property
    def frame(self) -> "FrameLocator":
        return self.page.frame_locator("#registration-frame")

    def stored(self) -> dict[str, Integration]:
        return {each.id: each for each in self.context.profile.integrations.all()}

    def first(self) -> Integration:
        """The integration of a first registration, through the same pages, in use."""
        self.paste()
        self.frame.locator("#register").click()
        self.frame.locator(OUTCOME.format("registered")).wait_for()
        self.page.goto(self.lms.admin_url)
        self.page.locator(".activate").click()
        self.page.locator(".tool-card[data-state=active]").wait_for()
        (made,) = self.stored().values()
        activate(self.context, [made.id])
        return self.context.profile.integrations.get(made.id)


MakeOffice = Callable[[Like], Office]


@pytest.fixture
def office(
    ltictl: Ltictl, profile_at_home: Context, playback: PlaybackPlatform, chromium_page: "Page"
) -> Iterator[MakeOffice]:
    """Every URL that is pasted serves any number of visits: one invitation for each."""
    context = profile_at_home
    keys = playback.url("/keys")
    playback.on("/keys", Answer.json({"keys": [{"kty": "RSA"}]}))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    setting(context, f'jwks_uri = "{keys}"')
    # Moodle and Canvas know a tool again by its host: the callback has to be at the tool's.
    path = context.profile.root / "profile.toml"
    path.write_text(path.read_text().replace("https://tool.invalid", f"http://127.0.0.1:{port}"))
    with ExitStack() as stack:

        def make(like: Like) -> Office:
            lms = stack.enter_context(Sandbox(family=like.code))
            running, url = listening(ltictl, "--port", str(port), "--forever")
            return Office(lms, context, chromium_page, running, url)

        yield make


def again(desk: Office, ltictl: Ltictl) -> Office:
    """The same desk with a fresh invitation; the first one is spent."""
    base = desk.url.partition("?")[0]
    done = ltictl("registration-url", "--org", "acme", "--public-url", base, "--json")
    return Office(desk.lms, desk.context, desk.page, desk.running, str(done.data["url"]))


def test_moodle_asks_and_its_update_changes_the_tool_in_place(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    desk = office(Like.MOODLE)
    first = desk.first()
    setting(desk.context, 'description = "Changed meanwhile"')
    desk = again(desk, ltictl)

    desk.paste()
    desk.frame.locator("a.update").click()
    assert "acme-moodle" in desk.frame.locator(".note").first.inner_text()
    assert desk.frame.locator("#earlier").count() == 0  # Moodle has asked already
    assert desk.frame.locator("h1").inner_text() == "Update Example Tool in Moodle"
    assert desk.frame.locator("#register").inner_text() == "Update"
    assert " add " not in desk.frame.locator("main").inner_text()
    desk.page.clock.install()
    desk.frame.locator("#register").click()
    result = desk.frame.locator(OUTCOME.format("updated"))
    result.wait_for()
    assert result.locator("ol").count() == 0  # it stays Active there

    desk.page.clock.run_for(3000)
    # Ten less three; the clock also goes on by itself where the machine is slow.
    assert re.search(r"closes in [1-7] s", result.inner_text())
    desk.frame.locator("#stay").click()
    desk.page.clock.run_for(20_000)
    assert result.locator("#countdown").is_hidden()
    desk.page.reload()  # the LMS's page; nothing has closed the frame before
    stored = desk.stored()
    assert list(stored) == [first.id]
    after = stored[first.id]
    assert (after.client_id, after.deployments) == (first.client_id, first.deployments)
    assert (after.status, after.created_at) == (Status.ACTIVE, first.created_at)
    (tool,) = desk.lms.lms.tools()
    assert tool.settings.description == "Changed meanwhile"


def test_another_is_added_where_moodle_makes_another_tool(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    desk = office(Like.MOODLE)
    first = desk.first()
    desk = again(desk, ltictl)

    desk.paste()
    desk.frame.locator("a.register-new").click()
    choice = desk.frame.locator("#earlier")
    assert "acme-moodle (active)" in choice.inner_text()
    assert choice.get_by_label("Add another").is_checked()
    assert "fail as soon as it is deleted" in choice.inner_text()
    desk.frame.locator("#register").click()
    desk.frame.locator(OUTCOME.format("registered")).wait_for()

    stored = desk.stored()
    assert list(stored) == [first.id, "acme-moodle-2"]
    assert stored[first.id] == first
    assert stored["acme-moodle-2"].status is Status.PENDING
    assert len(desk.lms.lms.tools()) == 2


def test_registering_again_from_this_computer_cuts_off_no_course(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    """The story of a live course: with the URL of this computer Moodle never offers an update."""
    desk = office(Like.MOODLE)
    path = desk.context.profile.root / "profile.toml"
    here = desk.url.partition("/register")[0]
    path.write_text(path.read_text().replace(here, "https://tool.invalid"))
    first = desk.first()
    before = clients(ltictl, desk)
    desk = again(desk, ltictl)

    desk.paste()
    assert desk.frame.locator("a.update").count() == 0
    desk.frame.locator("#register").click()
    desk.frame.locator(OUTCOME.format("registered")).wait_for()

    assert desk.stored()[first.id] == first
    assert clients(ltictl, desk) == before == {first.client_id}
    ltictl("activate", "acme-moodle-2")
    assert clients(ltictl, desk) == {tool.client_id for tool in desk.lms.lms.tools()}


def clients(ltictl: Ltictl, desk: Office) -> set[str]:
    """The clients that the running tool serves."""
    done = ltictl("export", "pylti1p3", "--output", str(desk.context.profile.root.parent / "x"))
    done.assert_success()
    (served,) = json.loads((desk.context.profile.root.parent / "x").read_text()).values()
    return {each["client_id"] for each in served}


def test_a_tool_that_moodle_has_no_more_is_followed_by_the_new_one(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    desk = office(Like.MOODLE)
    first = desk.first()
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.page.locator("button.delete").click()
    desk.page.locator(".tool-card").wait_for(state="detached")
    desk = again(desk, ltictl)

    desk.paste()
    assert desk.frame.get_by_label(f"Use the new tool for {first.id}").is_checked()
    assert "does not have any more" in desk.frame.locator("#earlier").inner_text()
    desk.frame.locator("#register").click()
    desk.frame.locator(OUTCOME.format("updated")).wait_for()

    (after,) = desk.stored().values()
    assert after.client_id == desk.lms.lms.tools()[0].client_id != first.client_id
    assert after.former_in_use == ()


def test_a_new_tool_in_the_place_of_the_former_one_keeps_its_history(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    desk = office(Like.SAKAI)
    first = desk.first()
    desk = again(desk, ltictl)

    desk.paste()
    desk.frame.get_by_label(f"Use the new tool for {first.id}").check()
    desk.frame.locator("#register").click()
    result = desk.frame.locator(OUTCOME.format("updated"))
    result.wait_for()

    shown = result.inner_text()
    assert "The LMS has two tools now." in shown
    assert "only after no activity uses it" in shown
    assert "ltictl" not in shown  # commands are for the operator
    assert result.locator("h1").inner_text() == "Registered"
    assert result.locator("ol").count() == 1  # the new tool has to be switched on
    assert result.locator("#countdown").count() == 0
    warnings = desk.running.next_event("updated")["warnings"]
    assert any(f"--former-client {first.client_id}" in each for each in warnings)
    stored = desk.stored()
    assert list(stored) == [first.id]
    after = stored[first.id]
    assert after.client_id != first.client_id
    assert [each.client_id for each in after.former_in_use] == [first.client_id]
    assert set(first.deployments) < set(after.deployments)
    assert after.status is Status.ACTIVE


def test_canvas_lets_the_update_wait_for_its_administrator(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    desk = office(Like.CANVAS)
    first = desk.first()
    setting(desk.context, '[tool.platforms.canvas]\nname = "Renamed"')
    desk = again(desk, ltictl)

    desk.paste()
    desk.frame.locator("a.update").click()
    desk.frame.locator("#register").click()
    result = desk.frame.locator(OUTCOME.format("updated"))
    result.wait_for()
    assert "takes effect when an administrator accepts it" in result.inner_text()
    desk.page.goto(desk.lms.admin_url)
    assert desk.page.locator(".tool-card .name").inner_text() == "Example Tool"
    desk.page.click("button:text('Accept update')")
    desk.page.locator(".tool-card .name:text('Renamed')").wait_for()

    stored = desk.stored()
    assert list(stored) == [first.id]
    assert stored[first.id].client_id == first.client_id
    assert stored[first.id].status is Status.ACTIVE


def test_brightspace_says_that_the_name_is_taken_in_the_tab(
    office: MakeOffice, ltictl: Ltictl
) -> None:
    desk = office(Like.BRIGHTSPACE)
    for expected in ("registered", "refused"):
        with desk.page.expect_popup() as opened:
            desk.paste()
        opened.value.click("#register")
        result = opened.value.locator(OUTCOME.format(expected))
        result.wait_for()
        words = result.inner_text()
        desk = again(desk, ltictl)

    assert "The name 'Example Tool' is in use" in words
    assert "names are unique in the organization" in words
    assert "Manage Extensibility" in words
    assert list(desk.stored()) == ["acme-brightspace"]
    assert len(desk.lms.lms.tools()) == 1
