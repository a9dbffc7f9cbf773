"""The outcome of a registration in words for an LMS administrator, without commands."""

from typing import Final

from ltictl.callback.desk import Outcome, Result
from ltictl.callback.languages import is_spoken
from ltictl.callback.texts import sentence
from ltictl.errors import Actor, InvalidValueError, LtictlError, OperatorWarning
from ltictl.model.sentence import Sentence
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.events import IntegrationRegistered, IntegrationUpdated, VisitFacts
from ltictl.platforms.table import family_of, remaining_steps

_OF_THE_LINK: Final = frozenset({"openid_configuration", "registration_token"})


def success_page(registered: Registered, tool: str) -> Result:
    """Return the page of a stored registration.

    Args:
        registered: the stored registration.
        tool: the tool's name.
    """
    integration = registered.integration
    name = "recorded" if registered.new_client else "updated"
    steps = remaining_steps(integration) if registered.new_client else ()
    if registered.waiting:
        name, place = "update_waits", family_of(integration.platform.family).place
        steps = (sentence("accept_update", tool=tool, place=Sentence(place)),)
    return Result(
        Outcome.UPDATED if registered.updated else Outcome.REGISTERED,
        sentence(name, host=integration.platform.host, tool=tool),
        steps=steps,
        integration=integration.id,
        warnings=for_administrators(registered.warnings),
        # The LMS has a new tool then, also where an integration here stays.
        title=sentence("title_registered") if registered.new_client else "",
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


def on_page(error: LtictlError) -> LtictlError:
    """Return an error in words for an LMS administrator."""
    if isinstance(error, InvalidValueError) and error.field in _OF_THE_LINK:
        # The LMS wrote it: "Write https://..." is no advice to the person in front of the page.
        said = sentence("bad_parameter", parameter=error.field, problem=error.problem)
        return LtictlError(error.code, said, fix=sentence("again"))
    return LtictlError(error.code, error.message, why=error.why, fix=page_fix(error))


def page_fix(error: LtictlError) -> str:
    """Return the next step for an LMS administrator, who has no terminal and no profile."""
    contact = sentence("ask_makers")
    if error.actor is Actor.LMS_ADMINISTRATOR:
        return error.fix
    if error.actor is not Actor.BOTH:
        return contact
    if not is_spoken(error.fix):
        return sentence("again")
    fix = error.fix if isinstance(error.fix, Sentence) else Sentence(error.fix)
    return Sentence("{fix} {contact}", fix=fix, contact=contact)
