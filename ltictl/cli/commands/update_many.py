"""``update`` for several integrations, side by side; one failure does not stop the rest."""

from typing import TYPE_CHECKING, Any

from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import LtictlError, NeedsRecoveryError, ProblemsFoundError

if TYPE_CHECKING:
    from ltictl.operations.client_registration.update_each import UpdateOutcome
    from ltictl.operations.context import Context


def update_many(session: Session, identifiers: list[str], *, dry_run: bool, yes: bool) -> Report:
    """Update the integrations that the tool may change, and say why it skips the others."""
    from ltictl.cli.render.register_events import RegisterEvents
    from ltictl.cli.signals import signals_to
    from ltictl.operations.client_registration.update_each import Updates
    from ltictl.operations.events import Inbox

    context, policy = session.context(), session.policy()
    outcomes = [_judge(context, each) for each in identifiers]
    chosen = [each for each in outcomes if each.error is None]
    question = f"Change the registrations of {len(chosen)} integrations?"
    if chosen and not dry_run and not session.confirm(question, yes=yes):
        return Report(_data([]), lambda output: output.note("Nothing was sent."))
    inbox: Inbox = Inbox()
    with signals_to(inbox):
        show = RegisterEvents(session.output).show
        Updates(context, policy, inbox, show, dry_run=dry_run).carry_out(chosen)
    failed = [each for each in outcomes if each.outcome == "failed"]
    warnings = tuple(f"{each.id}: {warning}" for each in outcomes for warning in each.warnings)
    return Report(
        _data(outcomes),
        lambda output: _describe(output, outcomes),
        warnings,
        error=_incomplete(failed, len(chosen)) if failed else None,
    )


def _judge(context: "Context", identifier: str) -> "UpdateOutcome":
    from ltictl.operations.client_registration.update import require_changeable
    from ltictl.operations.client_registration.update_each import UpdateOutcome

    try:
        integration = require_changeable(context, identifier)
    except LtictlError as error:
        if error.code == "update_not_offered":
            return UpdateOutcome(identifier, "skipped", error=error)
        raise
    return UpdateOutcome(identifier, host=integration.platform.host)


def _data(outcomes: "list[UpdateOutcome]") -> dict[str, Any]:
    from ltictl.cli.render.envelope import explanation
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.client_registration.update import difference_data

    return {
        "integrations": [integration_view(o.integration) for o in outcomes if o.integration],
        "changes": [difference_data(each) for one in outcomes for each in one.changes],
        "results": [
            {
                "id": each.id,
                "outcome": each.outcome,
                "changes": [difference_data(one) for one in each.changes],
                "error": None if each.error is None else explanation(each.error),
            }
            for each in outcomes
        ],
    }


def _describe(output: Output, outcomes: "list[UpdateOutcome]") -> None:
    rows = []
    for each in outcomes:
        members = ", ".join(change.member for change in each.changes)
        rows.append([each.id, each.outcome, members if each.error is None else each.error.message])
    output.table(["ID", "Outcome", "Detail"], rows)
    for each in outcomes:
        if each.error is not None and each.error.fix:
            output.note(f"{each.id}: {each.error.fix}")


def _incomplete(failed: "list[UpdateOutcome]", count: int) -> LtictlError:
    lost = [each for each in failed if isinstance(each.error, NeedsRecoveryError)]
    kind = NeedsRecoveryError if lost else ProblemsFoundError
    first = (lost or failed)[0]
    fix = first.error.fix if first.error else ""
    return kind(
        "updates_incomplete",
        f"{len(failed)} of {count} registrations could not be updated.",
        why="Each one says what went wrong; the others are done.",
        fix=fix,
    )
