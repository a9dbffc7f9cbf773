"""The ``apply`` command."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltictl.cli.command import LanguageOption, PublicUrlOption, YesOption, reaches_lms, writes
from ltictl.cli.lms_token import TokenFileOption, keyring_of
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import LtictlError
from ltictl.model.duration import format_duration, parse_duration
from ltictl.model.invitation import DEFAULT_LIFE
from ltictl.model.quantity import counted

if TYPE_CHECKING:
    from ltictl.model.profile import Settings
    from ltictl.model.wanted import WantedState
    from ltictl.operations.invite import IssuedInvitation
    from ltictl.operations.planned_change import PlannedChange

_SIGNS = {"add": "+", "remove": "-", "deactivate": "-"}


@reaches_lms
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
        str,
        typer.Option("--expires", metavar="DURATION", help="How long the invitations are valid."),
    ] = format_duration(DEFAULT_LIFE),
    public_url: PublicUrlOption = "",
    mails: Annotated[
        Path, typer.Option("--mails", metavar="FOLDER", help="Folder for each invitation's mail.")
    ] = Path("mails"),
    lang: LanguageOption = "en",
    token_file: TokenFileOption = "",
    yes: YesOption = False,
) -> Report:
    """Apply a TOML or CSV file: organizations, integrations and their states as it lists them.

    Example: ltictl apply lti.toml --dry-run --detailed-exitcode
    """
    from ltictl.operations.apply import Planner, apply_steps
    from ltictl.store.wanted import read_wanted

    context = session.context()
    settings = context.profile.settings()
    life = parse_duration(expires, "--expires")
    base = _base(settings, public_url)
    wanted = read_wanted(file)
    local = Planner(context, life, base).steps(wanted)
    at_lms = _steps_at_lms(session, wanted, token_file)
    steps = (*local, *at_lms)
    changes = bool(steps) and detailed_exitcode
    warnings = _for_here_only(base, steps)
    if not session.output.json:
        _print_plan(session.output, steps)
    if not steps or dry_run:
        return Report(_data(steps, applied=False), lambda _: None, warnings, changes=changes)
    if not session.confirm(f"Make {counted(len(steps), 'change')}?", yes=yes):
        return Report(
            _data(steps, applied=False), lambda output: output.note("Nothing was changed.")
        )
    letters = Letters(settings, base, mails, session.output, lang)
    done: list[PlannedChange] = []
    try:
        apply_steps(context, local, done, letters.add)
        for step in at_lms:
            session.output.status.show(f"{step.action} {step.subject} ...")
            step.carry_out()  # each is a change of its own, with its hook
            done.append(step)
    except LtictlError as error:
        error.data = _data(done, applied=True, letters=letters.written)
        raise
    data = _data(done, applied=True, letters=letters.written)

    def human(output: Output) -> None:
        output.note(f"Made {counted(len(done), 'change')}.")
        if letters.written:
            output.note(
                f"{counted(len(letters.written), 'mail')} with secret URLs: {letters.folder}"
            )

    return Report(data, human, warnings, changes=changes)


def _steps_at_lms(
    session: Session, wanted: "WantedState", token_file: str
) -> "tuple[PlannedChange, ...]":
    """Return the steps at LMSs; ltictl asks no LMS whose state the document leaves open."""
    if all(each.lms is None for each in wanted.integrations):
        return ()
    from ltictl.operations.lms_side.apply_lms import LmsPlanner
    from ltictl.operations.lms_side.change_intent import Run

    urls = {each.lms.url for each in wanted.integrations if each.lms is not None}
    # A token without an address is for the one LMS of the document. With several it would go to all
    # of them.
    only = next(iter(urls)) if len(urls) == 1 else ""
    keyring = keyring_of(session, token_file, only, only_bound=not only)
    return LmsPlanner(keyring, Run()).steps(wanted)


def _base(settings: "Settings", public_url: str) -> str:
    from ltictl.operations.registration.listening_order import callback_base

    chosen = public_url or settings.callback.public_url
    return callback_base("127.0.0.1", settings.callback.port, chosen)


def _for_here_only(base: str, steps: Sequence["PlannedChange"]) -> tuple[str, ...]:
    """Return a warning if schools would get URLs that lead to their own computers."""
    from ltictl.operations.mail import for_here_only

    return for_here_only(base) if any(each.action == "invite" for each in steps) else ()


def _print_plan(output: Output, steps: Sequence["PlannedChange"]) -> None:
    for step in steps:
        sign = _SIGNS.get(step.action.partition("-")[0], "~")
        output.line(f"{sign} {step.action} {step.subject} {step.detail}".rstrip())
    if not steps:
        output.note("Nothing to do.")


def _data(
    steps: Sequence["PlannedChange"], *, applied: bool, letters: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "changes": [
            {"action": each.action, "subject": each.subject, "detail": each.detail or None}
            for each in steps
        ],
        "applied": applied,
        "invitations": list(letters),
    }


class Letters:
    """The mails with the URLs of invitations, each in a private file, so no log shows a secret.

    Args:
        settings: of the profile.
        base: address of the page as LMSs reach it.
        folder: the folder of the mails, made with the first one.
        output: prints a mail that cannot be written, since ltictl cannot show its URL again.
        language: tag of the mails' language.

    Raises:
        NotFoundError: there is no such language.
    """

    def __init__(
        self, settings: "Settings", base: str, folder: Path, output: Output, language: str
    ) -> None:
        from ltictl.operations.mail import check_language

        self._base = base
        self._settings = settings
        self._language = check_language(language)
        self._output = output
        self.folder = folder.absolute()
        self.written: list[dict[str, Any]] = []

    def add(self, step: "PlannedChange", made: "IssuedInvitation") -> None:
        """Write the mail of a new invitation."""
        from ltictl.cli.render.json_views import moment
        from ltictl.operations.mail import Mail
        from ltictl.platforms.table import family_named

        url, expires_at = made.url(self._base), made.invitation.expires_at
        mail = Mail(
            self._settings, family_named(step.family or "lms"), url, expires_at, self._language
        )
        text = mail.as_text()
        file = self.folder / f"{step.subject}.txt"
        letter: dict[str, Any] = {
            "organization": step.subject,
            "invitation": made.invitation.id,
            "expires_at": moment(expires_at),
            "file": str(file),
        }
        # Before the file: where it cannot be written, the envelope still shows the URL, which is
        # stored nowhere.
        self.written.append(letter)
        try:
            self._write(file, text)
        except LtictlError:
            letter |= {"file": None, "url": url, "mail": text}
            if not self._output.json:
                self._output.raw(f"--- {step.subject}\n{text}")
            raise

    @staticmethod
    def _write(file: Path, text: str) -> None:
        from ltictl.store.files import make_folder
        from ltictl.store.output_file import write_output

        make_folder(file.parent)
        write_output(file, text.encode(), private=True)
