"""Brightspace. From documentation, not measured live.

Sources: D2L-DR, D2L-REG, D2L-KB, D2L-DEP, D2L-FAQ (Brightspace's documentation and community
articles), U13 (Unicon's tool), the details page of a registration as several vendors document it.
"""

from ltictl.errors import Actor
from ltictl.platforms.family import Again, Cause, Family, Marks, Preset
from ltictl.platforms.form import Fields, Form, FormRequest, lines, pairs

_AGAIN = "Start again: Manage Extensibility > LTI Advantage > Register Tool > Dynamic."
_CLASH = (
    "Change that registration in Manage Extensibility > LTI Advantage, or "
    "[tool.platforms.brightspace] name in profile.toml."
)


def _fields(request: FormRequest) -> Fields:
    """Return the fields of Register Tool > Standard (D2L-REG)."""
    extensions = [
        name
        for name, wanted in (
            ("Assignment and Grade Services", request.grades),
            ("Deep Linking", request.linking),
            ("Names and Role Provisioning Services", request.members),
        )
        if wanted
    ]
    parameters = request.parameters.items()
    return [
        ("Name", request.name),
        ("Description", request.description),
        ("Domain", f"https://{request.domain}"),
        ("Redirect URLs", lines(request.redirects)),
        ("OpenID Connect Login URL", request.login),
        ("Target Link URI", request.target),
        ("Keyset URL", request.key_set),
        ("Extensions", ", ".join(extensions)),
        ("Substitution Parameters", pairs({n: v for n, v in parameters if v.startswith("$")})),
        ("Custom Parameters", pairs({n: v for n, v in parameters if not v.startswith("$")})),
    ]


# D2L-KB. Its token endpoint's path is that of every IdentityServer.
_MARKS = Marks(authorization_endpoint="/d2l/lti/authenticate", jwks_uri="/d2l/.well-known/jwks")

FAMILY = Family(
    slug="brightspace",
    codes=("desire2learn", "brightspace"),
    title="Brightspace",
    marks=_MARKS,
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
            _CLASH,
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
            _AGAIN,
        ),
        403: Cause(
            "Brightspace's link works once and for one hour, and was late or used.",
            _AGAIN,
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
    form=Form(
        "Admin tools > Manage Extensibility > LTI Advantage > Register Tool > Standard",
        _fields,
        (("Issuer", "--issuer"), ("Client Id", "--client-id"), ("Deployment Id", "--deployment")),
    ),
    presets={
        "brightspace": Preset(
            authorization_endpoint="{site}" + _MARKS.authorization_endpoint,
            token_endpoint="https://auth.brightspace.com/core/connect/token",  # noqa: S106  an address
            jwks_uri="{site}" + _MARKS.jwks_uri,
            audience="https://api.brightspace.com/auth/token",
        )
    },
)
