"""The embedded LMS's launches equal the recorded ones (08-launch)."""

import html
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest

from ltictl.lti.vocabulary import CLAIM, DEEP_LINKING, TOOL_CONFIGURATION
from ltictl.sandbox.tools import SandboxTool

from .world import School, ToolServer, private_key, request_body

RECORDED = Path(__file__).parents[2] / "recordings" / "moodle-4.5" / "08-launch"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """The address to which the page posts by itself, and the form."""
    action = re.search(r'<form id="posting" method="post" action="([^"]*)">', page.text)
    assert action, page.text
    fields = {html.unescape(name): html.unescape(value) for name, value in FIELD.findall(page.text)}
    return html.unescape(action[1]), fields


def registered(school: School, **configuration: Any) -> SandboxTool:
    body = request_body("http://tool.example:8000")
    body[TOOL_CONFIGURATION] |= {
        "claims": ["sub", "given_name", "email"],
        "messages": [{"type": DEEP_LINKING, "target_link_uri": "http://tool.example:8000/pick"}],
        "custom_parameters": {"who": "$User.id", "odd": "$Nobody.knows", "plain": "a=b"},
    } | configuration
    body["redirect_uris"] = ["http://tool.example:8000/launch", "http://tool.example:8000/pick"]
    return school.register(body)


def open_launch(
    school: School, tool: SandboxTool, how: str = "open", **fields: str
) -> dict[str, str]:
    """The login initiation of a launch."""
    data = {"sesskey": school.sandbox.lms.session_key, "person": "student", **fields}
    page = school.http.post(f"/launch/{tool.deployment_id}/{how}", data=data)
    page.raise_for_status()
    action, posted = form_of(page)
    if action != "http://tool.example:8000/login":
        raise ValueError(action)
    return posted


def activity(school: School, tool: SandboxTool) -> str:
    """Number of the tool's latest activity."""
    page = school.http.get(f"/launch/{tool.deployment_id}").text
    return str(re.findall(r'data-activity="(\d+)"', page)[-1])


def request_for(login: dict[str, str], **changes: str | None) -> dict[str, str]:
    """The authorization request that a tool makes of a login initiation."""
    asked: dict[str, str | None] = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": login["client_id"],
        "redirect_uri": login["target_link_uri"],
        "login_hint": login["login_hint"],
        "lti_message_hint": login["lti_message_hint"],
        "state": "st1",
        "nonce": "no1",
    }
    return {name: value for name, value in (asked | changes).items() if value is not None}


def claims_of(school: School, token: str) -> dict[str, Any]:
    keys = jwt.PyJWKSet.from_dict(school.http.get("/jwks").json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    options: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    return dict(jwt.decode(token, key.key, ["RS256"], options=options))


def recorded_claims() -> dict[str, Any]:
    exchanges = json.loads((RECORDED / "resource-link.json").read_text())["exchanges"]
    token = exchanges[-1]["form"]["id_token"]
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_a_resource_link_launch_says_what_the_real_platform_says(school: School) -> None:
    tool = registered(school)
    login = open_launch(school, tool, activity=activity(school, tool))

    page = school.http.get("/auth", params=request_for(login))

    action, posted = form_of(page)
    assert (action, posted["state"]) == ("http://tool.example:8000/launch", "st1")
    claims = claims_of(school, posted["id_token"])
    recorded = recorded_claims()
    # No services are played, and 'lis' and 'ext' are Moodle's own.
    services = {name for name in recorded if "/lti-ags/" in name or "/lti-nrps/" in name}
    assert set(recorded) - set(claims) == services | {f"{CLAIM}lis", f"{CLAIM}ext"}
    assert set(claims) <= set(recorded)
    assert {name: type(value) for name, value in claims.items()} == {
        name: type(recorded[name]) for name in claims
    }
    assert claims["exp"] - claims["iat"] == recorded["exp"] - recorded["iat"] == 60
    assert (claims["iss"], claims["aud"]) == (school.sandbox.base_url, tool.client_id)
    assert (claims["nonce"], claims["sub"]) == ("no1", login["login_hint"])
    assert claims[f"{CLAIM}deployment_id"] == tool.deployment_id
    assert claims[f"{CLAIM}custom"] == {"who": "4", "odd": "$Nobody.knows", "plain": "a=b"}


def test_the_login_initiation_has_the_recorded_fields_in_their_order(school: School) -> None:
    exchanges = json.loads((RECORDED / "resource-link.json").read_text())["exchanges"]
    recorded = exchanges[2]["form"]
    tool = registered(school)

    login = open_launch(school, tool, activity=activity(school, tool))

    assert list(login) == list(recorded)
    assert set(json.loads(login["lti_message_hint"])) == set(
        json.loads(recorded["lti_message_hint"])
    )


AUTHORIZATIONS = sorted(path.name for path in (RECORDED / "authorization").glob("*.json"))


@pytest.mark.parametrize("name", AUTHORIZATIONS)
def test_authorization_requests_are_judged_as_recorded(school: School, name: str) -> None:
    recording = json.loads((RECORDED / "authorization" / name).read_text())
    tool = registered(school)
    login = open_launch(school, tool, activity=activity(school, tool))
    asked = dict(recording["request"]["parameters"])
    names = {
        "https://tool.example/launch": "http://tool.example:8000/launch",
        "QnzZResMyyBJUH8": tool.client_id,
    }
    for old, new in names.items():
        asked = {key: value.replace(old, new) for key, value in asked.items()}
    hint = asked.get("lti_message_hint", "")
    if "ltilaunch" in hint:
        asked["lti_message_hint"] = login["lti_message_hint"]

    method = recording["request"]["method"]
    where: dict[str, Any] = {"params" if method == "GET" else "data": asked}
    if not recording["request"].get("with_platform_session_cookie", True):
        school.http.cookies.clear()
    page = school.http.request(method, "/auth", **where)

    assert page.status_code == recording["status"]
    if recording["status"] == 404:
        assert recording["error_page_text"] in page.text
        return
    action, posted = form_of(page)
    assert names.get(recording["form_action"], same_page(asked)) == action
    recorded = recording["form_fields"]
    assert list(posted) == list(recorded)
    for field in set(recorded) - {"id_token"}:
        assert posted[field] == recorded[field]


def same_page(asked: dict[str, str]) -> str:
    return f"/auth?{urlencode(asked)}"


@pytest.mark.parametrize(("method", "cookie"), [("GET", True), ("POST", True), ("GET", False)])
def test_a_launch_without_the_session_is_posted_once_more(
    school: School, method: str, cookie: bool
) -> None:
    """As a browser does that keeps the cookie from another site's frame only."""
    tool = registered(school)
    asked = request_for(open_launch(school, tool, activity=activity(school, tool)))
    (name, value), *_ = school.http.cookies.items()
    school.http.cookies.clear()
    where: dict[str, Any] = {"params" if method == "GET" else "data": asked}

    address, fields = form_of(school.http.request(method, "/auth", **where))
    headers = {"Cookie": f"{name}={value}"} if cookie else {}
    _, posted = form_of(school.http.post(address, data=fields, headers=headers))

    assert fields == ({} if method == "GET" else asked) | {"repost": "true"}
    assert ("id_token" in posted) is cookie
    assert posted.get("error") == (None if cookie else "access_denied")


def test_a_launch_can_be_taken_once(school: School) -> None:
    tool = registered(school)
    login = open_launch(school, tool, activity=activity(school, tool))

    statuses = [school.http.get("/auth", params=request_for(login)).status_code for _ in range(2)]

    assert statuses == [200, 404]


def test_names_and_addresses_go_only_to_tools_that_asked(school: School) -> None:
    tool = registered(school, claims=["sub"])
    login = open_launch(school, tool, activity=activity(school, tool))

    _, posted = form_of(school.http.get("/auth", params=request_for(login)))

    assert not {"name", "given_name", "email"} & set(claims_of(school, posted["id_token"]))


def select(school: School, tool: SandboxTool) -> dict[str, Any]:
    """The claims of a "Select content" launch."""
    login = open_launch(school, tool, "select")
    asked = request_for(login, redirect_uri="http://tool.example:8000/pick")
    _, posted = form_of(school.http.get("/auth", params=asked))
    return claims_of(school, posted["id_token"])


def answer(school: School, tool: SandboxTool, **changes: Any) -> str:
    now = int(school.clock.now)
    claims = {
        "iss": tool.client_id,
        "aud": [school.sandbox.base_url],
        "iat": now,
        "exp": now + 300,
        "nonce": "n",
        f"{CLAIM}deployment_id": tool.deployment_id,
        f"{CLAIM}message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}version": "1.3.0",
        f"{DL}content_items": [
            {"type": "ltiResourceLink", "title": "<b>Picked</b>", "custom": {"item": "42"}},
            {"type": "file", "url": "https://x.example"},
        ],
    }
    return jwt.encode(claims | changes, private_key("key-1"), "RS256", headers={"kid": "key-1"})


@pytest.fixture
def picking(school: School, tool_server: ToolServer) -> tuple[SandboxTool, str]:
    """A tool with reachable keys, and where its answer to "Select content" goes."""
    body = request_body(tool_server.url)
    body[TOOL_CONFIGURATION]["messages"] = [{"type": DEEP_LINKING}]
    tool = school.register(body)
    data = {"sesskey": school.sandbox.lms.session_key}
    page = school.http.post(f"/launch/{tool.deployment_id}/select", data=data)
    _, login = form_of(page)
    _, posted = form_of(school.http.get("/auth", params=request_for(login)))
    settings = claims_of(school, posted["id_token"])[f"{DL}deep_linking_settings"]
    return tool, settings["deep_link_return_url"]


def test_select_content_has_the_recorded_settings(school: School) -> None:
    tool = registered(school)
    recording = json.loads((RECORDED / "deep-linking-and-launch.json").read_text())["exchanges"]
    form = next(each["form"] for each in recording if "id_token" in each["form"])
    recorded = jwt.decode(form["id_token"], options={"verify_signature": False})

    claims = select(school, tool)

    key = f"{DL}deep_linking_settings"
    own = ("deep_link_return_url", "title")
    assert {k: v for k, v in claims[key].items() if k not in own} == {
        k: v for k, v in recorded[key].items() if k not in own
    }
    assert claims[f"{CLAIM}message_type"] == DEEP_LINKING
    assert f"{CLAIM}resource_link" not in claims
    assert claims[f"{CLAIM}target_link_uri"] == "http://tool.example:8000/pick"


def test_selected_content_becomes_an_activity_with_its_parameters(
    school: School, picking: tuple[SandboxTool, str]
) -> None:
    tool, address = picking

    page = school.http.post(address, data={"JWT": answer(school, tool)})

    assert page.status_code == 200
    assert 'data-count="1"' in page.text
    assert "&lt;b&gt;Picked" in page.text
    data = {
        "sesskey": school.sandbox.lms.session_key,
        "person": "teacher",
        "activity": activity(school, tool),
    }
    _, login = form_of(school.http.post(f"/launch/{tool.deployment_id}/open", data=data))
    _, posted = form_of(school.http.get("/auth", params=request_for(login)))
    claims = claims_of(school, posted["id_token"])
    assert claims[f"{CLAIM}custom"] == {"item": "42"}
    assert claims[f"{CLAIM}resource_link"]["title"] == "<b>Picked</b>"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"iss": "another"}, "iss is not"),
        ({"aud": "https://another.example"}, "aud is not"),
        ({f"{CLAIM}deployment_id": "999"}, "deployment_id is not"),
        ({f"{CLAIM}message_type": "LtiResourceLinkRequest"}, "message_type is not"),
        ({"exp": 1_700_000_000}, "Expired token"),
    ],
)
def test_an_answer_that_is_not_the_tools_adds_nothing(
    school: School, picking: tuple[SandboxTool, str], changes: dict[str, Any], problem: str
) -> None:
    tool, address = picking
    before = activity(school, tool)

    page = school.http.post(address, data={"JWT": answer(school, tool, **changes)})

    assert page.status_code == 404
    assert problem in html.unescape(page.text)
    assert activity(school, tool) == before


def test_an_answer_signed_by_another_key_adds_nothing(
    school: School, picking: tuple[SandboxTool, str]
) -> None:
    tool, address = picking
    forged = jwt.encode({"iss": tool.client_id}, private_key("x"), "RS256", {"kid": "key-1"})

    page = school.http.post(address, data={"JWT": forged})

    assert page.status_code == 404
    assert "Signature verification failed" in page.text


@pytest.mark.parametrize("path", ["open", "select"])
def test_a_launch_needs_the_session_key(school: School, path: str) -> None:
    tool = registered(school)

    page = school.http.post(f"/launch/{tool.deployment_id}/{path}", data={"sesskey": "guess"})

    assert page.status_code == 403


def test_an_answer_needs_the_session_key(school: School, picking: tuple[SandboxTool, str]) -> None:
    tool, address = picking
    query = parse_qs(urlsplit(address).query)
    assert query["id"] == [tool.deployment_id]

    page = school.http.post(f"/deep-linking?id={tool.deployment_id}&sesskey=x", data={"JWT": "x"})

    assert page.status_code == 403


def test_a_login_address_that_is_a_script_is_not_run(school: School) -> None:
    body = request_body("http://tool.example:8000", initiate_login_uri="javascript:alert(1)")
    tool = school.register(body)
    data = {"sesskey": school.sandbox.lms.session_key, "activity": activity(school, tool)}

    page = school.http.post(f"/launch/{tool.deployment_id}/open", data=data)

    assert page.status_code == 404
    assert "javascript" not in page.text


def test_a_tool_without_deep_linking_offers_no_selection(school: School) -> None:
    tool = school.register()
    data = {"sesskey": school.sandbox.lms.session_key}

    page = school.http.post(f"/launch/{tool.deployment_id}/select", data=data)

    assert page.status_code == 404
    assert "Select content" not in school.http.get(f"/launch/{tool.deployment_id}").text


@pytest.mark.parametrize(
    "hint", ["", "x", "[]", "null", '{"launchid": []}', '{"launchid": "x"}', "[" * 100_000]
)
def test_odd_hints_are_invalid_requests(school: School, hint: str) -> None:
    tool = registered(school)
    login = open_launch(school, tool, activity=activity(school, tool)) | {"lti_message_hint": hint}

    assert school.http.post("/auth", data=request_for(login)).status_code == 404
