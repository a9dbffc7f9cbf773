"""The ``update`` command."""

from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.chosen_ids import SomeIdsArgument, require_choice
from ltictl.cli.command import YesOption, reaches_lms, writes
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
    identifiers: SomeIdsArgument = None,
    every: Annotated[
        bool, typer.Option("--all", help="All integrations whose LMS allows updates.")
    ] = False,
    platform: Annotated[
        str, typer.Option("--platform", metavar="FAMILY", help="With --all: at this kind of LMS.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the difference and change nothing.")
    ] = False,
    yes: YesOption = False,
) -> Report:
    """Send the tool's present settings to the LMS, if the LMS allows it.

    Example: ltictl update --all --dry-run
    """
    from ltictl.cli.commands.update_many import update_many

    session.context().profile.require()
    # --platform narrows --all, and says nothing beside ids.
    require_choice(session, bool(identifiers) != every and (every or not platform))
    if identifiers and len(set(identifiers)) == 1:
        return _update_one(session, identifiers[0], dry_run=dry_run, yes=yes)
    chosen = list(dict.fromkeys(identifiers or _all(session, platform)))
    return update_many(session, chosen, dry_run=dry_run, yes=yes)


def _all(session: Session, platform: str) -> list[str]:
    """Return the ids of all integrations, or of those at one LMS family."""
    from ltictl.platforms.table import family_named, family_of

    family = family_named(platform) if platform else None
    return [
        each.id
        for each in session.context().profile.integrations.all()
        if family is None or family_of(each.platform.family).slug == family.slug
    ]


def _update_one(session: Session, identifier: str, *, dry_run: bool, yes: bool) -> Report:
    """Show the differences of one integration, ask for consent, and send the update."""
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.client_registration.update import (
        compare,
        difference_data,
        require_changeable,
    )

    context = session.context()
    policy = session.policy()
    # Before the question: --yes cannot permit what the LMS forbids.
    host = require_changeable(context, identifier).platform.host
    question = f"Change the registration of {identifier} at {host}?"
    if not dry_run and not session.can_ask:  # before any request to the LMS
        session.confirm(question, yes=yes)
    done: Registered | None = None
    with compare(context, policy, identifier) as found:
        if found.changes and session.can_ask and not yes and not dry_run:
            _describe(session.output, found.changes)
        if found.changes and not dry_run and session.confirm(question, yes=yes):
            done = send_update(session, context, policy, found)
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
        "results": [],
    }
    return Report(data, human, warnings)


def send_update(
    session: Session, context: "Context", policy: "GuardPolicy", found: "Comparison"
) -> "Registered":
    """Send one update; a first signal then waits for the answer."""
    from ltictl.cli.render.register_events import RegisterEvents
    from ltictl.cli.signals import signals_to
    from ltictl.operations.client_registration.update import update as update_integration
    from ltictl.operations.events import Inbox

    inbox: Inbox = Inbox()
    with signals_to(inbox):
        show = RegisterEvents(session.output).show
        return update_integration(context, policy, found, inbox, show)


def _describe(output: Output, changes: "tuple[Difference, ...]") -> None:
    from ltictl.cli.render.differences import show_difference

    for each in changes:
        show_difference(output.line, each.member, each.now, each.wanted)
    if not changes:
        output.note("No difference.")
