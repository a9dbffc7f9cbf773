"""The ``lms`` commands about integrations: the LMS's own switch, its deployments, its changes."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import Struct

from ltictl.cli.chosen_ids import AllOption, SomeIdsArgument, require_choice
from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.commands.integrations import IdArgument, IdsArgument
from ltictl.cli.lms_run import choose_at, run_of
from ltictl.cli.lms_token import TokenFileOption, keyring_of
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import ProblemsFoundError, UsageError
from ltictl.model.hint import hint

if TYPE_CHECKING:
    from ltictl.model.lms_side import Place
    from ltictl.operations.lms_side.change_intent import PlannedCall, Run
    from ltictl.operations.lms_side.status import Side
    from ltictl.operations.lms_side.tool_changes import Done, SeenTool

PlatformOption = Annotated[
    str,
    typer.Option("--platform", metavar="URL", help="Address of the LMS that the token is for."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show each request that would change something.")
]


class ChangeOptions(Struct, frozen=True):
    """The options of every command that changes an LMS."""

    token_file: str
    dry_run: bool
    yes: bool


def changes_lms(function: Callable[..., Report]) -> Callable[..., Report]:
    """Make a command of a function that takes ``ChangeOptions`` and changes an LMS.

    Returns:
        A function whose signature has those options behind its own.
    """

    # Without the annotations, since ``run`` has options of its own.
    @wraps(function, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
    def run(
        session: Session,
        *,
        token_file: TokenFileOption = "",
        dry_run: DryRunOption = False,
        yes: YesOption = False,
        **own: Any,
    ) -> Report:
        return function(session, ChangeOptions(token_file, dry_run, yes), **own)

    wrapped = inspect.signature(function).parameters.values()
    own = [each for each in wrapped if each.name != "options"]
    parameters = inspect.signature(run, follow_wrapped=False).parameters
    added = [parameters[name] for name in ChangeOptions.__struct_fields__]
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*own, *added)]
    )
    return reaches_lms(writes(run))


@reaches_lms
@writes
def status(
    session: Session,
    identifiers: SomeIdsArgument = None,
    every: AllOption = False,
    token_file: TokenFileOption = "",
    platform: PlatformOption = "",
) -> Report:
    """Show the LMS's own switch, its deployments, and what it has recorded.

    Example: ltictl lms status --all
    """
    from ltictl.cli.render.lms_views import side_rows, side_view
    from ltictl.operations.lms_side.status import read_sides

    require_choice(session, bool(identifiers) != every)
    keyring, chosen, damaged = choose_at(session, identifiers or [], token_file, platform)
    sides = read_sides(keyring, chosen)

    def human(output: Output) -> None:
        output.table(*side_rows(sides))
        for each in sides:
            _explain(output, each)

    failed = [each.integration.id for each in sides if each.error is not None]
    return Report(
        {"integrations": [side_view(each) for each in sides]},
        human,
        damaged,
        error=_unread(failed, len(sides)) if failed else None,
    )


def _explain(output: Output, side: "Side") -> None:
    from ltictl.platforms.table import family_of

    identifier, family = side.integration.id, family_of(side.integration.platform.family)
    if not side.offered:
        output.note(f"{identifier}: {family.subject} has no such interface. Look: {family.switch}")
    elif side.error is not None and side.error.fix:
        output.note(f"{identifier}: {side.error.message} {side.error.fix}")
    for each in side.differences:
        output.note(f"{identifier}: {each.member} is {each.now!r}, not {each.wanted!r}")
    if side.state is not None and side.state.update:
        output.note(f"{identifier}: ltictl lms accept-update {identifier}")


def _unread(failed: list[str], count: int) -> ProblemsFoundError:
    return ProblemsFoundError(
        "lms_not_read",
        f"{len(failed)} of {count} integrations could not be looked at: {', '.join(failed[:5])}.",
        why="There is no token for the LMS, it refused, or it could not be reached.",
        fix=f"Look at one: ltictl lms status {failed[0]}",
    )


@changes_lms
def activate(session: Session, options: ChangeOptions, identifiers: IdsArgument) -> Report:
    """Switch tools on in their LMS: the LMS's own switch, not ltictl's.

    Example: ltictl lms activate acme-canvas --token-file admin-token
    """
    return _switch(session, options, identifiers, active=True)


@changes_lms
def deactivate(session: Session, options: ChangeOptions, identifiers: IdsArgument) -> Report:
    """Switch tools off in their LMS: no one there can launch them.

    Example: ltictl lms deactivate acme-canvas --token-file admin-token --yes
    """
    return _switch(session, options, identifiers, active=False)


@changes_lms
def deploy(
    session: Session,
    options: ChangeOptions,
    identifier: IdArgument,
    account: Annotated[
        str, typer.Option("--account", metavar="ID", help="Account of the LMS; its root if none.")
    ] = "",
    course: Annotated[str, typer.Option("--course", metavar="ID", help="Course of the LMS.")] = "",
    org_unit: Annotated[
        str, typer.Option("--org-unit", metavar="ID", help="Org unit of the LMS.")
    ] = "",
) -> Report:
    """Make the tool available at a place of the LMS, and store the deployment's id.

    Example: ltictl lms deploy acme-canvas --course 1234 --token-file admin-token
    """
    from ltictl.operations.lms_side.tool_changes import deploy_at_lms

    place = place_named(account=account, course=course, org_unit=org_unit)

    def work(seen: "SeenTool", run: "Run") -> "Done":
        return deploy_at_lms(seen, run, place)

    what = f"Make {identifier} available in {words_of(place)}"
    return _change(session, options, [identifier], work, what)


@changes_lms
def accept_update(session: Session, options: ChangeOptions, identifier: IdArgument) -> Report:
    """Accept the change that 'ltictl update' made and that waits in the LMS.

    Example: ltictl lms accept-update acme-canvas --token-file admin-token
    """
    from ltictl.operations.lms_side.tool_changes import accept_at_lms

    what = f"Accept the change of {identifier}"
    return _change(session, options, [identifier], accept_at_lms, what)


@reaches_lms
@writes
def deployments(
    session: Session, identifier: IdArgument, token_file: TokenFileOption = ""
) -> Report:
    """List the LMS's deployments, and store the ids that are new here.

    Example: ltictl lms deployments acme-canvas --token-file admin-token
    """
    from ltictl.cli.render.json_views import integration_view
    from ltictl.cli.render.lms_views import deployment_view
    from ltictl.operations.lms_side.tool_changes import find_at_lms, note_deployments

    seen = find_at_lms(keyring_of(session, token_file), identifier)
    found = seen.state.deployments or ()
    stored = note_deployments(seen.site.context, identifier, found)
    known = {each.id for each in seen.integration.deployments}
    added = [each.id for each in stored.deployments if each.id not in known]

    def human(output: Output) -> None:
        rows = [[each.id, each.kind.value, each.context, each.name] for each in found]
        output.table(["Deployment", "Kind", "Context", "Name"], rows)
        if seen.state.deployments is None:
            output.note(f"{seen.site.family.subject} names no deployments by this interface.")
            offered = hint("deployment", "add", identifier, "--from-launch", "-")
            output.note(f"Note one from a launch: {offered}")
        for each in added:
            output.note(f"Stored: {each}")

    data = {
        "integrations": [integration_view(stored)],
        "deployments": [deployment_view(each) for each in found],
        "added": added,
    }
    return Report(data, human)


def place_named(*, account: str, course: str, org_unit: str) -> "Place":
    """Return the one place that options name, or the root account without any."""
    from ltictl.model.lms_side import Place, PlaceKind

    named = [
        Place(kind, value)
        for kind, value in (
            (PlaceKind.ACCOUNT, account),
            (PlaceKind.COURSE, course),
            (PlaceKind.ORG_UNIT, org_unit),
        )
        if value
    ]
    if len(named) > 1:
        raise UsageError(
            "options_conflict", "Name one place.", fix="--account, --course or --org-unit."
        )
    found = named[0] if named else Place()
    if found.id and not (found.id.isascii() and found.id.isalnum()):
        raise UsageError(
            "invalid_value",
            f"{found.id[:40]!r} is no id of a place.",
            fix="The LMS shows the id in the address of the place's page.",
        )
    return found


def words_of(place: "Place") -> str:
    """Return a place as a phrase, such as ``course 1234``."""
    return f"{place.kind.value} {place.id}" if place.id else f"the root {place.kind.value}"


def _switch(
    session: Session, options: ChangeOptions, identifiers: list[str], *, active: bool
) -> Report:
    from ltictl.operations.lms_side.tool_changes import switch_at_lms

    def work(seen: "SeenTool", run: "Run") -> "Done":
        return switch_at_lms(seen, run, active=active)

    what = f"Switch {', '.join(identifiers)} {'on' if active else 'off'} in the LMS"
    return _change(session, options, identifiers, work, what)


def _change(
    session: Session,
    options: ChangeOptions,
    identifiers: list[str],
    work: "Callable[[SeenTool, Run], Done]",
    what: str,
) -> Report:
    """Ask for consent, change each integration at its LMS, and report."""
    from ltictl.operations.lms_side.tool_changes import find_at_lms

    keyring, chosen, _ = choose_at(session, identifiers, options.token_file)
    if not options.dry_run and not session.confirm(f"{what}?", yes=options.yes):
        return Report(
            {"integrations": [], "changed": [], "planned": [], "deployments": []},
            lambda output: output.note("Nothing was changed."),
        )
    planned: list[PlannedCall] = []
    with run_of(session, planned if options.dry_run else None) as run:
        done = [work(find_at_lms(keyring, each), run) for each in chosen]
    return _report(done, planned, dry_run=options.dry_run)


def _report(done: "list[Done]", planned: "list[PlannedCall]", *, dry_run: bool) -> Report:
    from ltictl.cli.render.json_views import integration_view
    from ltictl.cli.render.lms_views import deployment_view, planned_view, write_planned

    def human(output: Output) -> None:
        if dry_run:
            write_planned(output, planned)
            return
        for each in done:
            output.note(_outcome(each))

    data: dict[str, Any] = {
        "integrations": [integration_view(each.integration) for each in done],
        "changed": [each.integration.id for each in done if each.changed and not dry_run],
        "planned": [planned_view(each) for each in planned],
        "deployments": [deployment_view(d.deployment) for d in done if d.deployment is not None],
    }
    return Report(data, human)


def _outcome(done: "Done") -> str:
    identifier, switch = done.integration.id, done.integration.lms_switch
    if done.deployment is not None:
        return f"{identifier} is available by the deployment {done.deployment.id}."
    if switch is None:
        return f"{identifier} is changed in the LMS."
    position = "on" if switch.active else "off"
    return f"{identifier} is {position} in the LMS{'' if done.changed else ' already'}."
