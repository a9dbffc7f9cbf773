"""The product families that the embedded LMS plays, and their differences.

A table of facts keyed by family; nothing outside it asks which family is being played.
"""

from ltictl.lti.vocabulary import DEEP_LINKING, RESOURCE_LINK, SCOPES
from ltictl.sandbox.documented_families import BLACKBOARD, BRIGHTSPACE, CANVAS, SAKAI
from ltictl.sandbox.family import FamilyCode, PlayedFamily, recorded

BASIC_OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome"
TOOL_SETTING = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"

# Recording 02-openid-configuration: the order is the platform's own.
_MOODLE = PlayedFamily(
    code=FamilyCode.MOODLE,
    title="Moodle",
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
    invalid_launch=404,  # recordings 08-launch/authorization: its error page
    reposts=True,
    behaviours=recorded(
        "the token is a signed JWT whose subject becomes the client_id; success uses it up",
        "refusals are a bare word labelled as HTML, or a 404 page",
        "the deployment id is in the tool configuration of the answer",
        "the answer lists more services than are granted",
        "tokens are issued to tools that nobody activated",
        "of several deep linking messages the last one is kept",
        "a tool of the same host brings up the choice to update it",
        "a launch in another site's frame, which gets no cookie, is posted once more",
        "the web service for administrators: always 200, refusals have an 'exception', the token "
        "is a form value",
    ),
)

FAMILIES: dict[FamilyCode, PlayedFamily] = {
    each.code: each for each in (_MOODLE, CANVAS, BRIGHTSPACE, SAKAI, BLACKBOARD)
}
