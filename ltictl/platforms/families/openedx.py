"""Open edX, which has no dynamic registration: its code is ltictl's own.

Sources: recordings foreign/openedx; the LTI consumer XBlock 11.4.4 (its settings, addresses and
``plugin/views.py``), which tests/peers/test_openedx.py runs.
"""

from ltictl.errors import Actor
from ltictl.platforms.family import Cause, Family, KeyCache, Marks, Preset
from ltictl.platforms.form import CLIENT, DEPLOYMENT, Fields, Form, FormRequest, lines, pairs, yes


def _fields(asked: FormRequest) -> Fields:
    """The settings of the XBlock."""
    return [
        ("LTI Version", "LTI 1.3"),
        ("Tool Launch URL", asked.target),
        ("Registered Redirect URIs", lines(asked.redirects)),
        ("Tool Initiate Login URL", asked.login),
        ("Tool Public Key Mode", "Keyset URL"),
        ("Tool Keyset URL", asked.key_set),
        ("Enable LTI NRPS", yes(asked.members)),
        ("Deep linking", yes(asked.linking)),
        ("Deep Linking Launch URL", asked.linking_target),
        ("Custom Parameters", pairs(asked.parameters)),
    ]


# access_token_endpoint; no unknown_client: it says invalid_client of keys and of clients alike
_TOKEN_CAUSES = {
    "invalid_client": Cause(
        "Open edX finds no key of the tool that fits the signature, or another client id.",
        "Compare the block's 'Tool Keyset URL' (or its public key) and its client id in Studio.",
    ),
    "invalid_grant": Cause(
        "Open edX cannot read the assertion, or it is too old by its clock.",
        "Set the clock of this computer by NTP.",
        Actor.OPERATOR,
    ),
    "invalid_lti_version": Cause(
        "The block is set to LTI 1.1.",
        "Studio > the LTI Consumer block: set LTI Version to LTI 1.3.",
    ),
}

FAMILY = Family(
    slug="openedx",
    codes=("openedx",),
    title="Open edX",
    marks=Marks(  # recordings foreign/openedx
        authorization_endpoint="/api/lti_consumer/v1/launch",
        token_endpoint="/api/lti_consumer/v1/token",  # noqa: S106  a path, not a password
        jwks_uri="/api/lti_consumer/v1/public_keysets",
    ),
    paste=("Studio > the unit > Advanced > LTI Consumer: fill in 'ltictl lms-config openedx'",),
    activate=("Studio: publish the unit",),
    switch="Studio > the unit > Publish",
    place="Studio > the unit with the LTI Consumer block",
    editing="Studio > the unit > the LTI Consumer block > Edit",
    removal="Studio > the unit > the LTI Consumer block > Delete",
    deployment="Studio > the LTI Consumer block, below its settings (usually 1)",
    dynamic=False,
    key_cache=KeyCache.NONE,  # tests/peers/test_openedx.py: a new key is accepted at once
    tokens_for_any_client=True,  # tests/peers/test_openedx.py
    token_causes=_TOKEN_CAUSES,
    form=Form(
        "Studio > the unit > Advanced > LTI Consumer > Edit",
        _fields,
        (
            ("the LMS's address", "--issuer"),
            CLIENT,
            DEPLOYMENT,
            ("Keyset URL", "--jwks-uri"),
            ("Access Token URL", "--token-endpoint"),
        ),
    ),
    presets={  # token endpoint and key set carry the id of the block's own configuration
        "openedx": Preset(authorization_endpoint="{site}/api/lti_consumer/v1/launch/")
    },
)
