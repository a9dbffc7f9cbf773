"""Any other LMS: the terms of LTI, by which most of them name their clicks and fields."""

from ltictl.platforms.family import Family
from ltictl.platforms.form import (
    CLIENT,
    DEPLOYMENT,
    ENDPOINTS,
    Fields,
    Form,
    FormRequest,
    lines,
    pairs,
    yes,
)


def _fields(request: FormRequest) -> Fields:
    """Return the terms of LTI, by which most forms name their fields."""
    return [
        ("Name", request.name),
        ("Description", request.description),
        ("Domain", request.domain),
        ("Target link URI (launch URL)", request.target),
        ("Login initiation URL", request.login),
        ("Redirect URIs", lines(request.redirects)),
        ("Key set URL (JWKS)", request.key_set),
        ("Deep linking", yes(request.linking)),
        ("Deep linking URL", request.linking_target),
        ("Assignment and Grade Services", yes(request.grades)),
        ("Names and Role Provisioning Services", yes(request.members)),
        ("Share the person's name", yes(request.names)),
        ("Share the person's e-mail address", yes(request.mail)),
        ("Custom parameters", pairs(request.parameters)),
    ]


FAMILY = Family(
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
    form=Form(
        "the administration of external (LTI) tools",
        _fields,
        (("Issuer", "--issuer"), CLIENT, DEPLOYMENT, *ENDPOINTS),
    ),
)
