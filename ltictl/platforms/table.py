"""The table of families: finding one, and explaining a refusal in its words."""

from typing import Final

from ltictl.errors import NotFoundError, RefusedError
from ltictl.lti.answer import Refusal
from ltictl.platforms.family import Cause, Family
from ltictl.platforms.moodle import MOODLE
from ltictl.platforms.others import BLACKBOARD, BRIGHTSPACE, CANVAS, GENERIC, ILIAS, SAKAI

FAMILIES: Final = (MOODLE, CANVAS, BRIGHTSPACE, SAKAI, BLACKBOARD, ILIAS)

_UNEXPLAINED: Final[dict[int, Cause]] = {
    400: Cause(
        "The LMS does not accept something in the tool's settings.",
        "Correct what it names in profile.toml and start again in the LMS.",
    ),
    401: Cause(
        "The registration token did not arrive, is too old or was used before.",
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
    ),
}
_ANY_OTHER: Final = Cause(
    "The LMS or a proxy before it failed.", "Ask the LMS's administrators to look into its log."
)


def family_of(code: str) -> Family:
    """The family whose ``product_family_code`` is exactly ``code``, else the generic one."""
    return next((family for family in FAMILIES if code in family.codes), GENERIC)


def family_named(slug: str) -> Family:
    """The family with a slug.

    Raises:
        NotFoundError: there is none.
    """
    for family in (*FAMILIES, GENERIC):
        if family.slug == slug:
            return family
    known = ", ".join(family.slug for family in (*FAMILIES, GENERIC))
    raise NotFoundError(
        "no_such_family", f"There is no LMS family {slug[:40]!r}.", fix=f"Known: {known}."
    )


def explain_refusal(family: Family, refusal: Refusal, host: str) -> RefusedError:
    """The error that tells a person what an LMS meant.

    Args:
        family: whose words to look up.
        refusal: what came.
        host: the LMS, for the message.
    """
    said = f': "{refusal.words}"' if refusal.words else ", without a word"
    cause = _cause(family, refusal)
    return RefusedError(
        "platform_refused",
        f"{host} refused the registration (HTTP {refusal.status}){said}.",
        why=cause.why,
        fix=cause.fix,
        data={"status": refusal.status, "code": refusal.code, "words": refusal.words},
    )


def _cause(family: Family, refusal: Refusal) -> Cause:
    for beginning, cause in family.causes.items():
        spoken = refusal.words.startswith(beginning) if beginning else not refusal.words
        if spoken:
            return cause
    return _UNEXPLAINED.get(refusal.status, _ANY_OTHER)
