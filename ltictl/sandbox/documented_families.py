"""Canvas, Brightspace and Sakai as documentation and source describe them; none was recorded.

Sources: Canvas's API documentation and controllers, Brightspace's documentation and community
articles, Sakai's LTI13Servlet. What even those leave open is marked as assumed.
"""

from ltictl.lti.vocabulary import DEEP_LINKING, EULA, RESOURCE_LINK, SCOPES
from ltictl.sandbox.family import FamilyCode, PlayedFamily, assumed, documented

_SERVICES = tuple(
    SCOPES[name]
    for name in (
        "lineitem",
        "lineitem.readonly",
        "result.readonly",
        "score",
        "contextmembership.readonly",
    )
)
_PROCESSING = ("noticehandlers", "asset.readonly", "report", "eula/user", "eula/deployment")
_CANVAS_LTI = "https://canvas.instructure.com/lti/"

CANVAS = PlayedFamily(
    code=FamilyCode.CANVAS,
    title="Canvas",
    version="OpenSource",
    user_agent="Instructure",
    # Its own services are more; these are enough to see that others are refused.
    scopes=(
        "openid",
        *_SERVICES,
        f"{_CANVAS_LTI}public_jwk/scope/update",
        f"{_CANVAS_LTI}account_lookup/scope/show",
        *(SCOPES[name] for name in _PROCESSING),
        SCOPES["registration"],
        SCOPES["registration.readonly"],
    ),
    claims=("sub", "picture", "email", "name", "given_name", "family_name", "locale"),
    messages=(
        {
            "type": RESOURCE_LINK,
            "placements": [
                f"{_CANVAS_LTI}{name}"
                for name in ("account_navigation", "course_navigation", "link_selection")
            ],
        },
        {
            "type": DEEP_LINKING,
            "placements": [
                f"{_CANVAS_LTI}{name}"
                for name in ("assignment_selection", "editor_button", "link_selection")
            ],
        },
        {"type": EULA},
    ),
    variables=("Canvas.account.id", "Canvas.course.id", "Context.id", "User.id"),
    # canvas-lms, ui/features/lti_registrations: the wizard's words.
    heading="Apps",
    clicks=("Admin", "Apps", "Manage", "Install a New App"),
    method=("Install Method", "Dynamic Registration"),
    url_label="Dynamic Registration URL",
    add_label="Next",
    review=("Permissions", "Data Sharing", "Placements"),
    states=("Off", "On"),
    switch_label="Enable & Close",
    behaviours=(
        *documented(
            "the token is a JWT, and part of the configuration's address too",
            "the configuration's address redirects and drops its query",
            "a service that is not on the list is refused with 422 and 'errors'",
            "a bad token is refused with 401 and 'errorMessage'",
            "the deployment id is at the top level of the answer",
            "the answer has registration_client_uri but no registration access token",
            "messages without a placement go to link_selection, unknown placements are dropped",
            "the licence message has no placement, and other types are refused with 422",
            "it lists the notices that it can send",
            "a registration of a known tool is an update request: the answer is the old one, and "
            "an administrator accepts it",
            "the configuration endpoint takes a token with the registration service",
            "key sets are read at each token request; aud must be the token endpoint",
        ),
        *assumed("tokens are refused while the app is off", "the words of the errors"),
    ),
)

BRIGHTSPACE = PlayedFamily(
    code=FamilyCode.BRIGHTSPACE,
    title="Brightspace",
    version="20.24.9",
    user_agent="D2L",
    scopes=("openid", *_SERVICES),
    claims=("sub", "iss", "name", "given_name", "family_name", "email"),
    messages=(
        {"type": RESOURCE_LINK},
        {"type": DEEP_LINKING, "placements": ["ContentArea"]},
    ),
    variables=("Context.id", "User.id", "Person.name.full"),
    # D2L-REG: the words of its form.
    heading="LTI Advantage",
    clicks=("Admin tools", "Manage Extensibility", "LTI Advantage", "Register Tool"),
    method=("Register Tool", "Dynamic"),
    url_label="Tool initiation registration endpoint",
    add_label="Register",
    states=("Disabled", "Enabled"),
    switch_label="Enable",
    opens_tab=True,
    options=(("deployment", "Configure Deployment"),),
    behaviours=(
        *documented(
            "there is no token; the configuration's address works once and for one hour",
            "the tool's page opens in a tab of its own",
            "all addresses must be https (loopback is let pass, for rehearsals)",
            "name and domain must be unique, and the key set must answer",
            "the deployment id is in the answer only where the deployment was asked for",
            "tools are disabled at first",
            "aud must be the authorization_server, and the key id must be published",
            "the interface for administrators: OAuth 2.0, refresh tokens good once, registrations "
            "written whole, pages",
        ),
        *assumed("the form and the words of the errors", "tokens are refused while disabled"),
    ),
)

SAKAI = PlayedFamily(
    code=FamilyCode.SAKAI,
    title="Sakai",
    version="23.1",
    user_agent="Sakai",
    scopes=("openid",),
    claims=("iss", "aud"),
    messages=(
        {"type": RESOURCE_LINK},
        {"type": DEEP_LINKING, "placements": ["ContentArea", "RichTextEditor"]},
    ),
    variables=("Context.id", "User.id"),
    add_label="LTI Dynamic Registration",
    states=("Draft", "Saved"),
    switch_label="Save",
    behaviours=(
        *documented(
            "the configuration's address needs all four of its parameters",
            "registration and token endpoint belong to one tool",
            "it lists openid only, and grants the services nevertheless",
            "the token is no JWT, works once and for one hour; else an empty 403",
            "an incomplete request is refused with 400 and a sentence",
            "the answer is the request, with client_id and deployment id added",
            "of several deep linking messages the first one is kept",
            "the administrator saves the tool in the end",
        ),
        *assumed(
            "tokens are refused until the tool is saved",
            "each tool has a deployment id of its own (in Sakai one serves all)",
        ),
    ),
)

BLACKBOARD = PlayedFamily(
    code=FamilyCode.BLACKBOARD,
    title="Blackboard",
    version="4000.5.0",
    user_agent="Blackboard Learn",
    scopes=(*_SERVICES, *(SCOPES[name] for name in ("eula/user", "eula/deployment"))),
    claims=("sub", "iss", "name", "given_name", "family_name", "email"),
    messages=(
        {"type": RESOURCE_LINK},
        {"type": DEEP_LINKING, "placements": ["ContentArea"]},
    ),
    variables=("Context.id", "User.id"),
    add_label="LTI Dynamic Registration",
    states=("Needs approval", "Approved"),
    switch_label="Approve",
    behaviours=(
        *documented(
            "there is no token; the registration endpoint's address holds the secret",
            "the answer has no deployment id: each school has its own",
            "the interface for administrators: client credentials, domains with a status, pages",
        ),
        *assumed(
            "the words of the errors",
            "developer portal and school are one server",
            "tokens are refused until the client id is approved",
        ),
    ),
)
