"""The report of ``list --outdated``: the integrations that lack present settings of the tool."""

from typing import TYPE_CHECKING

from ltictl.cli.render.output import Output, Report

if TYPE_CHECKING:
    from ltictl.operations.context import Context
    from ltictl.operations.survey import Survey


def outdated_report(context: "Context", found: "Survey") -> Report:
    """Return the report on the outdated integrations of a survey."""
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.outdated import lagging

    behind = lagging(context, found.integrations)
    names = {each.id for each in behind}

    def human(output: Output) -> None:
        rows = [[each.id, each.told, each.fix] for each in behind]
        output.table(["ID", "Lacks", "What to do"], rows)
        if not behind:
            output.note("Every integration has all that the tool's settings want.")

    data = {
        "integrations": [integration_view(e) for e in found.integrations if e.id in names],
        "attempts": [],
        "invitations": [],
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
