"""The outcome of a registration in words for an LMS administrator, without commands."""

from ltictl.callback.desk import Outcome, Result
from ltictl.callback.languages import Spoken, is_spoken, translate
from ltictl.callback.texts import text
from ltictl.errors import Actor, LtictlError, OperatorWarning
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.events import IntegrationRegistered, IntegrationUpdated, VisitFacts
from ltictl.platforms.table import family_of, remaining_steps


def success_page(registered: Registered, tool: str) -> Result:
    """Return the page of a stored registration.

    Args:
        registered: the stored registration.
        tool: the tool's name.
    """
    integration = registered.integration
    sentence = "recorded" if registered.new_client else "updated"
    steps = remaining_steps(integration) if registered.new_client else ()
    if registered.waiting:
        sentence, place = "update_waits", family_of(integration.platform.family).place
        steps = (text("accept_update", tool=tool, place=translate(place)),)
    return Result(
        Outcome.UPDATED if registered.updated else Outcome.REGISTERED,
        text(sentence, host=integration.platform.host, tool=tool),
        steps=steps,
        integration=integration.id,
        warnings=for_administrators(registered.warnings),
        # The LMS has a new tool then, also where an integration here stays.
        title=text("title_registered") if registered.new_client else "",
    )


def event_of(
    facts: VisitFacts, registered: Registered
) -> IntegrationRegistered | IntegrationUpdated:
    """Return the event of a stored registration, for the operator."""
    integration = registered.integration
    if not registered.updated:
        return IntegrationRegistered(
            facts,
            integration=integration.id,
            organization=integration.organization,
            client_id=integration.client_id,
            warnings=registered.warnings,
        )
    return IntegrationUpdated(
        facts,
        integration=integration.id,
        organization=integration.organization,
        client_id=integration.client_id,
        warnings=registered.warnings,
        new_client=registered.new_client,
    )


def for_administrators(warnings: tuple[str, ...]) -> tuple[str, ...]:
    """Return the warnings that an LMS administrator can use."""
    return tuple(each for each in warnings if not isinstance(each, OperatorWarning))


def unforeseen(error: BaseException) -> LtictlError:
    """Return the error for a defect of ltictl."""
    return LtictlError(
        "internal_error",
        "ltictl failed unexpectedly; it keeps the request and the answer.",
        why=type(error).__name__,
        fix="Run 'ltictl list', and report this with the command's --verbose output.",
        actor=Actor.MAKERS,
    )


def page_fix(error: LtictlError) -> str:
    """Return the next step for an LMS administrator, who has no terminal and no profile."""
    contact = text("ask_makers")
    both = f"{translate(error.fix)} {contact}" if is_spoken(error.fix) else text("again")
    return {Actor.LMS_ADMINISTRATOR: error.fix, Actor.BOTH: Spoken(both)}.get(error.actor, contact)
