"""The page shows the LMS's administrator the request before and the result after, with commands."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from ltictl.operations.context import Context
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin, listening, outcome, words

from .conftest import setting


@pytest.fixture
def context(profile_at_home: Context, playback: PlaybackPlatform) -> Context:
    context = profile_at_home
    playback.on("/keys", Answer.json({"keys": [{"kty": "RSA"}]}))
    setting(context, f'jwks_uri = "{playback.url("/keys")}"')
    return context


@pytest.fixture
def lms() -> Iterator[Callable[[Like], Sandbox]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda like: stack.enter_context(Sandbox(family=like.code))


BEFORE = {
    Like.MOODLE: ("Connect Example Tool to Moodle", "Moodle keeps one deep linking message"),
    Like.CANVAS: ("School or account Sandbox School", "Canvas has no placement nope; left out"),
    Like.BRIGHTSPACE: ("Connect Example Tool to Brightspace", "Brightspace's link works once"),
    Like.SAKAI: ("Connect Example Tool to Sakai", "Sakai keeps one deep linking message"),
    Like.BLACKBOARD: ("Connect Example Tool to Blackboard", "one registration serves all"),
}
AFTER = {
    Like.MOODLE: "press Activate on the tool's card",
    Like.CANVAS: "Enable & Close",
    Like.BRIGHTSPACE: "View Deployments",
    Like.BLACKBOARD: "Edit, at each institution",
    Like.SAKAI: "check what it received and save the tool",
}
MESSAGES = """
[[tool.messages]]
type = "LtiDeepLinkingRequest"
label = "One"
placements = ["ContentArea", "nope"]
[[tool.messages]]
type = "LtiDeepLinkingRequest"
label = "Two"
"""


@pytest.mark.parametrize("like", list(Like))
def test_the_warnings_come_before_the_request_and_the_steps_after_it(
    ltictl: Ltictl, context: Context, lms: Callable[[Like], Sandbox], like: Like
) -> None:
    setting(context, MESSAGES)
    school = lms(like)
    running, url = listening(ltictl)

    page = httpx.get(
        school.lms.start_registration(url), trust_env=False, timeout=20, follow_redirects=True
    )

    shown = words(page).replace("&#39;", "'")
    assert all(each in shown for each in BEFORE[like])
    assert school.lms.ledger == []
    result = Admin.press(page)
    assert outcome(result) == "registered", words(result)
    assert AFTER[like] in words(result).replace("&#39;", "'").replace("&amp;", "&")
    done = running.wait(15)
    assert done.code == 0
    assert [each["id"] for each in done.data["integrations"]] == [f"acme-{like.value}"]
    shown = ltictl("show", f"acme-{like.value}").stdout
    assert AFTER[like] in shown
    assert ("ltictl deployment add" in shown) is (like in {Like.BRIGHTSPACE, Like.BLACKBOARD})


def test_the_page_says_in_plain_words_what_an_asset_processor_may_do(
    ltictl: Ltictl, context: Context, lms: Callable[[Like], Sandbox]
) -> None:
    setting(
        context,
        'scopes = ["noticehandlers", "asset.readonly", "report", "eula/user", "eula/deployment"]',
    )
    setting(
        context,
        "[[tool.messages]]\n"
        'type = "LtiDeepLinkingRequest"\n'
        'placements = ["ActivityAssetProcessor"]\n'
        "[[tool.messages]]\n"
        'type = "LtiEulaRequest"\n',
    )
    school = lms(Like.CANVAS)
    _, url = listening(ltictl)

    page = httpx.get(
        school.lms.start_registration(url), trust_env=False, timeout=20, follow_redirects=True
    )

    shown = words(page).replace("&#39;", "'")
    for each in ("receive notices", "a learner submitted work", "read the files and texts"):
        assert each in shown
    assert "read and accept its licence agreement" in shown
    assert "purl.imsglobal.org" not in shown
    assert outcome(Admin.press(page)) == "registered"
    tool = school.lms.tools()[0].settings
    assert len(tool.granted_scopes) == 6  # with the service for changes, which Canvas lists
    messages = tool.request["https://purl.imsglobal.org/spec/lti-tool-configuration"]["messages"]
    assert [each.get("placements") for each in messages] == [["ActivityAssetProcessor"], None]


def test_accept_issuer_on_the_page(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform
) -> None:
    assert context.profile.settings().tool.name == "Example Tool"
    playback.configuration["issuer"] = "https://blackboard.com"
    admin = Admin(playback.url("configuration"))
    _, url = listening(ltictl, "--accept-issuer", "https://blackboard.com")

    page = admin.open(url)

    assert "accepted because --accept-issuer named it" in words(page)
    assert outcome(Admin.press(page)) == "registered"


def test_without_it_the_page_says_why_not(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform
) -> None:
    assert context.profile.settings().tool.name == "Example Tool"
    playback.configuration["issuer"] = "https://blackboard.com"
    _, url = listening(ltictl)

    page = Admin(playback.url("configuration")).open(url)

    assert outcome(page) == "failed"
    assert "names blackboard.com as its issuer" in words(page)


@pytest.mark.parametrize("accepted", [True, False])
def test_accept_issuer_without_a_browser(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform, accepted: bool
) -> None:
    assert context.profile.settings().tool.name == "Example Tool"
    playback.configuration["issuer"] = "https://blackboard.com"
    option = ("--accept-issuer", "https://blackboard.com") if accepted else ()

    done = ltictl(
        *("register", "--org", "acme", "--yes", "--allow-private", "--json"),
        *("--openid-configuration", playback.url("configuration"), *option),
    )

    if accepted:
        assert done.code == 0, done
        assert done.data["integrations"][0]["platform"]["issuer"] == "https://blackboard.com"
        assert any("--accept-issuer" in each for each in done.json["warnings"])
    else:
        assert (done.code, done.error["code"]) == (3, "issuer_mismatch")
        assert "--accept-issuer https://blackboard.com" in done.error["fix"]


FAMILIES = ["moodle", "canvas", "brightspace", "sakai", "blackboard", "ilias", "lms"]


@pytest.mark.parametrize("family", FAMILIES)
def test_instructions_end_with_the_deployment_id_where_it_will_be_needed(
    ltictl: Ltictl, context: Context, family: str
) -> None:
    assert context.profile.settings().tool.name == "Example Tool"
    public = ("--public-url", "https://tool.invalid/lti/register")

    text = ltictl("registration-url", "--org", "acme", "--instructions", family, *public).stdout

    assert "https://tool.invalid/lti/register?t=" in text
    assert ("deployment id" in text) is (family not in {"moodle", "sakai", "ilias"})
    assert re.search(r"^  1\. ", text, re.MULTILINE)


@pytest.mark.parametrize("like", list(Like))
def test_the_embedded_lms_from_the_command_line(ltictl: Ltictl, like: Like) -> None:
    running = ltictl.start("sandbox", "--like", like.value, "--port", "0")
    line = running.wait_for_line("Manage tools: ")

    page = httpx.get(line.partition(": ")[2].strip(), trust_env=False).text

    assert f"<dd>{like.value.capitalize()} " in page
    assert 'id="add-lti-advantage"' in page


def test_an_lms_that_nobody_can_play(ltictl: Ltictl) -> None:
    done = ltictl("sandbox", "--like", "ilias", "--json")

    assert (done.code, done.error["code"]) == (2, "usage")
    assert "brightspace" in done.error["message"]
