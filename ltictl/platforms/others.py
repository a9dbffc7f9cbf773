"""Brightspace, Sakai, Blackboard, ILIAS. From documentation and source, not measured live.

Sources: D2L-DR, D2L-REG, D2L-KB, D2L-DEP, D2L-FAQ (Brightspace's documentation and community
articles), SAK (Sakai's LTI13Servlet), TSUGI (its notes on Sakai), BB-REG, BB-KI, BB-JWKS
(Anthology's documentation and known issues), ILIAS's component README, U13 (Unicon's tool).
"""

from ltictl.errors import Actor
from ltictl.platforms.family import Again, Cause, DeepLinking, Family, RequestShape

_BRIGHTSPACE_AGAIN = "Start again: Manage Extensibility > LTI Advantage > Register Tool > Dynamic."
_BRIGHTSPACE_CLASH = (
    "Change that registration in Manage Extensibility > LTI Advantage, or "
    "[tool.platforms.brightspace] name in profile.toml."
)

BRIGHTSPACE = Family(
    slug="brightspace",
    codes=("desire2learn", "brightspace"),
    title="Brightspace",
    paste=(
        "Admin tools > Manage Extensibility > LTI Advantage > Register Tool",
        "Choose Dynamic, paste the registration URL, tick the deployment if you want one",
        "On the tab that opens, check what is asked and press Register",  # D2L-REG: a new tab
    ),
    activate=(  # D2L-REG: created disabled
        "Manage Extensibility > LTI Advantage: open the tool, check it and enable it",
        "Add a deployment, if none was made, and links to it",
    ),
    switch="Manage Extensibility > LTI Advantage > the tool > Enabled",
    place="Manage Extensibility > LTI Advantage > the tool",
    editing="Manage Extensibility > LTI Advantage > the tool",
    removal="Manage Extensibility > LTI Advantage > the tool's menu > Delete",
    by_hand=(
        "Manage Extensibility > LTI Advantage > the tool > View Deployments > New Deployment",
        "In the deployment: View Links > New Link",
    ),
    deployment="Manage Extensibility > LTI Advantage > the tool > View Deployments",  # D2L-DEP
    gives_token=False,  # D2L-DR: its secret is in the address of its configuration
    https_only=True,  # D2L-DR
    key_set_must_answer=True,  # D2L-DR
    # D2L-KB: the "OAuth2 Audience" of the registration, which is not the token's address; U13
    default_audience="https://api.brightspace.com/auth/token",
    notes=(  # D2L-DR: both unique in the organization; D2L-KB: one enabled one per domain
        "Brightspace refuses a tool whose name or domain another registration has already.",
        "Brightspace's link works once: if this page is closed, start again in Brightspace.",
    ),
    again=Again.REFUSED,  # D2L-DR
    mentions={
        "keyset": Cause(
            "Brightspace reads the tool's key set while it registers the tool, and could not.",
            "Publish the key set at a public https address ('ltictl jwks' prints it) and start "
            "again.",
            Actor.OPERATOR,
        ),
        "jwks": Cause(
            "Brightspace reads the tool's key set while it registers the tool, and could not.",
            "Publish the key set at a public https address ('ltictl jwks' prints it) and start "
            "again.",
            Actor.OPERATOR,
        ),
        "domain": Cause(
            "Brightspace has a registration of that domain already; only one per domain can be "
            "enabled.",
            "In Manage Extensibility > LTI Advantage look for it; change or disable that "
            "registration.",
        ),
        "name": Cause(
            "Brightspace has a registration of that name already, and names are unique in the "
            "organization. Manage Extensibility > LTI Advantage shows it.",
            _BRIGHTSPACE_CLASH,
            Actor.BOTH,
        ),
        "https": Cause(
            "Brightspace accepts https addresses only.",
            "Correct the addresses in profile.toml and start again.",
            Actor.OPERATOR,
        ),
    },
    statuses={
        401: Cause(
            "Brightspace's link works once and for one hour, and was late or used.",
            _BRIGHTSPACE_AGAIN,
        ),
        403: Cause(
            "Brightspace's link works once and for one hour, and was late or used.",
            _BRIGHTSPACE_AGAIN,
        ),
    },
    token_causes={  # D2L-FAQ
        "KeyId not found": Cause(
            "Brightspace does not find the key that signed in the tool's published key set.",
            "Publish the key set ('ltictl jwks' prints it); Brightspace may keep an old copy for "
            "hours.",
            blames_key_set=True,
        ),
        "audience": Cause(
            "Brightspace wants its 'OAuth2 Audience' in the assertion, which is not the address "
            "of its token endpoint.",
            "Compare 'audience' in 'ltictl show' with the registration's details in Brightspace.",
        ),
    },
)

_SAKAI_AGAIN = "Start the registration in Sakai again."

SAKAI = Family(
    slug="sakai",
    codes=("sakailms.org", "sakai"),
    title="Sakai",
    paste=(
        "Administration Workspace > External Tools > Install LTI 1.3 Tool > Auto-Provision",
        "Paste the registration URL and continue",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=("Back in Sakai's form: check what it received and save the tool",),
    switch="Administration Workspace > External Tools > the tool > Save",
    place="Administration Workspace > External Tools > the tool",
    editing="Administration Workspace > External Tools > the tool > Edit",
    removal="Administration Workspace > External Tools > the tool > Delete",
    deployment="Administration Workspace > External Tools > the tool (the same for all tools)",
    names_deployment=True,  # SAK
    shape=RequestShape(
        deep_linking=DeepLinking.FIRST,  # TSUGI
        lists_scopes=False,  # SAK: only openid, although it offers all services
    ),
    statuses={
        400: Cause(
            "Sakai found the request, or the address it was sent to, incomplete.", _SAKAI_AGAIN
        ),
        403: Cause(  # SAK: without a word
            "Sakai's token can be used once and within one hour, and was late or used.",
            _SAKAI_AGAIN,
        ),
    },
)

BLACKBOARD = Family(
    slug="blackboard",
    codes=("BlackboardLearn",),
    title="Blackboard",
    paste=(  # BB-REG: the vendor registers once, in the developer portal
        "Anthology developer portal > the application > LTI Dynamic Registration",
        "Paste the registration URL",
    ),
    activate=(
        "Each institution: Administrator Panel > LTI Tool Providers > Register LTI 1.3 Tool",
        "They enter the client id and send you the deployment id",
    ),
    switch="Administrator Panel > LTI Tool Providers > the tool > Approve",
    place="Administrator Panel > LTI Tool Providers > the tool",
    editing="Anthology developer portal > the application",
    removal="Administrator Panel > LTI Tool Providers > the tool > Delete, at each institution",
    deployment="Administrator Panel > LTI Tool Providers > the tool > Edit, at each institution",
    gives_token=False,  # BB-KI: its secret is in the registration endpoint
    notes=(  # BB-REG; BB-JWKS
        "In Blackboard one registration serves all institutions: add each one's deployment id.",
        "Blackboard keeps the address of the key set for good: do not change jwks_uri later.",
    ),
)

ILIAS = Family(
    slug="ilias",
    codes=("ilias", "ILIAS"),
    title="ILIAS",
    paste=(  # README: a person who may own tools, in a frame
        "Add New Item > LTI Consumer > register a provider dynamically",
        "Paste the registration URL",
    ),
    activate=("Back in ILIAS: save the object that was made",),
    switch="the object's settings > Online",
    place="the object in the repository",
    editing="the object's settings",
    removal="the object's menu > Delete",
    deployment="the object's settings",
    statuses={
        500: Cause(
            "Older versions of ILIAS answer every problem like that, without a word.",
            "The reason is in ILIAS's log: ask its administrators for the entry.",
        )
    },
)

GENERIC = Family(
    slug="lms",
    codes=(),
    title="your LMS",
    paste=(
        "In the administration of external (LTI) tools, choose dynamic registration",
        "Paste the registration URL",
        "On the page that opens, check what is asked and press Register",
    ),
    activate=("In the administration of external tools, look for the new tool and switch it on",),
    switch="the administration of external (LTI) tools",
)
