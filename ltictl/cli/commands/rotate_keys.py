"""The ``rotate-keys`` command."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import LtictlError, UsageError
from ltictl.model.duration import format_duration, parse_duration
from ltictl.model.hint import hint
from ltictl.model.profile import KeyPolicy

if TYPE_CHECKING:
    from ltictl.operations.context import Context
    from ltictl.operations.keys.rotation import Rotation, RotationOrder

_NOW = (
    "Let the next key sign as soon as the published set serves it, without the rest of its wait? "
    "LMSs that keep a copy of the key set refuse the tool until they fetch it again."
)


@reaches_lms
@writes
def rotate_keys(
    session: Session,
    if_older_than: Annotated[
        str,
        typer.Option(
            "--if-older-than",
            metavar="DURATION",
            help="Start no rotation while the current key is younger, such as 90d.",
        ),
    ] = "",
    publish_for: Annotated[
        str,
        typer.Option(
            "--publish-for",
            metavar="DURATION",
            help="Time for which a new key is published before it signs.",
            show_default=f"the profile's, {format_duration(KeyPolicy().publish_for)} unless set",
        ),
    ] = "",
    retire_after: Annotated[
        str,
        typer.Option(
            "--retire-after",
            metavar="DURATION",
            help="Time for which an old key stays published.",
            show_default=f"the profile's, {format_duration(KeyPolicy().retire_after)} unless set",
        ),
    ] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Skip the wait; still check the published set.")
    ] = False,
    compromised: Annotated[
        str, typer.Option("--compromised", metavar="KID", help="Withdraw this key at once.")
    ] = "",
    handed_on: Annotated[
        bool,
        typer.Option("--handed-on", help="Your application has the current key (without a hook)."),
    ] = False,
    skip_verify: Annotated[
        bool, typer.Option("--skip-verify", help="Withdraw without asking each LMS for a token.")
    ] = False,
    yes: YesOption = False,
) -> Report:
    """Rotate signing keys if due: make one, let it sign, withdraw it. Made for cron.

    Example: ltictl rotate-keys --if-older-than 90d
    """
    from ltictl.operations.keys.rotation import RotationOrder

    wanted = RotationOrder(
        if_older_than=_duration(if_older_than, "--if-older-than"),
        publish_for=_duration(publish_for, "--publish-for"),
        retire_after=_duration(retire_after, "--retire-after"),
        now=now,
        handed_on=handed_on,
        skip_verify=skip_verify,
    )
    if compromised and wanted != RotationOrder():
        raise UsageError(
            "options_conflict",
            "--compromised stands alone.",
            fix=hint("rotate-keys", "--compromised", compromised),
        )

    if compromised:
        return _withdraw(session, compromised, yes=yes)
    return _rotate(session, wanted, yes=yes)


def _duration(text: str, option: str) -> timedelta | None:
    return parse_duration(text, option) if text else None


def _rotate(session: Session, wanted: "RotationOrder", *, yes: bool) -> Report:
    from ltictl.operations.keys.rotate import rotate_keys as rotate

    context = session.context()
    context.profile.require()
    if wanted.now and not session.confirm(_NOW, yes=yes):
        return _unchanged(context)
    return _report(context, rotate(context, session.policy, wanted))


def _withdraw(session: Session, kid: str, *, yes: bool) -> Report:
    from ltictl.operations.keys.compromise import consequences, withdraw_compromised

    context = session.context()
    context.profile.require()
    effects = consequences(context, kid)
    for effect in effects:
        session.output.note(effect)
    if not session.confirm(f"Withdraw {kid} at once?", yes=yes):
        return _unchanged(context)
    rotation = withdraw_compromised(context, session.policy, kid)
    report = _report(context, rotation, effects if session.output.json else ())
    if rotation.incomplete:
        _show_first(session, report)
        raise LtictlError(
            "withdrawal_incomplete",
            f"{kid} is withdrawn here, but LMSs may still trust it.",
            why=" ".join(rotation.incomplete),
            fix=f"Settle that, then run again: {hint('rotate-keys', '--compromised', kid)}",
            data=report.data,
        )
    return report


def _show_first(session: Session, report: Report) -> None:
    """Show people the finished part of a failed run; JSON has it beside the error."""
    if not session.output.json:
        report.human(session.output)
        for warning in report.warnings:
            session.output.warn(warning)


def _unchanged(context: "Context") -> Report:
    from ltictl.cli.render.json_views import rotation_view
    from ltictl.operations.keys.rotation import list_keys

    return Report(rotation_view(list_keys(context)), lambda out: out.note("Nothing was changed."))


def _report(context: "Context", rotation: "Rotation", further: tuple[str, ...] = ()) -> Report:
    from ltictl.cli.render.json_views import rotation_view
    from ltictl.cli.render.keys import show_run

    hook = bool(context.profile.settings().hooks.after_change)

    def human(output: Output) -> None:
        show_run(output, rotation, context.now(), hook=hook)

    return Report(rotation_view(rotation), human, (*further, *rotation.warnings))
