"""The ``recover`` command."""

from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import YesOption, reaches_lms, writes
from ltictl.cli.lms_token import TokenFileOption, keyring_of
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import NeedsRecoveryError, NotFoundError, UsageError
from ltictl.model.attempt import Attempt, AttemptKind
from ltictl.model.moment import to_the_minute

if TYPE_CHECKING:
    from ltictl.operations.attempts.settle import Registered
    from ltictl.operations.lms_side.keyring import Keyring
    from ltictl.operations.lms_side.settle import Removed


@reaches_lms
@writes
def recover(
    session: Session,
    identifier: Annotated[
        str, typer.Argument(metavar="[ID]", help="As 'ltictl list' shows it.")
    ] = "",
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Store the registration from the kept reply.")
    ] = False,
    probe: Annotated[bool, typer.Option("--probe", help="Ask the LMS, by reading only.")] = False,
    client_id: Annotated[
        str, typer.Option("--client-id", metavar="VALUE", help="The client id that the LMS shows.")
    ] = "",
    forget: Annotated[
        bool, typer.Option("--forget", help="Discard the record; the outcome stays unknown.")
    ] = False,
    former_client: Annotated[
        str,
        typer.Option(
            "--former-client",
            metavar="CLIENT_ID",
            help="Go back to this former client id.",
        ),
    ] = "",
    token_file: TokenFileOption = "",
    platform: Annotated[
        str,
        typer.Option("--platform", metavar="URL", help="Address of the LMS that the token is for."),
    ] = "",
    taking_over: Annotated[
        bool,
        typer.Option("--take-over", help="Take over from a machine that is gone for good."),
    ] = False,
    yes: YesOption = False,
) -> Report:
    """Finish or discard an interrupted registration or update. Without an ID: list them.

    Example: ltictl recover acme-moodle --probe
    """
    ways = [adopt, probe, bool(client_id), forget, bool(former_client)]
    if sum(ways) > 1 or (any((*ways, taking_over)) and not identifier):
        raise UsageError(
            "options_conflict",
            "Name one registration and one way to settle it.",
            fix="ltictl recover ID --adopt | --probe | --client-id VALUE | --forget | "
            "--former-client CLIENT_ID",
        )
    # First: the other ways refuse an attempt that another machine seems to carry out.
    if taking_over:
        _take_over(session, identifier, yes=yes)
    if probe:
        return _probe(session, identifier, token_file, platform, yes=yes)
    if forget:
        return _forget(session, identifier, yes=yes)
    if former_client:
        return _go_back(session, identifier, former_client)
    if adopt or client_id:
        return _adopt(session, identifier, client_id)
    return _list(session, identifier)


def _take_over(session: Session, identifier: str, *, yes: bool) -> None:
    from ltictl.operations.registration.recover import take_over

    question = f"Take {identifier!r} over? Its request may have been made already."
    if session.confirm(question, yes=yes):
        take_over(session.context(), identifier)


def _adopt(session: Session, identifier: str, client_id: str) -> Report:
    from ltictl.operations.registration.recover import adopt, adopt_client

    context = session.context()
    if client_id:
        return _report(session, adopt_client(context, identifier, client_id))
    return _report(session, adopt(context, identifier))


def _probe(
    session: Session, identifier: str, token_file: str, platform: str, *, yes: bool
) -> Report:
    from ltictl.operations.lms_side.settle import Removed

    if not session.confirm(f"Ask the LMS whether {identifier!r} arrived?", yes=yes, default=True):
        return _list(session, identifier)
    found = _ask(keyring_of(session, token_file, platform), identifier)
    if isinstance(found, Removed):
        message = f"The LMS has deleted the tool, and {identifier} is forgotten here too."
        return Report({"integrations": [], "attempts": []}, lambda output: output.note(message))
    if found is not None:
        return _report(session, found)
    return Report(
        {"integrations": [], "attempts": []},
        lambda output: output.note("It did not arrive, and nothing is outstanding any more."),
    )


def _ask(keyring: "Keyring", identifier: str) -> "Registered | Removed | None":
    """Ask the LMS's interface if it shows the outcome, else the LMS's token endpoint."""
    from ltictl.operations.lms_side.settle import interface_shows_outcome, probe_at_lms
    from ltictl.operations.registration.recover import find_unsettled_attempt, probe

    attempt = find_unsettled_attempt(keyring.context, identifier)
    if not interface_shows_outcome(attempt):
        return probe(keyring.context, keyring.policy, identifier)
    try:
        return probe_at_lms(keyring, identifier)
    except NotFoundError as error:
        if error.code != "lms_token_missing" or attempt.kind is not AttemptKind.REGISTRATION:
            raise
        # Without a token, the token endpoint still shows whether a registration arrived.
        return probe(keyring.context, keyring.policy, identifier)


def _list(session: Session, identifier: str) -> Report:
    from ltictl.cli.render.json_views import attempt_view
    from ltictl.operations.registration.recover import (
        find_unsettled_attempt,
        find_unsettled_attempts,
    )

    context = session.context()
    context.profile.require()
    if identifier:
        attempts: tuple[Attempt, ...] = (find_unsettled_attempt(context, identifier),)
        problems: tuple[str, ...] = ()
    else:
        attempts, problems = find_unsettled_attempts(context)

    def human(output: Output) -> None:
        if not attempts:
            output.note("No registration is interrupted.")
        for attempt in attempts:
            _describe(output, attempt)

    return Report(
        {"integrations": [], "attempts": [attempt_view(each) for each in attempts]},
        human,
        problems,
        # An exit code of its own, by which a script sees that something is open.
        error=_unsettled(attempts) if attempts or problems else None,
    )


def _unsettled(attempts: tuple[Attempt, ...]) -> NeedsRecoveryError:
    first = attempts[0].id if attempts else "ID"
    return NeedsRecoveryError(
        "attempts_unsettled",
        f"{len(attempts)} registrations or updates have no known outcome.",
        why="A run ended before it could read or store the LMS's answer.",
        fix=f"Look at the LMS, then settle each one: ltictl recover {first}",
    )


def _describe(output: Output, attempt: Attempt) -> None:
    from ltictl.lti.kept_answer import kept_ids
    from ltictl.operations.lms_side.settle import interface_shows_outcome
    from ltictl.operations.registration.recover import can_adopt, can_probe, kept_words

    what = {
        AttemptKind.REGISTRATION: "",
        AttemptKind.UPDATE: "update of ",
        AttemptKind.LMS_CHANGE: "change at the LMS of ",
    }[attempt.kind]
    output.line(f"{what}{attempt.id}: {attempt.organization} at {attempt.platform.host}")
    output.line(f"  begun {to_the_minute(attempt.created_at)}, came as far as: {attempt.stage}")
    if attempt.answer is not None:
        output.line(f"  kept answer: HTTP {attempt.answer.status} {kept_words(attempt)}")
        known = kept_ids(attempt.answer)
        output.line(f"  client_id:   {known.client_id or 'none that can be read'}")
        if known.deployment_id:
            output.line(f"  deployment:  {known.deployment_id}")
    adoptable = can_adopt(attempt)
    if adoptable:
        output.line(f"  store it:    ltictl recover {attempt.id} --adopt")
    if can_probe(attempt) and (not adoptable or attempt.kind is AttemptKind.UPDATE):
        token = " --token-file PATH" if interface_shows_outcome(attempt) else ""
        output.line(f"  ask the LMS: ltictl recover {attempt.id} --probe{token}")
    if attempt.kind is AttemptKind.REGISTRATION:
        output.line(f"  by hand:     ltictl recover {attempt.id} --client-id VALUE")
    output.line(f"  put aside:   ltictl recover {attempt.id} --forget")


def _forget(session: Session, identifier: str, *, yes: bool) -> Report:
    from ltictl.operations.registration.recover import forget

    question = f"Put {identifier!r} aside? If the LMS has the tool, ltictl will not know it."
    if not session.confirm(question, yes=yes):
        return _list(session, identifier)
    place = forget(session.context(), identifier)
    return Report(
        {"integrations": [], "attempts": []}, lambda output: output.note(f"Moved to {place}")
    )


def _go_back(session: Session, identifier: str, client_id: str) -> Report:
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.former_clients import back_to_former

    integration = back_to_former(session.context(), identifier, client_id)
    others = ", ".join(each.client_id for each in integration.former_in_use)
    exports = f" Exports keep {others} too, until it is seen to be gone." if others else ""

    def human(output: Output) -> None:
        output.note(f"The client_id of {identifier} is {integration.client_id}.{exports}")

    view = integration_view(integration)
    return Report({"integrations": [view], "attempts": []}, human)


def _report(session: Session, found: "Registered") -> Report:
    from ltictl.cli.render.registration_report import registration_report

    return registration_report(session, (found.integration.id,), found.warnings)
