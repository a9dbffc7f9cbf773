"""What distinguishes one product family from another, as far as the embedded LMS plays it.

A table of facts keyed by family; nothing outside it asks which family is being played.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ltictl.lti.vocabulary import DEEP_LINKING, RESOURCE_LINK, SCOPES

BASIC_OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
TOOL_SETTING = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"


class FamilyCode(StrEnum):
    """The families that can be played; the value is the ``product_family_code``."""

    MOODLE = "moodle"


@dataclass(frozen=True)
class Family:
    """One family's public face: what its configuration announces and how it introduces itself."""

    code: FamilyCode
    version: str
    user_agent: str
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    messages: tuple[dict[str, Any], ...]
    variables: tuple[str, ...]


# Recording 02-openid-configuration: the order is the platform's own.
_MOODLE = Family(
    code=FamilyCode.MOODLE,
    version="4.5dev+ (Build: 20240903)",
    user_agent="MoodleBot/4.5",
    scopes=(
        BASIC_OUTCOME,
        SCOPES["lineitem.readonly"],
        SCOPES["result.readonly"],
        SCOPES["score"],
        SCOPES["lineitem"],
        SCOPES["contextmembership.readonly"],
        TOOL_SETTING,
        "openid",
    ),
    claims=("sub", "iss", "name", "given_name", "family_name", "email"),
    messages=(
        {"type": RESOURCE_LINK},
        {"type": DEEP_LINKING, "placements": ["ContentArea"]},
    ),
    variables=(
        "basic-lti-launch-request",
        "ContentItemSelectionRequest",
        "ToolProxyRegistrationRequest",
        "Context.id",
        "Context.title",
        "Context.label",
        "Context.id.history",
        "Context.sourcedId",
        "Context.longDescription",
        "Context.timeFrame.begin",
        "CourseSection.title",
        "CourseSection.label",
        "CourseSection.sourcedId",
        "CourseSection.longDescription",
        "CourseSection.timeFrame.begin",
        "CourseSection.timeFrame.end",
        "ResourceLink.id",
        "ResourceLink.title",
        "ResourceLink.description",
        "User.id",
        "User.username",
        "Person.name.full",
        "Person.name.given",
        "Person.name.family",
        "Person.email.primary",
        "Person.sourcedId",
        "Person.name.middle",
        "Person.address.street1",
        "Person.address.locality",
        "Person.address.country",
        "Person.address.timezone",
        "Person.phone.primary",
        "Person.phone.mobile",
        "Person.webaddress",
        "Membership.role",
        "Result.sourcedId",
        "Result.autocreate",
        "BasicOutcome.sourcedId",
        "BasicOutcome.url",
        "Moodle.Person.userGroupIds",
    ),
)

FAMILIES: dict[FamilyCode, Family] = {FamilyCode.MOODLE: _MOODLE}
