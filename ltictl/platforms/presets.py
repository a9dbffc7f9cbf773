"""Where LMSs have their endpoints, for registrations that were made by hand.

Sources: Canvas's documentation ("Configuring", the hosts of the three environments), Anthology's
developer portal (BB-KI shows the same addresses), Schoology's developer documentation, the XBlock
``lti_consumer`` (urls), OpenOlat's ``LTI13Dispatcher``, Moodle's ``mod/lti`` (recordings, 02), and
for Brightspace the details page of a registration as several vendors document it.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from ltictl.errors import NotFoundError, UsageError
from ltictl.model.platform import Platform
from ltictl.model.suggestion import did_you_mean
from ltictl.model.web_address import WebAddress
from ltictl.platforms.table import family_named

_WANTED: Final = {
    "issuer": "--issuer",
    "authorization_endpoint": "--authorization-endpoint",
    "token_endpoint": "--token-endpoint",
    "jwks_uri": "--jwks-uri",
}


class Preset(Struct, frozen=True):
    """The addresses of one product or one of its environments.

    ``{site}`` stands for the issuer without a slash at its end, ``{client_id}`` for the client_id;
    what is empty has to be given.

    Attributes:
        family: slug, empty for an LMS that nobody knows.
        issuer, authorization_endpoint, token_endpoint, jwks_uri: addresses.
        audience: of client assertions, empty for the token endpoint.
    """

    family: str = ""
    issuer: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    audience: str = ""


def _canvas(environment: str) -> Preset:
    sso = f"https://sso.{environment}canvaslms.com"
    return Preset(
        family="canvas",
        issuer=f"https://canvas.{environment}instructure.com",
        authorization_endpoint=f"{sso}/api/lti/authorize_redirect",
        token_endpoint=f"{sso}/login/oauth2/token",
        jwks_uri=f"{sso}/api/lti/security/jwks",
    )


_BLACKBOARD: Final = "https://developer.blackboard.com/api/v1"
_SCHOOLOGY: Final = "https://lti-service.svc.schoology.com/lti-service"

PRESETS: Final[dict[str, Preset]] = {
    "canvas": _canvas(""),
    "canvas-beta": _canvas("beta."),
    "canvas-test": _canvas("test."),
    "blackboard": Preset(
        family="blackboard",
        issuer="https://blackboard.com",
        authorization_endpoint=f"{_BLACKBOARD}/gateway/oidcauth",
        token_endpoint=f"{_BLACKBOARD}/gateway/oauth2/jwttoken",
        jwks_uri=_BLACKBOARD + "/management/applications/{client_id}/jwks.json",
    ),
    "schoology": Preset(
        family="schoology",
        issuer="https://schoology.schoology.com",
        authorization_endpoint=f"{_SCHOOLOGY}/authorize-redirect",
        token_endpoint=f"{_SCHOOLOGY}/access-token",
        jwks_uri=f"{_SCHOOLOGY}/.well-known/jwks",
    ),
    # Token endpoint and key set carry the id of the block's own configuration.
    "openedx": Preset(
        family="openedx", authorization_endpoint="{site}/api/lti_consumer/v1/launch/"
    ),
    "openolat": Preset(
        family="openolat",
        authorization_endpoint="{site}/lti/auth",
        token_endpoint="{site}/lti/token",  # noqa: S106  an address, not a password
        jwks_uri="{site}/lti/keys",
    ),
    "moodle": Preset(
        family="moodle",
        authorization_endpoint="{site}/mod/lti/auth.php",
        token_endpoint="{site}/mod/lti/token.php",  # noqa: S106  an address, not a password
        jwks_uri="{site}/mod/lti/certs.php",
    ),
    "brightspace": Preset(
        family="brightspace",
        authorization_endpoint="{site}/d2l/lti/authenticate",
        token_endpoint="https://auth.brightspace.com/core/connect/token",  # noqa: S106  likewise
        jwks_uri="{site}/d2l/.well-known/jwks",
        audience="https://api.brightspace.com/auth/token",
    ),
}


def preset_named(name: str) -> Preset:
    """The preset of a name, an empty one for no name.

    Raises:
        NotFoundError: there is none.
    """
    if not name:
        return Preset()
    if name not in PRESETS:
        raise NotFoundError(
            "no_such_preset",
            f"There is no preset {name[:40]!r}.",
            fix=f"{did_you_mean(name, PRESETS)}Known: {', '.join(PRESETS)}. "
            "Without one, give all addresses.",
        )
    return PRESETS[name]


def platform_by_hand(preset: Preset, given: Mapping[str, str], client_id: str) -> Platform:
    """The platform that a person described.

    Args:
        preset: what need not be given.
        given: ``issuer``, the endpoints and ``audience``; empty values count as not given.
        client_id: as issued.

    Raises:
        UsageError: an address is missing.
        InvalidValueError: an address is none, or is not https.
    """
    issuer = given["issuer"] or preset.issuer
    site = issuer.rstrip("/")
    found = {
        name: given[name]
        or getattr(preset, name).replace("{site}", site).replace("{client_id}", client_id)
        for name in _WANTED
    }
    needs_site = "" if issuer else "--issuer"
    missing = [
        option for name, option in _WANTED.items() if not found[name] or option == needs_site
    ]
    if missing:
        raise UsageError(
            "options_missing",
            f"Missing: {', '.join(missing)}.",
            why="Nobody but the LMS knows these addresses.",
            fix="Its administrator finds them with the tool's settings; or choose a --preset.",
        )
    for name, option in _WANTED.items():
        _require_https(found[name], option)
    family = family_named(preset.family).codes[0] if preset.family else ""
    audience = given["audience"] or preset.audience or found["token_endpoint"]
    return Platform(**found, audience=audience, family=family)


def _require_https(url: str, option: str) -> None:
    from ltictl.errors import InvalidValueError

    address = WebAddress.parse(url, option)
    if address.scheme != "https" and not address.is_loopback:
        raise InvalidValueError(
            option, "must begin with https://", fix="LTI requires TLS (LTI Core 1.3, section 3)."
        )
    if option == "--issuer" and address.query:
        raise InvalidValueError(option, "must not carry a query")
