"""The command ``move``."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltictl.cli.chosen_ids import SomeIdsArgument
from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.commands.amend import DryRunOption
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.hint import hint

if TYPE_CHECKING:
    from ltictl.operations.lms_facts.destination import Destination
    from ltictl.operations.lms_facts.move import Moves

_NO_TIME = "none"


@reaches_lms
@writes
def move(
    session: Session,
    identifiers: SomeIdsArgument = None,
    issuer: Annotated[
        str, typer.Option("--issuer", metavar="URL", help="The LMS's new issuer, letter by letter.")
    ] = "",
    former: Annotated[
        str,
        typer.Option("--from", metavar="URL", help="All integrations at this former issuer."),
    ] = "",
    organization: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="With --from: only of this organization.")
    ] = "",
    from_configuration: Annotated[
        str,
        typer.Option(
            "--from-configuration",
            metavar="URL",
            help="Read the new endpoints there instead of rewriting the former ones.",
        ),
    ] = "",
    accept_former: Annotated[
        str,
        typer.Option(
            "--accept-former",
            metavar="DURATION",
            help="How long exports accept the former address too, or 'none'.",
            show_default="30d",
        ),
    ] = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> Report:
    """Follow an LMS to its new address: issuer and endpoints change, all else stays.

    Id, client id, deployments and history stay, and the LMS hears nothing of it. Exports accept
    the former address too for 30 days.

    Example: ltictl move acme-moodle --issuer https://moodle.new.example
    """
    from ltictl.operations.lms_facts.destination import find_destination
    from ltictl.operations.lms_facts.move import (
        integrations_at,
        move_integrations,
        plan_moves,
    )

    context = session.context()
    context.profile.require()
    _require_choice(identifiers, former, organization, issuer)
    # A wrong id must not cost a request to the LMS.
    chosen = identifiers or integrations_at(context, former, organization)
    for each in chosen:
        context.profile.integrations.get(each)
    accepted_for = _accepted_for(accept_former)
    to = find_destination(context, session.policy(), issuer, from_configuration, accepted_for)
    planned = plan_moves(context, chosen, to)
    _show_moves(session.output, planned)
    if dry_run or not planned.changing:
        message = "Nothing was changed." if planned.changing else _already_there(planned, issuer)
        return _move_report(planned, message)
    if not session.confirm(_question(planned, to), yes=yes):
        return Report(
            {"integrations": [], "changes": [], "accepted_until": None},
            lambda output: output.note("Nothing was changed."),
        )
    done = move_integrations(context, chosen, to)
    return _move_report(done, _moved(done, to))


def _require_choice(
    identifiers: list[str] | None, former: str, organization: str, issuer: str
) -> None:
    if bool(identifiers) == bool(former) or (organization and not former):
        raise UsageError(
            "options_missing",
            "Name integrations, or give --from with their former issuer.",
            fix=hint("move", "ID", "--issuer", "URL"),
        )
    if not issuer:
        typed = identifiers or []
        ids = [each for each in typed if "://" not in each]
        # People type the new address where the id belongs.
        address = next((each for each in typed if each not in ids), "URL")
        chosen = ["--from", former] if former else ids or ["ID"]
        raise UsageError(
            "options_missing",
            "--issuer is needed.",
            why="Only the LMS knows its new issuer, often the address of its front page.",
            fix=hint("move", *chosen, "--issuer", address),
        )


def _accepted_for(text: str) -> timedelta | None:
    from ltictl.model.duration import parse_duration

    if not text:
        return None
    return timedelta() if text == _NO_TIME else parse_duration(text, "--accept-former")


def _show_moves(output: Output, planned: "Moves") -> None:
    from ltictl.cli.render.differences import show_difference

    for each in planned.changing:
        whose = f"{each.integration.id}: " if len(planned.moves) > 1 else ""
        for edit in each.changes:
            show_difference(output.note, f"{whose}{edit.member}", edit.now, edit.wanted)


def _question(planned: "Moves", to: "Destination") -> str:
    ids = [each.integration.id for each in planned.changing]
    whom = repr(ids[0]) if len(ids) == 1 else f"{len(ids)} integrations"
    if not planned.to_new_address:
        return f"Change how long exports accept the former address of {whom}?"
    return f"Move {whom} to {to.issuer}?"


def _moved(done: "Moves", to: "Destination") -> str:
    ids = [each.integration.id for each in done.changing]
    until = _accepted_until(done)
    exports = f"accept the former address too until {until}" if until else "have only the new one"
    advice = f"Exports {exports}: export again for your application."
    if not done.to_new_address:
        return f"Changed {', '.join(ids)}. {advice}"
    return f"Moved {', '.join(ids)} to {to.issuer}. {advice} To prove it: {hint('verify', *ids)}"


def _already_there(planned: "Moves", issuer: str) -> str:
    ids = ", ".join(each.integration.id for each in planned.moves)
    return f"Nothing to do: the issuer of {ids} is {issuer} already."


def _accepted_until(moves: "Moves") -> str | None:
    """Return the last day on which exports accept a former address, ``None`` if they do not."""
    from ltictl.model.moment import rfc3339

    times = [
        one.accepted_until for each in moves.moves for one in each.integration.former_addresses
    ]
    return rfc3339(max(times)) if times else None


def _move_report(moves: "Moves", message: str) -> Report:
    from msgspec.structs import asdict

    from ltictl.cli.render.json_views import integration_view

    data: dict[str, Any] = {
        "integrations": [integration_view(each.integration) for each in moves.moves],
        "changes": [
            {"id": each.integration.id, **asdict(edit)}
            for each in moves.moves
            for edit in each.changes
        ],
        "accepted_until": _accepted_until(moves),
    }
    return Report(data, lambda output: output.note(message), moves.warnings)
