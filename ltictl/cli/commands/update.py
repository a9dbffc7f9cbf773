"""``update``."""

from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.commands.integrations import IdArgument
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session

if TYPE_CHECKING:
    from ltictl.lti.client_configuration import Difference
    from ltictl.net.policy import GuardPolicy
    from ltictl.operations.attempts.settle import Registered
    from ltictl.operations.client_registration.update import Comparison
    from ltictl.operations.context import Context


@reaches_lms
@writes
def update(
    session: Session,
    identifier: IdArgument,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and change nothing.")
    ] = False,
    yes: YesOption = False,
) -> Report:
    """Send the tool's present settings to the LMS, where the LMS lets a tool do that.

    Example: ltictl update acme-canvas --dry-run
    """
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.client_registration.update import (
        compare,
        difference_data,
        require_changeable,
    )

    context = session.context()
    policy = session.policy()
    # First of all: to a person who may not change it, --yes is no answer.
    host = require_changeable(context, identifier).platform.host
    question = f"Change the registration of {identifier} at {host}?"
    if not dry_run and not session.can_ask:  # at once, before anything is asked of the LMS
        session.confirm(question, yes=yes)
    done: Registered | None = None
    with compare(context, policy, identifier) as found:
        if found.changes and session.can_ask and not yes and not dry_run:
            _describe(session.output, found.changes)
        if found.changes and not dry_run and session.confirm(question, yes=yes):
            done = _send(session, context, policy, found)
    warnings = found.warnings
    if done is not None:
        warnings = (*warnings, *done.warnings)

    def human(output: Output) -> None:
        if dry_run:
            _describe(output, found.changes)
        state = "changed" if done is not None else "as it was; nothing was sent"
        output.note(f"The registration at {host} is {state}.")

    data = {
        "integrations": [integration_view(done.integration if done else found.integration)],
        "changes": [difference_data(each) for each in found.changes],
    }
    return Report(data, human, warnings)


def _send(
    session: Session, context: "Context", policy: "GuardPolicy", found: "Comparison"
) -> "Registered":
    """From here on a first signal waits for the answer."""
    from ltictl.cli.render.register_events import RegisterEvents
    from ltictl.cli.signals import signals_to
    from ltictl.operations.client_registration.update import update as update_integration
    from ltictl.operations.events import Inbox

    inbox: Inbox = Inbox()
    with signals_to(inbox):
        show = RegisterEvents(session.output).show
        return update_integration(context, policy, found, inbox, show)


def _describe(output: Output, changes: "tuple[Difference, ...]") -> None:
    for each in changes:
        output.line(each.member)
        output.line(f"  - {each.now or '(nothing)'}")
        output.line(f"  + {each.wanted or '(nothing)'}")
    if not changes:
        output.note("No difference.")
