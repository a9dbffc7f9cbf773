"""The names that the LTI specifications define: claims, scopes, messages, placements."""

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
EULA: Final = "LtiEulaRequest"
ASSET_PROCESSOR_SETTINGS: Final = "LtiAssetProcessorSettingsRequest"
REPORT_REVIEW: Final = "LtiReportReviewRequest"
SUBMISSION_REVIEW: Final = "LtiSubmissionReviewRequest"

# The scopes of LTI Advantage (AGS 2.0, NRPS 2.0), of the registration service, of the Platform
# Notification Service 1.0, and of Asset Processor and EULA 1.0, by short name. Blackboard spells
# two of them "lti-ap/...".
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
    "noticehandlers": "https://purl.imsglobal.org/spec/lti/scope/noticehandlers",
    "asset.readonly": "https://purl.imsglobal.org/spec/lti/scope/asset.readonly",
    "report": "https://purl.imsglobal.org/spec/lti/scope/report",
    "eula/user": "https://purl.imsglobal.org/spec/lti/scope/eula/user",
    "eula/deployment": "https://purl.imsglobal.org/spec/lti/scope/eula/deployment",
    "lti-ap/asset.readonly": "https://purl.imsglobal.org/spec/lti-ap/scope/asset.readonly",
    "lti-ap/report": "https://purl.imsglobal.org/spec/lti-ap/scope/report",
}

# Each service in the words by which an LMS administrator decides.
SCOPE_MEANING: Final[dict[str, str]] = {
    SCOPES["lineitem"]: "create and change its own columns in the gradebook",
    SCOPES["lineitem.readonly"]: "read the columns of the gradebook that belong to it",
    SCOPES["result.readonly"]: "read the grades of its own activities",
    SCOPES["score"]: "send grades to the gradebook",
    SCOPES["contextmembership.readonly"]: "read the names and roles of course members",
    SCOPES["registration"]: "read and change its own registration in the LMS",
    SCOPES["registration.readonly"]: "read its own registration in the LMS",
    SCOPES["noticehandlers"]: "receive notices when something happens in the LMS",
    SCOPES["asset.readonly"]: "read the files and texts that learners submit",
    SCOPES["report"]: "attach reports to the work that learners submit",
    SCOPES["eula/user"]: "record that a person has accepted its licence agreement",
    SCOPES["eula/deployment"]: "switch its licence agreement on and off for the whole LMS",
    SCOPES["lti-ap/asset.readonly"]: "read the files and texts that learners submit",
    SCOPES["lti-ap/report"]: "attach reports to the work that learners submit",
}

# Each message in the same words: the thing that people do with it in the LMS.
MESSAGE_MEANING: Final[dict[str, str]] = {
    RESOURCE_LINK: "open it in a course",
    DEEP_LINKING: "choose its content while they edit a course",
    EULA: "read and accept its licence agreement",
    ASSET_PROCESSOR_SETTINGS: "change how it treats the work that is submitted to an activity",
    REPORT_REVIEW: "read its report on a piece of submitted work",
    SUBMISSION_REVIEW: "open a learner's submission in it, from the gradebook",
}

# The events that an LMS lists in ``notice_types_supported``
# (Platform Notification Service 1.0; the contribution is Canvas's own).
NOTICE_MEANING: Final[dict[str, str]] = {
    "LtiHelloWorldNotice": "a test",
    "LtiContextCopyNotice": "a course was copied",
    "LtiAssetProcessorSubmissionNotice": "a learner submitted work",
    "LtiAssetProcessorContributionNotice": "a learner wrote in a discussion",
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

# RFC 6749, 5.2: only a token endpoint answers with these codes.
TOKEN_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)

CLIENT_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def full_scope(name: str) -> str:
    """Return the full URI for a scope's short name, and any other text unchanged."""
    return SCOPES.get(name, name)


def short_scope(uri: str) -> str:
    """Return the short name of a scope URI in the table above, and any other URI unchanged."""
    return next((short for short, full in SCOPES.items() if full == uri), uri)
