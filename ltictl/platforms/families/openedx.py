"""Open edX, which has no dynamic registration: its code is ltictl's own.

Sources: recordings foreign/openedx; the LTI consumer XBlock 11.4.4 (its settings, addresses, models
and ``plugin/views.py``), which tests/peers/test_openedx.py runs.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from ltictl.errors import Actor
from ltictl.platforms.family import SET_CLOCK, Cause, Family, KeyCache, Marks, Preset
from ltictl.platforms.form import (
    CLIENT,
    DEPLOYMENT,
    Fields,
    Fixture,
    Form,
    FormRequest,
    lines,
    pairs,
    yes,
)

_API: Final = "/api/lti_consumer/v1"
_NUMBERS: Final = 2**31 - 1  # what Django's AutoField holds; far from those that a site counts


def _fixture(request: Mapping[str, Any]) -> Fixture:
    """Return a passport and a reusable configuration, as Django's ``loaddata`` takes them.

    Every id follows from the tool's address, so that the endpoints are known before it is loaded,
    and loading it again changes the two entries instead of making others.
    """
    tool = FormRequest(request, "")
    passport, client, configuration = (
        uuid.uuid5(uuid.NAMESPACE_URL, f"{tool.login}#openedx-{name}")
        for name in ("passport", "client", "configuration")
    )
    number = passport.int % _NUMBERS + 1
    passport_fields = {
        "name": tool.name,
        "passport_id": str(passport),
        "lti_1p3_client_id": str(client),
        "lti_1p3_tool_keyset_url": tool.key_set,
    }
    fields = {
        "version": "lti_1p3",
        "config_store": "CONFIG_ON_DB",
        "config_id": str(configuration),
        "lti_1p3_passport": number,
        "lti_1p3_oidc_url": tool.login,
        "lti_1p3_launch_url": tool.target,
        "lti_1p3_redirect_uris": tool.redirects,
        "lti_advantage_enable_nrps": tool.members,
        "lti_advantage_deep_linking_enabled": tool.linking,
        "lti_advantage_deep_linking_launch_url": tool.linking_target,
        "lti_advantage_ags_mode": _ags_mode(tool),
    }
    return Fixture(
        entries=[
            {"model": "lti_consumer.lti1p3passport", "pk": number, "fields": passport_fields},
            {"model": "lti_consumer.lticonfiguration", "pk": number, "fields": fields},
        ],
        command="./manage.py lms loaddata --format json -",
        options=(
            ("--client-id", str(client)),
            ("--token-endpoint", f"ISSUER{_API}/token/{passport}"),
            ("--jwks-uri", f"ISSUER{_API}/public_keysets/{passport}"),
            ("--deployment", "1"),
        ),
    )


def _ags_mode(request: FormRequest) -> str:
    if request.columns:
        return "programmatic"
    return "declarative" if request.grades else "disabled"


def _fields(request: FormRequest) -> Fields:
    """Return the settings of the XBlock."""
    return [
        ("LTI Version", "LTI 1.3"),
        ("Tool Launch URL", request.target),
        ("Registered Redirect URIs", lines(request.redirects)),
        ("Tool Initiate Login URL", request.login),
        ("Tool Public Key Mode", "Keyset URL"),
        ("Tool Keyset URL", request.key_set),
        ("Enable LTI NRPS", yes(request.members)),
        ("Deep linking", yes(request.linking)),
        ("Deep Linking Launch URL", request.linking_target),
        ("Custom Parameters", pairs(request.parameters)),
    ]


# access_token_endpoint; no unknown_client: it says invalid_client of keys and of clients alike
_TOKEN_CAUSES = {
    "invalid_client": Cause(
        "Open edX finds no key of the tool that fits the signature, or another client id.",
        "Compare the block's 'Tool Keyset URL' (or its public key) and its client id in Studio.",
    ),
    "invalid_grant": Cause(
        "Open edX cannot read the assertion, or it is too old by its clock.",
        SET_CLOCK,
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
        fixture=_fixture,
    ),
    presets={  # token endpoint and key set carry the id of the block's own configuration
        "openedx": Preset(authorization_endpoint="{site}/api/lti_consumer/v1/launch/")
    },
)
