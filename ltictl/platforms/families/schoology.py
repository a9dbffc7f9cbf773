"""Schoology, which has no dynamic registration: its code is ltictl's own.

Source: Schoology's developer documentation ("LTI apps").
"""

from typing import Final

from ltictl.platforms.family import Family, Preset
from ltictl.platforms.form import CLIENT, DEPLOYMENT, Fields, Form, FormRequest, lines, pairs, yes

_SERVICE: Final = "https://lti-service.svc.schoology.com/lti-service"


def _fields(request: FormRequest) -> Fields:
    """Return the fields of Add App."""
    privacy = {
        (True, True): "Send Name and Email/Username of user who launches the tool",
        (True, False): "Send Name Only",
        (False, True): "Send Email/Username Only",
        (False, False): "Do not send any user information",
    }[request.names, request.mail]
    return [
        ("Name", request.name),
        ("Description", request.description or request.name),
        ("Type of App", "LTI 1.3 App"),
        ("Privacy", privacy),
        ("Deep Linking", yes(request.linking)),
        ("Assignment and Grade Services", yes(request.grades)),
        ("Names and Roles Services", yes(request.members)),
        ("JWKS URL", request.key_set),
        ("Domain/URL", request.target),
        ("Public key type", "Keyset URL"),
        ("OIDC Login Init URL", request.login),
        ("Redirect URLs", lines(request.redirects)),
        ("Custom Parameters", pairs(request.parameters)),
    ]


FAMILY = Family(
    slug="schoology",
    codes=("schoology",),
    title="Schoology",
    paste=("App Center > My Developer Apps > Add App: fill in 'ltictl lms-config schoology'",),
    activate=(
        "App Center > the app > Install LTI 1.3 App, for the organization or for yourself",
        "Organization Apps > Configure: make it available to courses",
    ),
    switch="App Center > Organization Apps > the app > Configure",
    place="App Center > My Developer Apps > the app",
    editing="App Center > My Developer Apps > the app > Options > Edit",
    removal="App Center > My Developer Apps > the app > Options > Delete",
    deployment="App Center > Organization Apps > the app > Options > API Info",
    dynamic=False,
    form=Form(
        "App Center > My Developer Apps > Add App",
        _fields,
        (CLIENT, DEPLOYMENT),
    ),
    presets={
        "schoology": Preset(
            issuer="https://schoology.schoology.com",
            authorization_endpoint=f"{_SERVICE}/authorize-redirect",
            token_endpoint=f"{_SERVICE}/access-token",
            jwks_uri=f"{_SERVICE}/.well-known/jwks",
        )
    },
)
