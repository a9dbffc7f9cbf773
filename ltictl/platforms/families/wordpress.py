"""WordPress with the plugin LTI Platform; no dynamic registration, its code is ltictl's own.

Source: recordings foreign/wordpress (WordPress 6.1.9, wordpress-lti-platform 2.3.0).
"""

from ltictl.platforms.family import Family, Marks, Preset
from ltictl.platforms.form import CLIENT, DEPLOYMENT, Fields, Form, FormRequest, lines

# recordings foreign/wordpress-platform-configuration.txt
_AUTHORIZATION = "?lti-platform&auth"
_KEYS = "?lti-platform&keys"


def _fields(request: FormRequest) -> Fields:
    """Return the fields of LTI 1.3 Configuration."""
    return [
        ("Initiate Login URL", request.login),
        ("Redirection URI(s)", lines(request.redirects)),
        ("Public Keyset URL", request.key_set),
    ]


FAMILY = Family(
    slug="wordpress",
    codes=("wordpress", "WordPress"),  # the second is what its launches say
    title="WordPress",
    marks=Marks(authorization_endpoint=_AUTHORIZATION, jwks_uri=_KEYS),
    paste=("LTI Tools > Add New: fill in 'ltictl lms-config wordpress'",),
    activate=(
        "LTI Tools: enable the tool, and add it to a post or page with the editor's LTI button",
    ),
    switch="LTI Tools > Enabled",
    place="LTI Tools",
    editing="LTI Tools > the tool > Edit",
    removal="LTI Tools > the tool > Delete",
    deployment="LTI Tools > the tool > Platform configuration (usually 1)",
    dynamic=False,
    services=False,  # recordings foreign/wordpress/token-absent-200: an empty page
    form=Form(
        "LTI Tools > Add New > LTI 1.3 Configuration",
        _fields,
        (
            ("Platform ID", "--issuer"),
            CLIENT,
            DEPLOYMENT,
            ("Authentication request URL", "--authorization-endpoint"),
            ("Public Keyset URL", "--jwks-uri"),
        ),
    ),
    presets={
        "wordpress": Preset(
            authorization_endpoint="{site}/" + _AUTHORIZATION, jwks_uri="{site}/" + _KEYS
        )
    },
)
