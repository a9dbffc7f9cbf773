"""The table of families: finding one, and explaining a refusal in its words."""

from typing import TYPE_CHECKING, Final

from ltictl.errors import Actor, NotFoundError, RefusedError, RegistrationRefusedError
from ltictl.model.integration import Integration
from ltictl.model.platform import Platform
from ltictl.model.suggestion import did_you_mean
from ltictl.platforms.canvas import CANVAS
from ltictl.platforms.causes import first_said, says
from ltictl.platforms.family import Audience, Cause, Family
from ltictl.platforms.manual import OPENEDX, OPENOLAT, SCHOOLOGY
from ltictl.platforms.moodle import MOODLE
from ltictl.platforms.others import BLACKBOARD, BRIGHTSPACE, GENERIC, ILIAS, SAKAI

if TYPE_CHECKING:
    from ltictl.lti.refusal import Refusal

DYNAMIC: Final = (MOODLE, CANVAS, BRIGHTSPACE, SAKAI, BLACKBOARD, ILIAS)
MANUAL: Final = (SCHOOLOGY, OPENEDX, OPENOLAT)
FAMILIES: Final = (*DYNAMIC, *MANUAL)
_BY_CODE: Final = {code: family for family in FAMILIES for code in family.codes}

_UNEXPLAINED: Final[dict[int, Cause]] = {
    400: Cause(
        "The LMS does not accept something in the tool's settings.",
        "Correct what it names in profile.toml and start again in the LMS.",
        Actor.OPERATOR,
    ),
    401: Cause(
        "The registration token did not arrive (a web server before the LMS may remove the "
        "Authorization header), is too old or was used before.",
        "Start the registration in the LMS again; it issues a fresh token.",
    ),
    403: Cause(
        "The token is too old, was used before, or is not allowed to register tools.",
        "Start the registration in the LMS again; it issues a fresh token.",
    ),
    404: Cause(
        "The registration address is gone, or the LMS refused without saying so.",
        "Start the registration in the LMS again.",
    ),
    409: Cause(
        "The LMS has a tool of that name or domain already.",
        "Remove or update the tool that is there.",
    ),
    422: Cause(
        "The LMS found the tool's settings incomplete or unknown to it.",
        "Correct what it names in profile.toml and start again in the LMS.",
        Actor.OPERATOR,
    ),
}
_TOKEN_WORDS: Final = ("token", "registration_token", "authorization", "bearer", "unauthenticated")
_ANY_OTHER: Final = Cause(
    "The LMS or a proxy before it failed.", "Ask the LMS's administrators to look into its log."
)


def family_of(code: str) -> Family:
    """The family whose ``product_family_code`` is exactly ``code``, else the generic one."""
    return _BY_CODE.get(code, GENERIC)


def family_named(slug: str) -> Family:
    """The family with a slug.

    Raises:
        NotFoundError: there is none.
    """
    for family in (*FAMILIES, GENERIC):
        if family.slug == slug:
            return family
    known = [family.slug for family in (*FAMILIES, GENERIC)]
    raise NotFoundError(
        "no_such_family",
        f"There is no LMS family {slug[:40]!r}.",
        fix=f"{did_you_mean(slug, known)}Known: {', '.join(known)}.",
    )


_NO_TOKEN: Final = Cause(
    "The LMS wants a registration token, and none was handed over.",
    "Start the registration in the LMS again, and hand over its registration_token too.",
)


def explain_refusal(
    family: Family, refusal: "Refusal", host: str, *, token_sent: bool = True
) -> RefusedError:
    """The error that tells a person what an LMS meant.

    Args:
        family: whose words to look up.
        refusal: what came.
        host: the LMS, for the message.
        token_sent: whether the request carried a registration token.
    """
    said = f': "{refusal.words}"' if refusal.words else ", without a word"
    missing = family.gives_token and not token_sent and refusal.status in {401, 403}
    cause = _NO_TOKEN if missing else cause_of(family, refusal)
    return RegistrationRefusedError(
        "platform_refused",
        f"{host} refused the registration (HTTP {refusal.status}){said}.",
        why=cause.why,
        fix=cause.fix,
        actor=cause.actor,
        data={"status": refusal.status, "code": refusal.code, "words": refusal.words},
    )


def cause_of(family: Family, refusal: "Refusal") -> Cause:
    """The cause by the LMS's words, else by its status, else the usual one of that status."""
    for beginning, cause in family.causes.items():
        if refusal.words.startswith(beginning):
            return cause
    mentioned = first_said(family.mentions, refusal.words)
    if mentioned is not None:
        return mentioned
    if any(says(each, refusal.words) for each in _TOKEN_WORDS):
        return _UNEXPLAINED[401]  # some LMSs say so with 400 or 500
    own = family.statuses.get(refusal.status)
    return own or _UNEXPLAINED.get(refusal.status, _ANY_OTHER)


def audience_of(family: Family, platform: Platform) -> str:
    """The ``aud`` that client assertions for a platform need.

    LTI Dynamic Registration 1.0: ``authorization_server``, else the token endpoint. Some products
    want something else.
    """
    if family.audience is Audience.TOKEN_ENDPOINT:
        return platform.token_endpoint
    named = platform.audience != platform.token_endpoint
    return platform.audience if named else family.default_audience or platform.token_endpoint


def next_steps(family: Family, *, has_deployment: bool, by_hand: bool = False) -> tuple[str, ...]:
    """What is left to do in the LMS after a registration, in order.

    Args:
        family: the LMS's record.
        has_deployment: whether a deployment id is known.
        by_hand: whether the tool was entered by hand.
    """
    steps = family.by_hand if by_hand and family.by_hand else family.activate
    if has_deployment:
        return steps
    return (*steps, f"Look up the deployment id: {family.deployment}")


def steps_of(integration: Integration) -> tuple[str, ...]:
    """What is left to do in the LMS for one integration, in order."""
    return next_steps(
        family_of(integration.platform.family),
        has_deployment=bool(integration.deployments),
        by_hand=not integration.platform.registration_endpoint,
    )
