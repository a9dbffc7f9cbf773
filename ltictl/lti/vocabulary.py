"""The names that the LTI specifications define, each once: claims, scopes, messages, placements.

Pure constants; nothing here decides anything.
"""

from typing import Final

# LTI Dynamic Registration 1.0, "Platform configuration" and "Tool configuration".
PLATFORM_CONFIGURATION: Final = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION: Final = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CLOSE_SUBJECT: Final = "org.imsglobal.lti.close"

# LTI Core 1.3, section 5 (claims of a launch).
CLAIM: Final = "https://purl.imsglobal.org/spec/lti/claim/"
CLAIM_DEPLOYMENT_ID: Final = CLAIM + "deployment_id"
CLAIM_MESSAGE_TYPE: Final = CLAIM + "message_type"
CLAIM_VERSION: Final = CLAIM + "version"
CLAIM_TARGET_LINK_URI: Final = CLAIM + "target_link_uri"

RESOURCE_LINK: Final = "LtiResourceLinkRequest"
DEEP_LINKING: Final = "LtiDeepLinkingRequest"

# The scopes of LTI Advantage (AGS 2.0, NRPS 2.0) and of the registration service, by short name.
SCOPES: Final[dict[str, str]] = {
    "lineitem": "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "lineitem.readonly": "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "result.readonly": "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "score": "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "contextmembership.readonly": (
        "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
    ),
    "registration": "https://purl.imsglobal.org/spec/lti-reg/scope/registration",
    "registration.readonly": "https://purl.imsglobal.org/spec/lti-reg/scope/registration.readonly",
}

# What each service lets the tool do, in words an LMS administrator decides by.
SCOPE_MEANING: Final[dict[str, str]] = {
    SCOPES["lineitem"]: "create and change its own columns in the gradebook",
    SCOPES["lineitem.readonly"]: "read the columns of the gradebook that belong to it",
    SCOPES["result.readonly"]: "read the grades of its own activities",
    SCOPES["score"]: "send grades to the gradebook",
    SCOPES["contextmembership.readonly"]: "read the names and roles of course members",
    SCOPES["registration"]: "read and change its own registration in the LMS",
    SCOPES["registration.readonly"]: "read its own registration in the LMS",
}

CLAIM_MEANING: Final[dict[str, str]] = {
    "sub": "an identifier for each person",
    "name": "full name",
    "given_name": "first name",
    "family_name": "last name",
    "email": "e-mail address",
    "picture": "picture",
    "locale": "language",
}

CLIENT_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def full_scope(name: str) -> str:
    """The scope's full URI for a short name; a full URI or an unknown name is returned as it is."""
    return SCOPES.get(name, name)


def short_scope(uri: str) -> str:
    """The short name of a scope URI of the table above, else the URI itself."""
    return next((short for short, full in SCOPES.items() if full == uri), uri)
