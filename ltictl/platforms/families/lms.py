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


def _fields(asked: FormRequest) -> Fields:
    """No form in particular: the terms of LTI, by which most forms name their fields."""
    return [
        ("Name", asked.name),
        ("Description", asked.description),
        ("Domain", asked.domain),
        ("Target link URI (launch URL)", asked.target),
        ("Login initiation URL", asked.login),
        ("Redirect URIs", lines(asked.redirects)),
        ("Key set URL (JWKS)", asked.key_set),
        ("Deep linking", yes(asked.linking)),
        ("Deep linking URL", asked.linking_target),
        ("Assignment and Grade Services", yes(asked.grades)),
        ("Names and Role Provisioning Services", yes(asked.members)),
        ("Share the person's name", yes(asked.names)),
        ("Share the person's e-mail address", yes(asked.mail)),
        ("Custom parameters", pairs(asked.parameters)),
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
