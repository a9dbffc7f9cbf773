"""``apply``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltictl.cli.command import YesOption, writes
from ltictl.cli.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import ExitCode

if TYPE_CHECKING:
    from ltictl.model.profile import Settings
    from ltictl.operations.handover.plan import Step
    from ltictl.operations.invite import IssuedInvitation

_SIGNS = {"add": "+", "remove": "-", "deactivate": "-"}


@writes
def apply(
    session: Session,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="TOML, or CSV with the columns slug, name, ...")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print the plan.")] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with 10 if there are changes.")
    ] = False,
    expires: Annotated[
        str, typer.Option("--expires", help="How long invitations are good.")
    ] = "7d",
    public_url: Annotated[
        str,
        typer.Option("--public-url", metavar="URL", help="Address of the page as LMSs reach it."),
    ] = "",
    mails: Annotated[
        Path | None,
        typer.Option("--mails", metavar="FOLDER", help="Write each invitation's mail there."),
    ] = None,
    yes: YesOption = False,
) -> Report:
    """Bring organizations, integrations and their states to what a document says.

    Example: ltictl apply lti.toml --dry-run --detailed-exitcode
    """
    from ltictl.model.duration import parse_duration
    from ltictl.operations.handover.plan import Planner
    from ltictl.operations.hooks import Change, after_change, require_hook
    from ltictl.store.wanted import read_wanted

    context = session.context()
    settings = context.profile.settings()
    require_hook(settings.hooks)
    life = parse_duration(expires, "--expires")
    steps = Planner(context, life).steps(read_wanted(file))
    code = ExitCode.CHANGES if steps and detailed_exitcode else ExitCode.DONE
    if not session.output.json:
        _print_plan(session.output, steps)
    if not steps or dry_run:
        return Report(_data(steps, applied=False), lambda _: None, exit_code=code)
    if not session.confirm(f"Make {len(steps)} change(s)?", yes=yes):
        return Report(
            _data(steps, applied=False), lambda output: output.note("Nothing was changed.")
        )
    issued = [(step, made) for step in steps if (made := step.carry_out()) is not None]
    touched = _integrations(steps)
    warnings = after_change(context, Change("apply", touched)) if touched else ()
    letters = _letters(settings, public_url, issued)
    if mails is not None:
        _write_letters(mails, letters)

    def human(output: Output) -> None:
        output.note(f"Made {len(steps)} change(s).")
        for letter in letters if mails is None else ():
            output.raw(f"--- {letter['organization']}\n{letter['mail']}")

    return Report(_data(steps, applied=True, letters=letters), human, warnings, exit_code=code)


def _print_plan(output: Output, steps: Sequence["Step"]) -> None:
    for step in steps:
        sign = _SIGNS.get(step.action.partition("-")[0], "~")
        output.line(f"{sign} {step.action} {step.subject} {step.detail}".rstrip())
    if not steps:
        output.note("Nothing to do.")


def _data(
    steps: Sequence["Step"], *, applied: bool, letters: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "changes": [
            {"action": each.action, "subject": each.subject, "detail": each.detail or None}
            for each in steps
        ],
        "applied": applied,
        "invitations": list(letters),
    }


def _integrations(steps: Sequence["Step"]) -> tuple[str, ...]:
    about = ("add-organization", "rename-organization", "invite")
    return tuple(dict.fromkeys(each.subject for each in steps if each.action not in about))


def _letters(
    settings: "Settings", public_url: str, issued: Sequence[tuple["Step", "IssuedInvitation"]]
) -> list[dict[str, Any]]:
    """The invitations with their URLs, which are shown now and never again."""
    from ltictl.cli.instructions import mail_text
    from ltictl.cli.views import moment
    from ltictl.operations.registering.listen import callback_base
    from ltictl.platforms.table import family_named

    base = callback_base(
        "127.0.0.1", settings.callback.port, public_url or settings.callback.public_url
    )
    return [
        {
            "organization": step.subject,
            "invitation": made.invitation.id,
            "url": made.url(base),
            "expires_at": moment(made.invitation.expires_at),
            "mail": mail_text(
                settings.tool.name,
                made.url(base),
                made.invitation.expires_at,
                family_named(step.family or "lms"),
            ),
        }
        for step, made in issued
    ]


def _write_letters(folder: Path, letters: Sequence[dict[str, Any]]) -> None:
    """One private file each: the URL in it is a secret."""
    from ltictl.store.files import make_folder, write_whole

    make_folder(folder.absolute())
    for letter in letters:
        write_whole(folder.absolute() / f"{letter['organization']}.txt", letter["mail"].encode())
