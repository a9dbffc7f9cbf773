"""The whole request that each family gets for the same tool."""

from typing import Any

import pytest

from ltictl.errors import InvalidValueError
from ltictl.lti.registration import build_request
from ltictl.lti.vocabulary import SCOPES, TOOL_CONFIGURATION
from ltictl.model.tool import Message, Overrides, Tool
from ltictl.platforms.extensions import check_overrides
from ltictl.platforms.shape import NOTHING_LISTED, Listed, Shaped, shape
from ltictl.platforms.table import all_families, family_named

AT = "https://tool.example"
CANVAS_LTI = "https://canvas.instructure.com/lti/"
TOOL = Tool(
    name="Example Tool",
    url=AT,
    initiate_login_uri=f"{AT}/login/{{integration}}",
    target_link_uri=f"{AT}/launch",
    redirect_uris=(f"{AT}/launch",),
    jwks_uri=f"{AT}/keys",
    description="Shows examples",
    logo_uri=f"{AT}/logo.png",
    contacts=("support@tool.example", "+49 30 1"),
    scopes=("lineitem", "score", "registration", "https://other.example/scope"),
    claims=("sub", "email"),
    custom_parameters={"course": "$Context.id", "broken": "a\nb"},
    messages=(
        Message("LtiResourceLinkRequest"),
        Message("LtiDeepLinkingRequest", "First", placements=("ContentArea",)),
        Message(
            "LtiDeepLinkingRequest",
            "Second",
            target_link_uri=f"{AT}/second",
            custom_parameters={"a": "b"},
        ),
    ),
)
RESOURCE = {"type": "LtiResourceLinkRequest", "label": "Example Tool"}
FIRST = {
    "type": "LtiDeepLinkingRequest",
    "target_link_uri": f"{AT}/launch",
    "label": "First",
    "placements": ["ContentArea"],
}
SECOND = {
    "type": "LtiDeepLinkingRequest",
    "target_link_uri": f"{AT}/second",
    "label": "Second",
    "custom_parameters": {"a": "b"},
}


def request(**changes: Any) -> dict[str, Any]:
    """The request without any family's wishes; a ``tool`` inside is merged."""
    tool: dict[str, Any] = {
        "domain": "tool.example",
        "target_link_uri": f"{AT}/launch",
        "claims": ["sub", "email"],
        "messages": [RESOURCE, FIRST, SECOND],
        "description": "Shows examples",
        "custom_parameters": {"course": "$Context.id", "broken": "a\nb"},
    }
    scopes = [SCOPES["lineitem"], SCOPES["score"], "https://other.example/scope"]
    tool |= changes.pop("tool", {})
    whole = {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "redirect_uris": [f"{AT}/launch"],
        "initiate_login_uri": f"{AT}/login/acme-lms",
        "client_name": "Example Tool",
        "client_uri": AT,
        "logo_uri": f"{AT}/logo.png",
        "contacts": ["support@tool.example", "+49 30 1"],
        "jwks_uri": f"{AT}/keys",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        TOOL_CONFIGURATION: tool,
    }
    return whole | changes


def shaped(slug: str, listed: Listed = NOTHING_LISTED, tool: Tool = TOOL) -> Shaped:
    family = family_named(slug)
    presented = tool.at(slug)
    return shape(build_request(presented, "acme-lms"), family, presented, listed)


NOT_ASKED = "does not let tools change their registration; that is not asked for."
NO_PLACEMENT = "will appear only in the link picker: it names no placement."
EXPECTED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "moodle": (
        request(
            tool={
                "messages": [RESOURCE, SECOND, FIRST],
                "custom_parameters": {"course": "$Context.id"},
            }
        ),
        [
            f"Moodle {NOT_ASKED}",
            "Moodle ignores the custom parameters of the message 'Second'.",
            "Moodle keeps one deep linking message; of 2 it will be 'First'.",
            "Moodle splits custom parameters at line breaks; left out: broken.",
        ],
    ),
    "canvas": (
        request(scope=f"{SCOPES['lineitem']} {SCOPES['score']}", contacts=["support@tool.example"]),
        [
            f"Canvas {NOT_ASKED}",
            "Canvas rejects services that it does not know; left out: https://other.example/scope.",
            f"In Canvas 'Example Tool' {NO_PLACEMENT}",
            f"In Canvas 'Second' {NO_PLACEMENT}",
            "Canvas accepts e-mail addresses as contacts only.",
        ],
    ),
    "brightspace": (request(), [f"Brightspace {NOT_ASKED}"]),
    "sakai": (
        request(),
        [
            f"Sakai {NOT_ASKED}",
            "Sakai keeps one deep linking message; of 2 it will be 'First'.",
        ],
    ),
    "blackboard": (request(), [f"Blackboard {NOT_ASKED}"]),
    "ilias": (
        request(tool={"messages": [RESOURCE, SECOND, FIRST]}),
        [
            f"ILIAS {NOT_ASKED}",
            "ILIAS keeps one deep linking message; of 2 it will be 'First'.",
        ],
    ),
    "lms": (request(), [f"Your LMS {NOT_ASKED}"]),
}


def test_no_family_is_left_out() -> None:
    assert set(EXPECTED) == {each.slug for each in all_families() if each.dynamic}


@pytest.mark.parametrize("slug", EXPECTED)
def test_the_whole_request(slug: str) -> None:
    found = shaped(slug)

    assert (found.request, list(found.warnings)) == EXPECTED[slug]


@pytest.mark.parametrize("slug", EXPECTED)
def test_nothing_is_null_and_a_built_request_stays_unchanged(slug: str) -> None:
    built = build_request(TOOL, "acme-lms")
    before = repr(built)

    found = shape(built, family_named(slug), TOOL)

    assert repr(built) == before
    assert "None" not in repr(found.request)


@pytest.mark.parametrize("slug", EXPECTED)
def test_the_registration_service_is_asked_for_exactly_where_it_is_listed(slug: str) -> None:
    listed = Listed(("openid", SCOPES["lineitem"], SCOPES["registration"]))
    without = Listed(listed.scopes[:2])
    plain = Tool(TOOL.name, AT, AT, AT, (AT,), AT, scopes=("lineitem",))

    assert shaped(slug, listed, plain).scopes == (SCOPES["lineitem"], SCOPES["registration"])
    assert shaped(slug, without, plain).scopes == (SCOPES["lineitem"],)
    assert SCOPES["registration"] in shaped(slug, listed).scopes


@pytest.mark.parametrize(
    ("slug", "warns"),
    [("moodle", True), ("brightspace", True), ("lms", True), ("sakai", False)],
)
def test_unlisted_services_are_requested_nevertheless(slug: str, warns: bool) -> None:
    plain = Tool(TOOL.name, AT, AT, AT, (AT,), AT, scopes=("lineitem", "score"))

    found = shaped(slug, Listed(("openid",)), plain)

    assert found.scopes == (SCOPES["lineitem"], SCOPES["score"])
    assert any("does not list these services" in each for each in found.warnings) is warns


def test_canvas_takes_a_service_that_it_lists_although_nobody_knew_it() -> None:
    listed = Listed(("https://other.example/scope",))

    assert "https://other.example/scope" in shaped("canvas", listed).scopes


def canvas_tool(*messages: Message, **extensions: object) -> Tool:
    overrides = Overrides(messages=messages or None, extensions=extensions)
    return Tool(TOOL.name, AT, AT, f"{AT}/launch", (AT,), AT, platforms={"canvas": overrides})


def test_canvass_own_members_and_placements() -> None:
    message = Message(
        "LtiResourceLinkRequest",
        "Course",
        placements=("course_navigation", f"{CANVAS_LTI}user_navigation", "top_navigation", "nope"),
        extensions={"default_enabled": False, "visibility": "admins", "launch_width": 800},
    )
    tool = canvas_tool(message, privacy_level="name_only", tool_id="ex", vendor="Example Ltd")

    found = shaped("canvas", tool=tool)

    assert found.request[TOOL_CONFIGURATION] == {
        "domain": "tool.example",
        "target_link_uri": f"{AT}/launch",
        "claims": ["sub", "given_name", "family_name", "email"],
        "messages": [
            {
                "type": "LtiResourceLinkRequest",
                "label": "Course",
                "placements": [
                    f"{CANVAS_LTI}course_navigation",
                    f"{CANVAS_LTI}user_navigation",
                    f"{CANVAS_LTI}top_navigation",
                ],
                f"{CANVAS_LTI}course_navigation/default_enabled": False,
                f"{CANVAS_LTI}visibility": "admins",
                f"{CANVAS_LTI}launch_width": 800,
            }
        ],
        f"{CANVAS_LTI}privacy_level": "name_only",
        f"{CANVAS_LTI}tool_id": "ex",
        f"{CANVAS_LTI}vendor": "Example Ltd",
    }
    assert found.warnings == (
        "Canvas has no placement nope; left out.",
        "Canvas allows the placement top_navigation to approved tools only.",
    )
    moodle = shaped("moodle", tool=tool).request[TOOL_CONFIGURATION]
    assert "canvas" not in repr(moodle)


PROCESSING = ("noticehandlers", "asset.readonly", "report", "eula/user", "eula/deployment")
PROCESSOR = canvas_tool(
    Message("LtiDeepLinkingRequest", "Attach", placements=("ActivityAssetProcessor",)),
    Message(
        "LtiDeepLinkingRequest",
        "Discuss",
        placements=(f"{CANVAS_LTI}ActivityAssetProcessorContribution", "conference_selection"),
    ),
    Message("LtiEulaRequest", "Licence", f"{AT}/eula", placements=("ContentArea",)),
    Message("LtiAssetProcessorSettingsRequest"),
    Message("LtiReportReviewRequest"),
    Message("LtiSubmissionReviewRequest"),
)


def test_canvas_takes_every_service_of_an_asset_processor() -> None:
    tool = Tool(TOOL.name, AT, AT, AT, (AT,), AT, scopes=PROCESSING)

    found = shaped("canvas", tool=tool)

    assert found.scopes == tuple(SCOPES[name] for name in PROCESSING)
    assert not [each for each in found.warnings if "left out" in each]


def test_an_asset_processor_in_canvas() -> None:
    found = shaped("canvas", tool=PROCESSOR)

    attach, discuss, licence = found.request[TOOL_CONFIGURATION]["messages"]
    assert attach["placements"] == ["ActivityAssetProcessor"]  # without Canvas's prefix
    assert discuss["placements"] == [
        "ActivityAssetProcessorContribution",
        f"{CANVAS_LTI}conference_selection",
    ]
    assert licence == {
        "type": "LtiEulaRequest",
        "label": "Licence",
        "target_link_uri": f"{AT}/eula",
    }
    assert found.messages == ("LtiDeepLinkingRequest", "LtiEulaRequest")
    assert found.warnings == (
        "Canvas sends LtiAssetProcessorSettingsRequest without being asked; left out.",
        "Canvas sends LtiReportReviewRequest without being asked; left out.",
        "Canvas has no message LtiSubmissionReviewRequest; left out.",
    )


def test_the_lmss_own_list_counts_more_than_what_we_know_of_it() -> None:
    tool = canvas_tool(
        Message("LtiSubmissionReviewRequest"),
        Message("LtiBrandNewRequest", placements=(f"{CANVAS_LTI}brand_new", "newer", "never")),
    )
    listed = Listed(
        messages=("LtiSubmissionReviewRequest", "LtiBrandNewRequest"),
        placements=(f"{CANVAS_LTI}brand_new", f"{CANVAS_LTI}newer"),
    )

    found = shaped("canvas", listed, tool)

    review, new = found.request[TOOL_CONFIGURATION]["messages"]
    assert review == {"type": "LtiSubmissionReviewRequest", "label": TOOL.name}
    assert new["placements"] == [f"{CANVAS_LTI}brand_new", f"{CANVAS_LTI}newer"]
    assert found.warnings == ("Canvas has no placement never; left out.",)


def test_blackboards_own_names_of_two_services() -> None:
    tool = Tool(TOOL.name, AT, AT, AT, (AT,), AT, scopes=("report", "eula/user"))

    assert shaped("blackboard", tool=tool).scopes == (SCOPES["lti-ap/report"], SCOPES["eula/user"])
    listed = Listed((SCOPES["report"], SCOPES["eula/user"]))
    assert shaped("blackboard", listed, tool).scopes == listed.scopes


def test_each_override_replaces_the_tools_own_value() -> None:
    overrides = Overrides(
        name="Other",
        description="Told to Sakai",
        scopes=("score",),
        claims=("sub",),
        custom_parameters={"a": "b"},
        messages=(Message("LtiResourceLinkRequest", "One"),),
    )
    tool = Tool(
        TOOL.name,
        AT,
        AT,
        AT,
        (AT,),
        AT,
        custom_parameters={"x": "y"},
        platforms={"sakai": overrides},
    )

    found = shaped("sakai", tool=tool).request
    elsewhere = shaped("moodle", tool=tool).request

    assert (found["client_name"], found["scope"]) == ("Other", SCOPES["score"])
    assert found[TOOL_CONFIGURATION] == {
        "domain": "tool.example",
        "target_link_uri": AT,
        "claims": ["sub"],
        "messages": [{"type": "LtiResourceLinkRequest", "label": "One"}],
        "description": "Told to Sakai",
        "custom_parameters": {"a": "b"},
    }
    assert elsewhere["client_name"] == TOOL.name
    assert elsewhere[TOOL_CONFIGURATION]["custom_parameters"] == {"x": "y"}


WRONG: list[tuple[Tool, str, str]] = [
    (canvas_tool(privacy="public"), "tool.platforms.canvas.privacy", "privacy_level"),
    (canvas_tool(privacy_level="all"), "privacy_level", "name_only"),
    (canvas_tool(vendor=5), "vendor", "a string"),
    (
        canvas_tool(Message("LtiResourceLinkRequest", extensions={"launch_width": "800"})),
        "messages.launch_width",
        "a whole number",
    ),
    (
        canvas_tool(Message("LtiResourceLinkRequest", extensions={"launch_width": True})),
        "messages.launch_width",
        "a whole number",
    ),
    (
        canvas_tool(Message("LtiResourceLinkRequest", extensions={"lable": "x"})),
        "messages.lable",
        "label",
    ),
    (
        Tool(TOOL.name, AT, AT, AT, (AT,), AT, platforms={"cnavas": Overrides()}),
        "cnavas",
        "canvas",
    ),
    (
        Tool(
            TOOL.name,
            AT,
            AT,
            AT,
            (AT,),
            AT,
            platforms={"moodle": Overrides(extensions={"privacy_level": "public"})},
        ),
        "tool.platforms.moodle.privacy_level",
        "scopes",
    ),
]


@pytest.mark.parametrize(("tool", "setting", "hint"), WRONG)
def test_what_no_family_knows_is_refused_with_what_it_does_know(
    tool: Tool, setting: str, hint: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_overrides(tool)

    assert setting in caught.value.message
    assert hint in f"{caught.value.message} {caught.value.fix}"
