"""The reports of ``list --outdated``, ``--unused`` and ``--expiring``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ltictl.cli.render.output import Output, Report
from ltictl.errors import UsageError

if TYPE_CHECKING:
    from ltictl.operations.context import Context
    from ltictl.operations.survey import Survey


def require_one_list(**flags: bool) -> None:
    """Stop where several options ask for lists with different columns.

    Raises:
        UsageError: ``options_conflict``.
    """
    options = [f"--{name.replace('_', '-')}" for name, value in flags.items() if value]
    if len(options) > 1:
        raise UsageError(
            "options_conflict",
            f"{' and '.join(options)} are different lists.",
            fix=f"Give one of them: ltictl list {options[0]}",
        )


def outdated_report(context: "Context", found: "Survey") -> Report:
    """Return the report on the outdated integrations of a survey."""
    from ltictl.operations.outdated import lagging

    behind = lagging(context, found.integrations)

    def human(output: Output) -> None:
        rows = [[each.id, each.summary, each.fix] for each in behind]
        output.table(
            ["ID", "Lacks", "What to do"],
            rows,
            none="Every integration has all that the tool's settings want.",
        )

    data = _data(found, [each.id for each in behind]) | {
        "outdated": [
            {
                "id": each.id,
                "scopes": list(each.scopes),
                "messages": list(each.messages),
                "placements": list(each.placements),
                "fix": each.fix,
            }
            for each in behind
        ],
    }
    return Report(data, human, found.warnings)


def unused_report(context: "Context", found: "Survey") -> Report:
    """Return the report on the integrations of a survey without a known launch."""
    from msgspec.structs import asdict

    from ltictl.operations.unused import unused

    idle = list(unused(found.integrations, context.now()))

    def human(output: Output) -> None:
        rows = [[each.id, each.detail, each.fix] for each in idle]
        output.table(
            ["ID", "Known", "What to do"], rows, none="A launch is known of every integration."
        )

    data = _data(found, [each.id for each in idle]) | {"unused": [asdict(each) for each in idle]}
    return Report(data, human, found.warnings)


def expiring_report(context: "Context", found: "Survey") -> Report:
    """Return the report on what ends within a week: invitations of a survey, and key steps."""
    from ltictl.cli.render.json_views import invitation_view, moment
    from ltictl.operations.expiring import expiring
    from ltictl.operations.signing import keys_as_they_count

    keys, now = keys_as_they_count(context), context.now()
    ending = expiring(found.invitations, keys.items, now)
    named = {each.id for each in ending}

    def human(output: Output) -> None:
        rows = [
            [each.id, each.kind.value, output.moment(each.at, now), each.detail, each.fix]
            for each in ending
        ]
        output.table(
            ["ID", "Kind", "When", "Then", "What to do"],
            rows,
            none="Nothing ends within a week.",
        )

    data = _data(found, ()) | {
        "invitations": [
            invitation_view(each, now) for each in found.invitations if each.id in named
        ],
        "expiring": [
            {
                "kind": each.kind,
                "id": each.id,
                "at": moment(each.at),
                "detail": each.detail,
                "fix": each.fix,
            }
            for each in ending
        ],
    }
    return Report(data, human, (*found.warnings, *(each.message for each in keys.damaged)))


def _data(found: "Survey", identifiers: Sequence[str]) -> dict[str, object]:
    """Return the members that every list has, with these integrations of the survey alone."""
    from ltictl.cli.render.json_views import integration_view

    named = frozenset(identifiers)
    return {
        "integrations": [integration_view(e) for e in found.integrations if e.id in named],
        "attempts": [],
        "invitations": [],
    }
