"""Explain why an LMS sent no configuration: by the status and the page that it sent."""

from typing import Final

from ltictl.errors import Actor, RefusedError
from ltictl.lti.refusal import read_refusal
from ltictl.model.sentence import Sentence
from ltictl.net.reply import Reply
from ltictl.platforms.family import Cause

OLD_LINK: Final = Cause(
    "The link is too old or was used before, or the LMS does not offer registration.",
    "Start the registration in the LMS again; it issues a fresh link.",
)
FIREWALL: Final = Cause(
    "Probably a firewall or a protection against robots answered, which stands before the LMS.",
    "Ask the LMS's administrators to let requests of this computer through (User-Agent ltictl), "
    "then start the registration in the LMS again.",
    Actor.BOTH,
)
FAILED: Final = Cause(
    "The LMS, or a server in front of it, failed.",
    "Try again later. If it persists, ask the LMS's administrators to look into its log.",
)
MAINTENANCE: Final = Cause(
    "The LMS is unavailable at the moment: in maintenance, or overloaded.",
    "Try again later: start the registration in the LMS once more.",
)
TOO_MANY: Final = Cause(
    "The LMS, or a server in front of it, limits how many requests it takes.",
    "Wait a few minutes, then start the registration in the LMS again.",
)


def absent_configuration(reply: Reply) -> RefusedError:
    """Return the error for a missing configuration, with the LMS's words."""
    refusal = read_refusal(reply.status, reply.body)
    facts = {"host": reply.address.authority, "status": reply.status}
    message = Sentence("{host} answered HTTP {status} instead of its configuration.", **facts)
    if refusal.words:
        message = Sentence(
            '{host} answered HTTP {status} instead of its configuration: "{words}".',
            words=refusal.words,
            **facts,
        )
    cause = _cause(reply.status, is_page=refusal.html)
    return RefusedError(
        "configuration_unavailable",
        message,
        why=cause.why,
        fix=cause.fix,
        actor=cause.actor,
    )


def _cause(status: int, *, is_page: bool) -> Cause:
    match status:
        case 503:
            return MAINTENANCE
        case 429:
            return TOO_MANY
        case 403 if is_page:  # in JSON it would be the LMS's own word
            return FIREWALL
    return FAILED if status >= 500 else OLD_LINK  # noqa: PLR2004  RFC 9110, 15.6
