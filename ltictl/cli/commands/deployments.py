"""The commands ``deployment add``, ``deployment list`` and ``deployment remove``."""

from pathlib import Path
from typing import Annotated

import typer

from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.commands.integrations import IdArgument
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.cli.standard_input import standard_input
from ltictl.errors import UsageError
from ltictl.model.hint import hint
from ltictl.model.integration import Integration

# A launch has a few kilobytes; a path typed wrong may have gigabytes.
_MAX_LAUNCH = 256 * 1024


@reaches_lms
@writes
def add(
    session: Session,
    identifier: IdArgument,
    deployment_id: Annotated[
        str, typer.Argument(metavar="[DEPLOYMENT_ID]", help="As the LMS shows it.")
    ] = "",
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="Name for people.")] = "",
    from_launch: Annotated[
        str,
        typer.Option(
            "--from-launch",
            metavar="PATH|-",
            help="Read it from a launch's id_token, which the LMS has signed; '-' reads stdin.",
        ),
    ] = "",
) -> Report:
    """Record a deployment id, typed or from a launch whose signature ltictl checks.

    Example: ltictl deployment add acme-moodle 12 --label "Faculty of Arts"
    """
    from ltictl.operations.deployments import add_deployment, add_from_launch

    context = session.context()
    if bool(deployment_id) == bool(from_launch):
        raise UsageError(
            "options_missing",
            "Give a deployment id, or --from-launch.",
            fix=hint("deployment", "add", identifier, "DEPLOYMENT_ID"),
        )
    if from_launch:
        policy = session.policy()
        after = add_from_launch(context, policy, identifier, _launch(from_launch), label)
    else:
        after = add_deployment(context, identifier, deployment_id, label=label)
    return _report(after)


def list_all(session: Session, identifier: IdArgument) -> Report:
    """List the deployments of an integration and where their ids came from.

    Example: ltictl deployment list acme-moodle
    """
    context = session.context()
    context.profile.require()
    return _report(context.profile.integrations.get(identifier))


@writes
def remove(
    session: Session,
    identifier: IdArgument,
    deployment_id: Annotated[
        str, typer.Argument(metavar="DEPLOYMENT_ID", help="As 'deployment list' shows it.")
    ],
    yes: YesOption = False,
) -> Report:
    """Forget a deployment id here; the LMS keeps its deployment.

    Example: ltictl deployment remove acme-moodle 12 --yes
    """
    from ltictl.operations.deployments import remove_deployment

    context = session.context()
    context.profile.require()
    before = context.profile.integrations.get(identifier)
    if not session.confirm(f"Forget the deployment {deployment_id} of {identifier}?", yes=yes):
        return _report(before)
    return _report(remove_deployment(context, identifier, deployment_id))


def _report(integration: Integration) -> Report:
    from ltictl.cli.render.json_views import integration_view

    def human(output: Output) -> None:
        rows = [[each.id, each.label, each.source.value] for each in integration.deployments]
        offered = hint("deployment", "add", integration.id, "DEPLOYMENT_ID")
        none = f"{integration.id} has no deployment yet. Note one: {offered}"
        output.table(["Deployment ID", "Label", "Source"], rows, none=none)

    return Report({"integrations": [integration_view(integration)]}, human)


def _launch(path: str) -> str:
    if path == "-":
        data = standard_input().read(_MAX_LAUNCH)
    else:
        try:
            with Path(path).open("rb") as file:
                data = file.read(_MAX_LAUNCH)
        except OSError as error:
            raise UsageError(
                "launch_file_unreadable",
                f"{path} cannot be read: {error.strerror or error}.",
                fix="Give the path of a file with the launch's id_token, or '-' for stdin.",
            ) from error
    return data.decode("utf-8", "replace")
