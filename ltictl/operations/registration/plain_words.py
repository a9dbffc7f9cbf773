"""The requests of a registration in words for an LMS administrator; pure."""

from collections.abc import Sequence

from ltictl.callback.languages import translate
from ltictl.lti.vocabulary import MESSAGE_MEANING, NOTICE_MEANING, SCOPE_MEANING, SCOPES
from ltictl.operations.registration.inspect_platform import Inspection


def services_in_words(inspection: Inspection) -> tuple[str, ...]:
    """Return a phrase for each service that the tool requests."""
    notices = inspection.configuration.notices_supported
    return tuple(_service(scope, notices) for scope in inspection.scopes)


def messages_in_words(inspection: Inspection) -> tuple[str, ...]:
    """Return a phrase for each type of message: what people do with the tool."""
    return tuple(MESSAGE_MEANING.get(kind, kind) for kind in inspection.messages)


def _service(scope: str, notices: Sequence[str]) -> str:
    meaning = SCOPE_MEANING.get(scope, scope)
    if scope != SCOPES["noticehandlers"] or not notices:
        return meaning
    # The Platform Notification Service 1.0 has one scope for every notice: say which there are.
    kinds = ", ".join(translate(NOTICE_MEANING.get(each, each)) for each in notices)
    return f"{translate(meaning)}: {kinds}"
