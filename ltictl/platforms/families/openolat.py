"""OpenOlat, which has no dynamic registration: its code is ltictl's own.

Sources: OpenOlat's administration manual ("LTI - External tools"), its ``LTI13Dispatcher``.
"""

from ltictl.platforms.family import Family, Preset
from ltictl.platforms.form import DEPLOYMENT, YES, Fields, Form, FormRequest, lines


def _fields(request: FormRequest) -> Fields:
    """Return the fields of Add new tool."""
    return [
        ("Tool Name", request.name),
        ("Tool URL", request.target),
        ("With shared deployment", YES),
        ("Public Key Type", "Public key"),
        ("Public Key", request.public_key),
        ("Initiate login URI", request.login),
        ("Redirection URL(s)", lines(request.redirects)),
    ]


FAMILY = Family(
    slug="openolat",
    codes=("openolat",),
    title="OpenOlat",
    paste=("Administration > External tools > Add new tool: fill in 'ltictl lms-config openolat'",),
    activate=("In the course: Add course element > LTI, and choose the tool",),
    switch="Administration > External tools > Configuration > Enabled",
    place="Administration > External tools > the tool",
    editing="Administration > External tools > the tool > Edit",
    removal="Administration > External tools > the tool > Delete",
    deployment="Administration > External tools > the tool > Deployment ID",
    dynamic=False,
    form=Form(
        "Administration > External tools > Add new tool",
        _fields,
        (("Platform-ID / Issuer", "--issuer"), ("Client-ID", "--client-id"), DEPLOYMENT),
    ),
    presets={
        "openolat": Preset(
            authorization_endpoint="{site}/lti/auth",
            token_endpoint="{site}/lti/token",  # noqa: S106  an address, not a password
            jwks_uri="{site}/lti/keys",
        )
    },
)
