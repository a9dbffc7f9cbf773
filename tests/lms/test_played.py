"""The embedded LMS's statuses, content types and bodies where no recording exists."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from ltictl.lti.registration import build_request
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.operations.context import Context
from ltictl.sandbox.family import Like
from tests.support import browser
from tests.support.answers import Answer
from tests.support.parts import require
from tests.support.playback import PlaybackPlatform

from .conftest import MakeSchool, School

T = TypeVar("T")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def request_of(context: Context, **changes: Any) -> dict[str, Any]:
    tool = context.profile.settings().tool
    whole = build_request(tool, "acme-lms") | changes
    return {name: value for name, value in whole.items() if value is not ...}


def configuration(given: dict[str, str]) -> httpx.Response:
    return httpx.get(given["openid_configuration"], trust_env=False)


def endpoint(given: dict[str, str]) -> str:
    """The registration endpoint, with Canvas's redirect followed as it must be."""
    answer = configuration(given)
    if answer.is_redirect:
        url = httpx.URL(given["openid_configuration"])
        target = url.join(answer.headers["location"]).copy_with(query=url.query)
        answer = httpx.get(target, trust_env=False)
    answer.raise_for_status()
    return str(answer.json()["registration_endpoint"])


def post(given: dict[str, str], body: Any, token: str | None = None) -> httpx.Response:
    bearer = given.get("registration_token") if token is None else token
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.post(endpoint(given), content=content, headers=headers, trust_env=False)


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("content-type", "").partition(";")[0]


def test_canvas_without_the_token_after_the_redirect(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)

    moved = configuration(school.start())
    lost = httpx.get(school.sandbox.base_url + moved.headers["location"], trust_env=False)

    assert moved.status_code == 302
    assert kind(lost) == (401, "application/json")
    assert "errorMessage" in lost.json()


CANVAS_WRONG: list[tuple[dict[str, Any], str]] = [
    ({"scope": "https://other.example/scope"}, "scopes"),
    ({"contacts": ["nobody"]}, "contacts"),
    ({"redirect_uris": []}, "redirect_uris"),
    ({"grant_types": ["implicit"]}, "grant_types"),
    ({"initiate_login_uri": None}, "initiate_login_uri"),
    ({TOOL_CONFIGURATION: ...}, "lti_tool_configuration"),
    (
        {
            TOOL_CONFIGURATION: {
                "domain": "x",
                "target_link_uri": "https://x",
                "claims": [],
                "messages": [{"type": "LtiResourceLinkRequest", "label": None}],
            }
        },
        "label",
    ),
]


@pytest.mark.parametrize(("changes", "named"), CANVAS_WRONG)
def test_canvas_answers_422_with_errors(
    school_like: MakeSchool, context: Context, changes: dict[str, Any], named: str
) -> None:
    school = school_like(Like.CANVAS)

    answer = post(school.start(), request_of(context, **changes))

    assert kind(answer) == (422, "application/json")
    assert any(named in each for each in answer.json()["errors"])
    assert school.sandbox.lms.tools() == ()


def test_canvass_answer(school_like: MakeSchool, context: Context) -> None:
    school = school_like(Like.CANVAS)
    given = school.start()
    request = request_of(context)
    request[TOOL_CONFIGURATION]["messages"].append(
        {"type": "LtiDeepLinkingRequest", "label": "x", "placements": ["ContentArea", "9"]}
    )

    answer = post(given, request)

    assert kind(answer) == (200, "application/json")
    document = answer.json()
    assert document["client_id"].isdigit()
    assert document["deployment_id"]
    assert "deployment_id" not in document[TOOL_CONFIGURATION]
    assert document["scope"].split()[-1] == "openid"
    assert "registration_access_token" not in document
    assert document["registration_client_uri"].endswith("/configuration")
    placements = [each["placements"] for each in document[TOOL_CONFIGURATION]["messages"]]
    assert placements == [["link_selection"], ["link_selection"]]
    again = post(given, request)  # its token may be used twice
    assert again.json()["client_id"] == document["client_id"]


def test_sakais_configuration_needs_all_four_parameters(school_like: MakeSchool) -> None:
    school = school_like(Like.SAKAI)
    url = httpx.URL(school.start()["openid_configuration"])
    assert sorted(url.params) == ["clientId", "deploymentId", "issuerURL", "key"]

    for name in url.params:
        answer = httpx.get(url.copy_remove_param(name), trust_env=False)

        assert kind(answer) == (400, "text/plain")
        assert name in answer.text


@pytest.mark.parametrize("token", ["", "wrong"])
def test_sakais_empty_403(school_like: MakeSchool, context: Context, token: str) -> None:
    school = school_like(Like.SAKAI)

    answer = post(school.start(), request_of(context), token)

    assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"jwks_uri": ...}, "jwks_uri"),
        ({"initiate_login_uri": ""}, "initiate_login_uri"),
        ({"redirect_uris": "https://x"}, "array"),
        ({"description": "x" * 300_001}, "too long"),
    ],
)
def test_sakais_400(
    school_like: MakeSchool, context: Context, changes: dict[str, Any], named: str
) -> None:
    school = school_like(Like.SAKAI)

    answer = post(school.start(), request_of(context, **changes))

    assert kind(answer) == (400, "text/plain")
    assert named in answer.text


def test_sakai_echoes_the_request_and_its_token_is_good_once(
    school_like: MakeSchool, context: Context
) -> None:
    school = school_like(Like.SAKAI)
    given, request = school.start(), request_of(context)
    assert len(given["registration_token"].split(".")) == 1

    answer = post(given, request)

    document = answer.json()
    assert document.pop("client_id") == httpx.URL(given["openid_configuration"]).params["clientId"]
    assert document[TOOL_CONFIGURATION].pop("deployment_id")
    assert document == request
    assert post(given, request).status_code == 403


def test_tokens_and_links_are_good_for_one_hour(school_like: MakeSchool, context: Context) -> None:
    for like, status in ((Like.CANVAS, 401), (Like.SAKAI, 403), (Like.BRIGHTSPACE, 403)):
        school = school_like(like)
        given = school.start()
        address = endpoint(given)
        now = school.sandbox.lms.clock()
        school.sandbox.lms.clock = lambda now=now: now + 3601  # type: ignore[misc]

        late = httpx.post(
            address,
            json=request_of(context),
            headers={"Authorization": f"Bearer {given.get('registration_token', 'none')}"},
            trust_env=False,
        )

        assert late.status_code == status


def test_brightspaces_configuration_is_good_once(school_like: MakeSchool) -> None:
    school = school_like(Like.BRIGHTSPACE)
    given = school.start()

    first, second = configuration(given), configuration(given)

    assert (first.status_code, second.status_code) == (200, 403)
    assert "authorization_server" in first.json()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"initiate_login_uri": "http://tool.invalid/login"}, "https"),
        ({"redirect_uris": ["http://tool.invalid/launch"]}, "https"),
        ({"client_name": ""}, "client_name"),
        ({TOOL_CONFIGURATION: ...}, "configuration"),
    ],
)
def test_what_brightspace_refuses(
    school_like: MakeSchool, context: Context, changes: dict[str, Any], named: str
) -> None:
    school = school_like(Like.BRIGHTSPACE)

    answer = post(school.start(), request_of(context, **changes))

    assert kind(answer) == (400, "application/json")
    assert named in answer.json()["error_description"]


def test_brightspace_reads_the_key_set_while_it_registers(
    school_like: MakeSchool, context: Context, playback: PlaybackPlatform
) -> None:
    school = school_like(Like.BRIGHTSPACE)
    playback.on("/keys", Answer.text("gone", 404))

    answer = post(school.start(), request_of(context))

    assert kind(answer) == (400, "application/json")
    assert "keyset" in answer.json()["error_description"]
    assert school.sandbox.lms.tools() == ()


def register(school: School) -> tuple[str, str]:
    """Client id and token endpoint of a tool that is switched on."""
    stored = school.register(school.start("deployment")).integration
    school.sandbox.lms.activate(stored.deployments[0].id)
    return stored.id, stored.platform.token_endpoint


@pytest.mark.parametrize(
    ("like", "claims", "said"),
    [
        (Like.CANVAS, {"aud": "https://other.example"}, "audience"),
        (Like.CANVAS, {"jti": ...}, "jti"),
        (Like.CANVAS, {"iat": -400}, "iat"),
        (Like.CANVAS, {"iat": 20}, ""),
        (Like.CANVAS, {"iat": 40}, "JWS signature invalid"),
        (Like.BRIGHTSPACE, {"aud": "https://other.example"}, "audience"),
        (Like.BRIGHTSPACE, {}, ""),
        (Like.SAKAI, {"aud": "anything", "iat": 50}, ""),
    ],
)
def test_client_assertions(
    school_like: MakeSchool, like: Like, claims: dict[str, Any], said: str
) -> None:
    school = school_like(like)
    identifier, token_endpoint = register(school)

    answer = ask(school, identifier, token_endpoint, claims)

    if said:
        assert answer.status_code in {400, 401}
        assert said in answer.json()["error_description"]
    else:
        assert kind(answer) == (200, "application/json")
        assert answer.json()["access_token"]


def test_an_address_of_another_tool(school_like: MakeSchool) -> None:
    school = school_like(Like.SAKAI)
    identifier, token_endpoint = register(school)

    answer = ask(school, identifier, token_endpoint[:-1] + "9", {})

    assert answer.status_code == 400


def ask(school: School, identifier: str, address: str, claims: dict[str, Any]) -> httpx.Response:
    """Ask for a token with an assertion whose claims are changed; times are relative to now."""
    import jwt

    from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE
    from ltictl.operations.signing import current_key

    stored, context = school.context.profile.integrations.get(identifier), school.context
    now = int(school.sandbox.lms.clock())
    changed = {n: now + v if n == "iat" else v for n, v in claims.items()}
    whole = {
        "iss": stored.client_id,
        "sub": stored.client_id,
        "aud": stored.platform.audience,
        "iat": now - 5,
        "exp": now + 200,
        "jti": "x",
    } | changed
    key = current_key(context)
    assertion = jwt.encode(
        {name: value for name, value in whole.items() if value is not ...},
        context.profile.private_keys.read(key.kid),
        "RS256",
        headers={"kid": key.kid},
    )
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": CLIENT_ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": " ".join(stored.scopes.requested),
    }
    return httpx.post(address, data=form, trust_env=False)


CLOSING = b"""<!DOCTYPE html><title>Tool</title><button onclick="
opener.postMessage({subject: 'org.imsglobal.lti.close'}, '*')">close</button>"""


def aside(work: Callable[[], T]) -> T:
    """Do it in a thread of its own: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    require("Playwright", importlib.util.find_spec("playwright") is not None)
    with browser.browser() as running:
        yield running


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    with browser.page(chromium) as opened:
        yield opened


def test_brightspace_opens_a_tab_and_its_box_decides_about_the_deployment(
    school_like: MakeSchool, playback: PlaybackPlatform, page: "Page"
) -> None:
    school = school_like(Like.BRIGHTSPACE)
    playback.on("/register", Answer(200, {"Content-Type": "text/html"}, CLOSING))
    page.goto(school.sandbox.admin_url)
    page.fill("#tool-url", playback.url("/register"))
    page.uncheck("[name=option]")

    with page.expect_popup() as opened:
        page.click("#add-lti-advantage")

    tab = opened.value
    tab.wait_for_selector("button")
    given = dict(httpx.URL(tab.url).params)
    assert "registration_token" not in given
    assert aside(lambda: school.register(given)).integration.deployments == ()
    with tab.expect_event("close"):
        tab.click("button")
    page.wait_for_selector(".tool-card[data-state=pending] .badge:text('Disabled')")


def test_canvass_administrator_accepts_an_update(school_like: MakeSchool, page: "Page") -> None:
    school = school_like(Like.CANVAS)
    stored = aside(lambda: school.register(school.start())).integration
    school.sandbox.lms.activate(stored.deployments[0].id)
    aside(lambda: school.register(school.updating(stored.deployments[0].id)))

    page.goto(school.sandbox.admin_url)
    page.click("button:text('Accept update')")

    page.wait_for_selector("button:text('Accept update')", state="detached")
    assert not school.sandbox.lms.has_update(stored.deployments[0].id)
