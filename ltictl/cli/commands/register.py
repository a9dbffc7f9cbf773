"""The ``register`` command and its choice between the page, a paste and a headless run."""

from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.callback_options import ListenOption, PortOption
from ltictl.cli.command import PublicUrlOption, YesOption, reaches_lms, writes
from ltictl.cli.lms_token import TokenFileOption
from ltictl.cli.numbers import count_number
from ltictl.cli.pasted_input import MAX_PASTE
from ltictl.cli.render.output import Report
from ltictl.cli.session import Session
from ltictl.cli.standard_input import read_secret, standard_input
from ltictl.errors import UsageError
from ltictl.model.duration import format_duration, parse_duration
from ltictl.model.hint import hint
from ltictl.model.integration import Status
from ltictl.model.profile import CallbackSettings

if TYPE_CHECKING:
    from ltictl.operations.registration.listening_order import ListeningOrder
    from ltictl.operations.registration.reach import Reach

_LEAVE_AWAY = "Leave --registration-token-file away where the LMS gave no token."


@reaches_lms
@writes
def register(
    session: Session,
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="Only for this organization.")
    ] = "",
    port: PortOption = None,
    listen: ListenOption = "127.0.0.1",
    public_url: PublicUrlOption = "",
    platform: Annotated[
        str, typer.Option("--platform", metavar="URL", help="The only LMS that is expected.")
    ] = "",
    timeout: Annotated[
        str,
        typer.Option(
            "--timeout",
            metavar="DURATION",
            help="How long to wait.",
            show_default=f"the profile's, {format_duration(CallbackSettings().timeout)} unless set",
        ),
    ] = "",
    count: Annotated[
        int,
        typer.Option(
            "--count",
            metavar="N",
            parser=count_number("--count"),
            help="End after this number of registrations.",
        ),
    ] = 1,
    forever: Annotated[
        bool, typer.Option("--forever", help="Keep running until Ctrl-C or a signal.")
    ] = False,
    activate: Annotated[
        bool, typer.Option("--activate", help="Activate each new integration.")
    ] = False,
    openid_configuration: Annotated[
        str,
        typer.Option(
            "--openid-configuration",
            metavar="URL|-",
            help="Register without a browser: what the LMS gave; '-' reads a line of stdin.",
        ),
    ] = "",
    registration_token_file: Annotated[
        str,
        typer.Option(
            "--registration-token-file",
            metavar="PATH|-",
            help="File with the LMS's token; '-' reads stdin.",
        ),
    ] = "",
    paste: Annotated[
        bool,
        typer.Option("--paste", help="Read the LMS's address or a sealed block from stdin."),
    ] = False,
    accept_issuer: Annotated[
        str,
        typer.Option(
            "--accept-issuer",
            metavar="ISSUER",
            help="Accept exactly this issuer although it is at another host.",
        ),
    ] = "",
    update: Annotated[
        str,
        typer.Option(
            "--update", metavar="ID", help="Without a browser: change this one, and add none."
        ),
    ] = "",
    replace_client: Annotated[
        bool,
        typer.Option(
            "--replace-client",
            help="With --update: take a new client_id, though the former may be in use.",
        ),
    ] = False,
    via_lms: Annotated[
        bool,
        typer.Option("--via-lms", help="Register through the LMS's interface, without a browser."),
    ] = False,
    token_file: TokenFileOption = "",
    activate_at_lms: Annotated[
        bool, typer.Option("--activate-at-lms", help="With --via-lms: switch the tool on there.")
    ] = False,
    deploy: Annotated[
        str,
        typer.Option(
            "--deploy",
            metavar="PLACE",
            help="With --via-lms: make it available in root, account:ID, course:ID, org-unit:ID.",
        ),
    ] = "",
    yes: YesOption = False,
) -> Report:
    """Complete a registration that an LMS begins: serve the page, ask the LMS, store the answer.

    Example: ltictl register --org acme
    """
    from ltictl.operations.registration.reach import Reach

    # Options of --via-lms without it: the same module names the missing one.
    if via_lms or token_file or activate_at_lms or deploy:
        from ltictl.cli.commands.register_via_lms import via_interface

        return via_interface(
            session,
            via_lms=via_lms,
            organization=org,
            platform=platform,
            token_file=token_file,
            activate=activate,
            activate_at_lms=activate_at_lms,
            deploy=deploy,
            yes=yes,
        )
    reach = Reach(session.policy(), accepted_issuer=accept_issuer).pinned_to(platform)
    if paste:
        from ltictl.cli.commands.register_paste import register_pasted

        _refuse_beside_paste(openid_configuration, registration_token_file)
        return register_pasted(
            session,
            reach,
            organization=org,
            activate=activate,
            yes=yes,
            update=update,
            replace_client=replace_client,
        )
    if openid_configuration:
        from ltictl.cli.commands.register_headless import headless

        secrets = _Secrets(openid_configuration, registration_token_file)
        return headless(
            session,
            reach,
            organization=org,
            configuration_url=secrets.configuration_url,
            token=secrets.token,
            activate=activate,
            yes=yes,
            update=update,
            replace_client=replace_client,
        )
    if registration_token_file or update:
        alone = "--update" if update else "--registration-token-file"
        raise UsageError(
            "options_missing",
            f"{alone} needs --openid-configuration.",
            fix="Give both. With a browser, the page asks what to update.",
        )
    from ltictl.model.web_address import WebAddress
    from ltictl.operations.registration.listening_order import ListeningOrder

    callback = session.context().profile.settings().callback
    public = public_url or callback.public_url
    wanted = ListeningOrder(
        host=listen,
        port=callback.port if port is None else port,
        public_url=WebAddress.parse(public, "--public-url").url if public else "",
        organization=org or None,
        timeout=parse_duration(timeout, "--timeout") if timeout else callback.timeout,
        count=0 if forever else count,
        activate=activate,
    )
    return _listen(session, wanted, reach, platform)


def _refuse_beside_paste(*others: str) -> None:
    if any(others):
        raise UsageError(
            "options_conflict",
            "--paste brings the address and the token itself.",
            fix="Leave --openid-configuration and --registration-token-file away.",
        )


class _Secrets:
    """The two parameters of an LMS; the token never comes from argv, where others could read it."""

    def __init__(self, configuration: str, token_file: str) -> None:
        self.configuration_url = _line() if configuration == "-" else configuration
        self.token = _token(token_file)


def _line() -> str:
    return standard_input().readline(MAX_PASTE).decode("utf-8", "replace").strip()


def _token(source: str) -> str:
    if not source:
        return ""
    text = read_secret(source, "The registration token")
    if not text.strip():
        raise UsageError("token_empty", f"There is no token in {source!r}.", fix=_LEAVE_AWAY)
    return text.strip()


def _listen(session: Session, wanted: "ListeningOrder", reach: "Reach", platform: str) -> Report:
    from ltictl.cli.keyboard import keys_to
    from ltictl.cli.render.register_events import RegisterEvents
    from ltictl.cli.render.registration_report import registration_report
    from ltictl.cli.signals import signals_to
    from ltictl.operations.events import Inbox
    from ltictl.operations.registration.listen import Listening, stored

    context = session.context()
    inbox: Inbox = Inbox()
    keys = session.can_ask and not session.output.quiet
    events = RegisterEvents(session.output, platform=platform, keys=keys)
    listening = Listening(context, wanted, reach, inbox, events.show)
    try:
        with signals_to(inbox), keys_to(inbox, wanted=keys):
            heard = listening.run()
        integrations = stored(context, heard.integrations)
        pending = [each.id for each in integrations if each.status is Status.PENDING]
        _offer_activation(session, pending)
    finally:
        with signals_to(inbox):  # a signal would cut off the last page
            listening.close()
    warnings = tuple(events.warnings)
    return registration_report(session, heard.integrations, warnings, in_place=heard.in_place)


def _offer_activation(session: Session, pending: list[str]) -> None:
    """Offer to activate new integrations if a person can answer."""
    if not pending or not session.can_ask:
        return
    try:
        wanted = session.confirm(f"Activate {', '.join(pending)} now?", yes=False, default=True)
    except (typer.Abort, KeyboardInterrupt):
        # The registration is already stored, so a person who stops here can decide later.
        session.output.note()
        verb = "is" if len(pending) == 1 else "are"
        session.output.note(f"{', '.join(pending)} {verb} registered. {hint('activate', *pending)}")
        return
    if wanted:
        from ltictl.operations.switch import activate

        activate(session.context(), pending)
