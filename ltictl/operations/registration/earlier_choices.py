"""The page's question for a further registration: add another, or replace which one."""

from ltictl.callback.desk import Choice
from ltictl.callback.languages import translate
from ltictl.callback.texts import text
from ltictl.model.attempt import NewClient
from ltictl.operations.registration.existing import EarlierIntegration
from ltictl.operations.registration.inspect_platform import Inspection
from ltictl.platforms.family import Again


# Adding comes first and is preselected: a replaced client may be in use. Only a client that the LMS
# has lost is replaced without a question.
def choices_of(
    inspection: Inspection, earlier: tuple[EarlierIntegration, ...]
) -> tuple[Choice, ...]:
    """Return the choices of a person, none without an earlier integration."""
    if not earlier:
        return ()
    lms = translate(inspection.family.title)
    succeeds = len(earlier) == 1 and earlier[0].gone
    decides = inspection.family.again is Again.LMS_DECIDES
    ids = ", ".join(_label(each) for each in earlier)
    add = text("earlier_decides", lms=lms, id=ids) if decides else text("earlier_add", id=ids)
    first = Choice("", add, chosen=not succeeds)
    others = tuple(
        Choice(
            each.integration.id,
            text("earlier_gone" if each.gone else "earlier_replace", id=_label(each), lms=lms),
            chosen=succeeds,
        )
        for each in earlier
    )
    return (first, *others)


def _label(earlier: EarlierIntegration) -> str:
    return f"{earlier.integration.id} ({earlier.integration.status.value})"


def new_client_of(earlier: tuple[EarlierIntegration, ...], replaces: str) -> NewClient:
    """Return the place of a new client after a person's choice."""
    for each in earlier:
        if each.integration.id == replaces:
            return NewClient.FORMER_GONE if each.gone else NewClient.INSTEAD
    return NewClient.BESIDE
