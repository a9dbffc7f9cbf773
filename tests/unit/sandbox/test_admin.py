"""The administrator's pages, over HTTP and in a real browser."""

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ltictl.sandbox.tools import ToolState
from tests.support import browser
from tests.support.parts import require

from .world import School, ToolServer, request_body, token_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CLOSING = b"""<!DOCTYPE html><title>Tool</title><h1>Tool page</h1>
<button id="string">string</button><button id="object">object</button><script>
const close = {subject: "org.imsglobal.lti.close"};
document.getElementById("string").onclick = () => parent.postMessage(JSON.stringify(close), "*");
document.getElementById("object").onclick = () => parent.postMessage(close, "*");
</script>"""


def start(school: School, tool_url: str, **query: str) -> tuple[int, str, str]:
    session = {"url": tool_url, "sesskey": school.sandbox.lms.session_key}
    answer = school.http.get("/admin/start", params=session | query)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_the_front_page_leads_to_the_tools(school: School) -> None:
    answer = school.http.get("/")

    assert (answer.status_code, answer.headers["location"]) == (302, "/admin")


def test_starting_redirects_to_the_tool(school: School) -> None:
    status, location, _ = start(school, "https://new.example/register?t=1")

    assert status == 302
    assert location.startswith("https://new.example/register?t=1&openid_configuration=http%3A")
    assert token_in(location)


def test_an_unusable_address_is_the_recorded_error_in_the_frame(school: School) -> None:
    status, _, text = start(school, "https://[::1]:9090/register")

    assert status == 404
    assert '<p class="errormessage">A required parameter (url) was missing</p>' in text


def test_a_known_host_brings_up_the_choice(school: School) -> None:
    tool = school.register(request_body("http://127.0.0.1:7001", client_name="A & B"))

    status, _, text = start(school, "http://127.0.0.1:7001/register")
    other_port, _, _ = start(school, "http://127.0.0.1:7002/register")

    assert (status, other_port) == (200, 302)
    assert "Update A &amp; B" in text
    assert "Register as a new external tool" in text
    update = start(school, "http://127.0.0.1:7001/register", tool=tool.deployment_id)[1]
    anew = start(school, "http://127.0.0.1:7001/register", tool="new")[1]
    bearer = {"Authorization": f"Bearer {token_in(update)}"}
    assert school.http.get("/registration", headers=bearer).json()["client_id"] == tool.client_id
    assert school.post(token_in(anew), request_body()).json()["client_id"] != tool.client_id


def test_updating_a_tool_that_has_gone_is_an_error_page(school: School) -> None:
    assert start(school, "https://new.example/", tool="99999")[0] == 404


def test_nothing_happens_without_the_session_key(school: School) -> None:
    tool = school.register()
    form = {"deployment_id": tool.deployment_id, "sesskey": "guess"}

    statuses = [
        school.http.post("/admin/activate", data=form).status_code,
        school.http.post("/admin/delete", data=form).status_code,
        school.http.get(
            "/admin/start", params={"url": "https://x.example", "sesskey": "é"}
        ).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert school.sandbox.lms.tool(tool.deployment_id).state is ToolState.PENDING


def test_forms_activate_and_delete(school: School) -> None:
    lms = school.sandbox.lms
    tool = school.register()
    form = {"deployment_id": tool.deployment_id, "sesskey": lms.session_key}

    activated = school.http.post("/admin/activate", data=form)
    assert (activated.status_code, activated.headers["location"]) == (303, "/admin")
    assert lms.tool(tool.deployment_id).state is ToolState.ACTIVE

    assert school.http.post("/admin/delete", data=form).status_code == 303
    assert school.http.post("/admin/delete", data=form).status_code == 404


def test_foreign_names_are_text(school: School) -> None:
    school.register(request_body(client_name="a & b <script", logo_uri="javascript:x"))

    text = school.http.get("/admin").text

    assert "a &amp; b &lt;script" in text


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    require("Playwright", importlib.util.find_spec("playwright") is not None)
    with browser.browser() as running:
        yield running


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    with browser.page(chromium) as opened:
        yield opened


def test_an_administrator_registers_activates_and_deletes(
    school: School, tool_server: ToolServer, page: "Page"
) -> None:
    tool_server.answer = (200, CLOSING)
    page.goto(school.sandbox.admin_url)
    page.fill("#tool-url", f"{tool_server.url}/register?t=1")
    page.click("#add-lti-advantage")
    tool_page = page.frame_locator("#registration-frame")
    tool_page.locator("#string").wait_for()
    assert not page.is_visible("#tool-list")
    path = next(path for path, _ in tool_server.seen if path.startswith("/register"))
    answer = school.post(token_in(f"http://tool{path}"), request_body(tool_server.url))
    card = page.locator(f".tool-card[data-client-id='{answer.json()['client_id']}']")

    tool_page.locator("#string").click()
    page.wait_for_timeout(100)
    assert page.is_visible("#registration-frame")
    tool_page.locator("#object").click()

    card.wait_for()
    assert page.locator("#registration-frame").count() == 0
    assert card.get_attribute("data-state") == "pending"
    card.locator(".activate").click()
    page.locator(f"[data-client-id='{answer.json()['client_id']}'][data-state=active]").wait_for()
    card.locator(".delete").click()
    card.wait_for(state="detached")
    assert school.sandbox.lms.client(answer.json()["client_id"]) is None


def test_after_cancelling_the_list_is_the_old_one(
    school: School, tool_server: ToolServer, page: "Page"
) -> None:
    tool_server.answer = (200, CLOSING)
    page.goto(school.sandbox.admin_url)
    page.fill("#tool-url", f"{tool_server.url}/register?t=1")
    page.press("#tool-url", "Enter")
    page.frame_locator("#registration-frame").locator("#string").wait_for()
    tool = school.register(request_body(tool_server.url))
    card = page.locator(f".tool-card[data-client-id='{tool.client_id}']")

    page.click("#cancel")

    assert page.is_visible("#tool-list")
    assert page.locator("#registration-frame").count() == 0
    assert card.count() == 0
    page.reload()
    assert card.count() == 1


def test_the_choice_leads_on_inside_the_frame(
    school: School, tool_server: ToolServer, page: "Page"
) -> None:
    tool_server.answer = (200, CLOSING)
    tool = school.register(request_body(tool_server.url))
    page.goto(school.sandbox.admin_url)
    page.fill("#tool-url", f"{tool_server.url}/register?t=1")
    page.click("#add-lti-advantage")
    inside = page.frame_locator("#registration-frame")

    inside.locator(f".update[data-deployment-id='{tool.deployment_id}']").click()

    inside.locator("#object").wait_for()
    assert inside.locator("#object").count() == 1
