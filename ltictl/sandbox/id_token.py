"""The claims of a launch's ``id_token``, as recorded (08-launch).

Pure. The services (grades, members) are not played, so no claim announces them.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from ltictl.lti.vocabulary import (
    CLAIM,
    CLAIM_DEPLOYMENT_ID,
    CLAIM_MESSAGE_TYPE,
    CLAIM_TARGET_LINK_URI,
    CLAIM_VERSION,
)
from ltictl.sandbox.launches import Launch, Person
from ltictl.sandbox.lms import Lms
from ltictl.sandbox.tools import SandboxTool

LIFETIME: Final = 60  # seconds (recordings, fact 8)
DEEP_LINKING_RETURN_PATH: Final = "/deep-linking"
DEEP_LINKING_CLAIM: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/"

_COURSE: Final = {
    "id": "2",
    "label": "REHEARSAL",
    "title": "Rehearsal course",
    "type": ["CourseSection"],
}


def claims(lms: Lms, tool: SandboxTool, launch: Launch, nonce: str) -> dict[str, Any]:
    """Return the claims of the ``id_token`` that answers an authorization request."""
    now = int(lms.clock())
    return {
        "nonce": nonce,
        "iat": now,
        "exp": now + LIFETIME,
        "iss": lms.issuer,
        "aud": tool.client_id,
        CLAIM_DEPLOYMENT_ID: tool.deployment_id,
        CLAIM_TARGET_LINK_URI: launch.target_link_uri,
        "sub": launch.person.id,
        f"{CLAIM}roles": list(launch.person.roles),
        f"{CLAIM}context": _COURSE,
        CLAIM_MESSAGE_TYPE: launch.message_type,
        **_message(lms, tool, launch),
        **_identity(tool, launch.person),
        f"{CLAIM}tool_platform": _platform(lms),
        CLAIM_VERSION: "1.3.0",
        f"{CLAIM}custom": _custom(tool, launch),
    }


def _message(lms: Lms, tool: SandboxTool, launch: Launch) -> dict[str, Any]:
    if launch.activity is None:
        settings = _deep_linking_settings(lms, tool)
        return {
            f"{CLAIM}launch_presentation": {"locale": "en"},
            f"{DEEP_LINKING_CLAIM}deep_linking_settings": settings,
        }
    link = {"id": launch.activity.id, "title": launch.activity.title, "description": ""}
    presentation = {
        "locale": "en",
        "document_target": "iframe",
        "return_url": f"{lms.issuer}/launch/{tool.deployment_id}",
    }
    return {f"{CLAIM}resource_link": link, f"{CLAIM}launch_presentation": presentation}


def _deep_linking_settings(lms: Lms, tool: SandboxTool) -> dict[str, Any]:
    """LTI Deep Linking 2.0, 4.4.1, with the values that were recorded; there is no ``data``."""
    address = f"{lms.issuer}{DEEP_LINKING_RETURN_PATH}"
    return {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": f"{address}?id={tool.deployment_id}&sesskey={lms.session_key}",
        "title": tool.settings.name,
        "text": "",
    }


def _identity(tool: SandboxTool, person: Person) -> dict[str, str]:
    """Name and mail address, each only if the tool asked for it."""
    names = {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "name": person.name,
    }
    email = {"email": person.email}
    settings = tool.settings
    return (names if settings.send_name else {}) | (email if settings.send_email else {})


def _platform(lms: Lms) -> dict[str, str]:
    return {
        "product_family_code": lms.family.code.value,
        "version": lms.family.version,
        "guid": hashlib.sha256(lms.issuer.encode()).hexdigest()[:32],
        "name": lms.site_name,
        "description": lms.site_name,
    }


def _custom(tool: SandboxTool, launch: Launch) -> dict[str, str]:
    """Return the activity's parameters, then the tool's."""
    lines = (line.partition("=") for line in tool.settings.custom_parameters.split("\n") if line)
    wanted = {name: value for name, _, value in lines}
    wanted |= launch.activity.custom if launch.activity else {}
    known = _variables(tool, launch)
    return {name: _substituted(value, known) for name, value in wanted.items()}


def _substituted(value: str, known: Mapping[str, str]) -> str:
    """Replace known variables and leave unknown ones (recordings, custom-unknown-var)."""
    return known.get(value[1:], value) if value.startswith("$") else value


def _variables(tool: SandboxTool, launch: Launch) -> dict[str, str]:
    person, course = launch.person, _COURSE
    identity = _identity(tool, person)
    link = launch.activity
    return {
        "User.id": person.id,
        "User.username": person.username,
        "Person.name.full": identity.get("name", ""),
        "Person.name.given": identity.get("given_name", ""),
        "Person.name.family": identity.get("family_name", ""),
        "Person.email.primary": identity.get("email", ""),
        "Context.id": str(course["id"]),
        "Context.title": str(course["title"]),
        "Context.label": str(course["label"]),
        "CourseSection.title": str(course["title"]),
        "CourseSection.label": str(course["label"]),
        "ResourceLink.id": link.id if link else "",
        "ResourceLink.title": link.title if link else "",
        "Membership.role": ",".join(person.roles),
    }
