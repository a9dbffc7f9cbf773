"""ltijs: a Node module that registers the platforms; ltijs cannot take a key over.

ltijs makes an RSA key of its own for each platform and publishes it at its ``/keys``
(``Provider.registerPlatform`` of ltijs 5.9.9), so that the LMS must know that address.
"""

from typing import Any, Final

from ltictl.interchange.addresses import NO_TOKEN_ENDPOINT, query_warnings, token_endpoint
from ltictl.interchange.outgoing import (
    ExportContent,
    File,
    Registration,
    Rendered,
    indented_json,
    kept_addresses,
)
from ltictl.interchange.registry import Format
from ltictl.model.integration import filled

_SCRIPT: Final = """\
// Written by 'ltictl export ltijs'. Call it once ltijs is deployed; calling it again updates:
//
//   const lti = require('ltijs').Provider
//   await lti.deploy()
//   await require('./%(name)s')(lti)
//
// ltijs signs with keys of its own: it makes one for each platform below and publishes them all
// at its keysetRoute ('/keys' unless changed). Launches work with any registration. Grades, course
// members and deep linking answers work only if the LMS knows that address as the tool's key set
// URL. For these platforms the tool was registered with:
//
%(addresses)s
'use strict'

const platforms = %(platforms)s

module.exports = async function registerPlatforms (lti) {
  for (const { active, ...settings } of platforms) {
    const platform = await lti.registerPlatform(settings)
    await platform.platformActive(active)
  }
}
"""
_NAME: Final = "ltijs-platforms.js"


def render(content: ExportContent) -> Rendered:
    """Return the module."""
    registrations = content.registrations
    platforms = [_platform(each) for each in registrations]
    script = _SCRIPT % {
        "name": _NAME,
        "addresses": _addresses(content, registrations),
        # JSON in ASCII is JavaScript for every name.
        "platforms": indented_json(platforms).rstrip(),
    }
    return Rendered(File(_NAME, script.encode()), warnings=_warnings(content))


def _platform(registration: Registration) -> dict[str, Any]:
    platform = registration.platform
    return {
        "url": platform.issuer,
        "name": platform.name or registration.label,
        "clientId": registration.client_id,
        "authenticationEndpoint": platform.authorization_endpoint,
        "accesstokenEndpoint": token_endpoint(platform.token_endpoint),
        # ltijs demands one, also of an LMS without services.
        "authorizationServer": platform.audience or NO_TOKEN_ENDPOINT,
        "authConfig": {"method": "JWK_SET", "key": platform.jwks_uri},
        "active": registration.active,
    }


def _addresses(content: ExportContent, registrations: tuple[Registration, ...]) -> str:
    lines = [f"//   {each.label}: {_key_set(content, each)}" for each in registrations]
    return "\n".join(lines) if lines else "//   (none)"


def _key_set(content: ExportContent, registration: Registration) -> str:
    return filled(content.tool.jwks_uri, registration.integrations[0].id)


def _warnings(content: ExportContent) -> tuple[str, ...]:
    broken = (
        *query_warnings(content.registrations, _broken_query),
        *kept_addresses(content.registrations, "ltijs"),
    )
    if content.external_keys:
        return broken
    warning = (
        "ltijs signs with its own keys, not with this profile's: services and deep linking answers "
        f"work only if {content.tool.jwks_uri} is ltijs's own key set (its /keys). Set "
        "tool.jwks_uri to it, keys.managed_by = 'external', and register or update again."
    )
    return (*broken, warning)


def _broken_query(label: str, url: str) -> str:
    """Return the warning about ltijs's ``url.format``, which turns "?" into %3F."""
    return (
        f"The authorization endpoint of {label} has a query, and ltijs spoils it, so that launches "
        f"fail. Let an address of your own redirect to {url} with all parameters appended, and "
        "record that one with 'ltictl add --authorization-endpoint URL'."
    )


FORMAT: Final = Format("ltijs", "ltijs: a Node module of registerPlatform calls.", render)
