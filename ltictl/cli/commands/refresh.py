"""The command ``refresh``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ltictl.cli.chosen_ids import AllOption, SomeIdsArgument, require_choice
from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.commands.amend import DryRunOption
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import ProblemsFoundError
from ltictl.model.hint import hint

if TYPE_CHECKING:
    from ltictl.model.integration import Integration
    from ltictl.operations.lms_facts.refresh import Reading


@reaches_lms
@writes
def refresh(
    session: Session,
    identifiers: SomeIdsArgument = None,
    every: AllOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> Report:
    """Read version, endpoints and services of LMSs again, and record what changed.

    This works where an LMS shows its configuration to everybody, as Moodle does. Others show it
    only during a registration, with a token; these are skipped.

    Example: ltictl refresh --all
    """
    from ltictl.operations.lms_facts.refresh import read_again, store_readings

    context = session.context()
    context.profile.require()
    require_choice(session, bool(identifiers) != every)
    chosen = identifiers or [each.id for each in context.profile.integrations.all()]
    readings = read_again(context, session.policy(), chosen)
    # Of a single integration the error is that of the run; of several, each has its own line.
    alone = readings[0].error if identifiers and len(readings) == 1 else None
    if alone is not None:
        raise alone
    _show(session.output, readings)
    differing = [each for each in readings if each.changes]
    stored = [each.integration for each in readings]
    if not differing or dry_run:
        return _report(readings, stored, "differs")
    whom = (
        repr(differing[0].integration.id)
        if len(differing) == 1
        else f"{len(differing)} integrations"
    )
    if not session.confirm(f"Record what changed of {whom}?", yes=yes):
        return _report(readings, stored, "differs")
    return _report(readings, store_readings(context, readings), "changed")


def _show(output: Output, readings: "Sequence[Reading]") -> None:
    from ltictl.cli.render.differences import show_difference

    for each in readings:
        for edit in each.changes:
            name = f"{each.integration.id}: {edit.member}"
            show_difference(output.note, name, edit.now, edit.wanted)
        if each.services:
            update = hint("update", each.integration.id)
            services = ", ".join(each.services)
            output.note(f"{each.integration.id}: offers {services} too. To request it: {update}")
    _show_failures(output, readings)


def _show_failures(output: Output, readings: "Sequence[Reading]") -> None:
    """Show each reason once, with the integrations that it stopped."""
    from ltictl.model.few import few
    from ltictl.operations.checks.checks import Check, Verdict
    from ltictl.operations.checks.findings import Verification, grouped

    failures = [
        # An LMS that shows nothing is the same reason everywhere; any other failure names its host.
        Verification(
            each.integration.id,
            (
                Check("configuration", Verdict.UNKNOWN, each.error.why, each.error.fix)
                if each.skipped
                else Check("configuration", Verdict.FAIL, each.error.message, each.error.fix),
            ),
        )
        for each in readings
        if each.error is not None
    ]
    for finding in grouped(failures):
        output.note(f"{finding.whom}: {finding.detail}")
        if finding.shared:
            output.note(f"  {few(finding.integrations)}")
        if finding.fix:
            output.note(f"  fix: {finding.fix}")


def _report(
    readings: "Sequence[Reading]", integrations: "Sequence[Integration]", if_differing: str
) -> Report:
    from msgspec.structs import asdict

    from ltictl.cli.render.json_views import integration_view

    outcomes = [_outcome(each, if_differing) for each in readings]
    failed = [each for each, outcome in zip(readings, outcomes, strict=True) if outcome == "failed"]
    data: dict[str, Any] = {
        "integrations": [integration_view(each) for each in integrations],
        "changes": [
            {"id": each.integration.id, **asdict(edit)}
            for each in readings
            for edit in each.changes
        ],
        "results": [
            _result(each, outcome) for each, outcome in zip(readings, outcomes, strict=True)
        ],
    }
    summary = _summary(outcomes, if_differing)
    return Report(
        data,
        lambda output: output.note(summary),
        error=_incomplete(failed, len(readings)) if failed else None,
    )


def _outcome(reading: "Reading", if_differing: str) -> str:
    if reading.error is not None:
        return "skipped" if reading.skipped else "failed"
    return if_differing if reading.changes else "unchanged"


def _result(reading: "Reading", outcome: str) -> dict[str, Any]:
    from ltictl.cli.render.envelope import explanation

    return {
        "id": reading.integration.id,
        "outcome": outcome,
        "services": list(reading.services),
        "error": None if reading.error is None else explanation(reading.error),
    }


def _summary(outcomes: Sequence[str], if_differing: str) -> str:
    counted = {name: outcomes.count(name) for name in ("unchanged", "skipped", "failed")}
    differing = len(outcomes) - sum(counted.values())
    if not differing:
        result = "Nothing changed"
    elif if_differing == "changed":
        result = f"Recorded what changed of {differing}"
    else:
        result = f"Nothing was recorded; {differing} would change"
    named = ("unchanged", "skipped", "failed") if differing else ("skipped", "failed")
    rest = [f"{counted[name]} {name}" for name in named if counted[name]]
    return f"{result} ({', '.join(rest)})." if rest else f"{result}."


def _incomplete(failed: "Sequence[Reading]", count: int) -> ProblemsFoundError:
    first = failed[0].error
    return ProblemsFoundError(
        "refresh_incomplete",
        f"{len(failed)} of {count} configurations could not be read.",
        why="Each one says what went wrong; the others are done.",
        fix="" if first is None else first.fix,
    )
