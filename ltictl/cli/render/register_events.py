"""Show the events of a running ``register``: as lines to people, as JSON lines to scripts."""

from functools import singledispatchmethod
from typing import Any, Final

from msgspec import to_builtins

from ltictl.cli.render.envelope import explanation
from ltictl.cli.render.open_urls import urls_in_use
from ltictl.cli.render.output import Output
from ltictl.cli.render.refused_link import refused_link
from ltictl.errors import LtictlError
from ltictl.model.quantity import counted
from ltictl.model.web_address import WebAddress
from ltictl.operations.events import (
    AttemptUnsettled,
    CancelPressed,
    Event,
    FinishingBegan,
    IntegrationActivated,
    IntegrationRegistered,
    IntegrationUpdated,
    KeyPressed,
    LinkClicked,
    LinkRefused,
    ListeningBegan,
    MonitorBegan,
    PageOpened,
    RegisterPressed,
    RegistrationFailed,
    RegistrationRefused,
    ReloadRefused,
    SecondPassed,
    SettingsReloaded,
    SilenceNoticed,
    WarningRaised,
)

# The reasons why no LMS connects, the likeliest first (docs/how-to/no-lms-connects.md).
_SILENCE: Final = "No LMS has opened the page yet. The usual causes, the likeliest first:"
_NOT_PASTED: Final = "  1. Nobody has pasted the URL into the LMS's tool registration yet."
SILENCE: Final = (
    _SILENCE,
    _NOT_PASTED,
    "  2. The LMS is open on another computer: this URL works only in a browser on this one.",
    "     Behind a tunnel or proxy: ltictl register --public-url https://...",
    "     Without a server: ltictl relay-page",
    "  3. The browser asks whether the LMS may reach 'apps on this device': press Allow.",
    "  4. The LMS uses http, or the browser is Safari: both block pages on this computer.",
    "  5. A policy for managed browsers blocks it: ltictl help no-lms-connects",
    "If the LMS opened a tab that failed, copy its address, then run: ltictl register --paste",
)
# The same where LMSs get an address of the tool's own site.
SILENCE_IN_PUBLIC: Final = (
    _SILENCE,
    _NOT_PASTED,
    "  2. Your web server or tunnel does not forward the address to this computer. Open it in a",
    "     browser without its query: a page with only 'Not found' means that it does.",
    "  3. Your site serves a relay page there. For its sealed block: ltictl register --paste",
)
_KEYS: Final = (
    "Keys: ? why nothing may come, c copy the URL, q QR code, o open a browser, Ctrl-C end."
)
_WITH_WARNINGS: Final = (ListeningBegan, PageOpened, IntegrationRegistered, IntegrationUpdated)


class RegisterEvents:
    """Shows events on one output.

    Args:
        output: the streams of the run.
        platform: the only LMS that the run expects, empty for any.
        keys: whether the run reads keys.
    """

    def __init__(self, output: Output, *, platform: str = "", keys: bool = False) -> None:
        self._output = output
        self._platform = platform
        self._keys = keys
        self._url = ""
        self._waiting_for = "an LMS to open the page"
        self._on_loopback = True
        self.warnings: list[str] = []

    def show(self, event: Event | SecondPassed | KeyPressed) -> None:
        """Show one event."""
        if isinstance(event, WarningRaised):
            self.warnings.append(event.message)  # unchanged: its type decides the exit code
        if isinstance(
            event, ListeningBegan | PageOpened | IntegrationRegistered | IntegrationUpdated
        ):
            self.warnings += [each for each in event.warnings if each not in self.warnings]
        if self._output.json and not isinstance(event, SecondPassed | KeyPressed):
            self._output.event(event_line(event))
            return
        self._tell(event)

    @singledispatchmethod
    def _tell(self, event: object) -> None:
        """Show one event to people."""
        raise AssertionError(f"{type(event).__name__} is shown nowhere")

    @_tell.register
    def _tell_second(self, event: SecondPassed) -> None:
        left = f"; {event.left // 60}:{event.left % 60:02d} left" if event.left is not None else ""
        keys = "?: help, Ctrl-C: end" if self._keys else "Ctrl-C ends"
        self._output.status.show(f"Waiting for {self._waiting_for}{left}. {keys}.")

    @_tell.register
    def _tell_key(self, event: KeyPressed) -> None:
        """Act on the key of a person who waits; an unknown key lists the known ones."""
        match event.key:
            case "?":
                self._explain_silence()
                self._output.note(_KEYS)
            case "c" if self._url:
                self._output.copy(self._url)
                self._output.note("The URL is copied, if this terminal lets programs copy.")
            case "o" if self._url:
                self._open()
            case "q" if self._url:
                self._show_code()
            case "c" | "o" | "q":
                self._output.note(
                    "This run waits for a registration URL that ltictl printed earlier."
                )
            case _:
                self._output.note(_KEYS)

    def _show_code(self) -> None:
        """Show the URL as a QR code, for a telephone's camera."""
        from ltictl.cli.render.qr_code import qr_lines

        lines = qr_lines(self._url)
        self._output.picture(lines)
        if not lines:
            self._output.note("The URL is too long for a QR code on a terminal.")

    def _open(self) -> None:
        """Open a browser on this machine at the run's LMS, else at the page itself."""
        from ltictl.cli.browser import open_browser

        address = self._platform or self._url
        if open_browser(address):
            where = self._platform or "the page, which says where to paste its address"
            self._output.note(f"Opened a browser at {where}.")
        else:
            self._output.note(f"There is no browser on this machine. Open {address}")

    @_tell.register
    def _tell_listening(self, event: ListeningBegan) -> None:
        for warning in event.warnings:
            self._output.warn(warning)
        self._url = event.url or ""
        if event.url:
            # Even with --quiet: without the URL nobody can register.
            self._output.urgent("Paste this URL into the LMS:")
            self._output.urgent(f"  {event.url}")
        else:
            invitations = counted(event.open_invitations, "open invitation")
            self._output.note(f"Listening at {event.address} for {invitations}.")
            for line in urls_in_use(event):
                self._output.note(line)
        self._on_loopback = WebAddress.parse(event.address).is_loopback
        if self._on_loopback:
            self._output.note("It works only in a browser on this computer.")
        else:
            self._output.note(
                f"Your web server or tunnel has to pass it on to port {event.port} of {event.host}."
            )

    @_tell.register
    def _tell_opened(self, event: PageOpened) -> None:
        visit = event.visit
        self._output.note(
            f"{visit.lms} {visit.version}".strip() + f" at {visit.platform} opened the page."
        )
        self._output.note(f"  Permissions requested: {', '.join(visit.services) or 'none'}")
        for warning in event.warnings:
            self._output.note(f"  Note: {warning}")
        if event.program:
            self._tell_program(event)
        self._waiting_for = "the administrator to press Register"

    def _tell_program(self, event: PageOpened) -> None:
        """Warn that a program, not a browser, opened the page."""
        # An LMS that fetches the page itself may show success although nothing is registered.
        named = f" --org {event.visit.organization}" if event.visit.organization else ""
        self._output.note(
            f"  A program fetched the page ({event.program}), and not a browser: nobody can press "
            "Register there, whatever the LMS shows."
        )
        self._output.note(
            f"  Without a browser: ltictl register{named} --paste, then the address that the LMS "
            "fetched."
        )

    @_tell.register
    def _tell_pressed(self, event: RegisterPressed) -> None:
        platform = event.visit.platform
        self._output.note(f"Register was pressed; asking {platform} ...")
        self._waiting_for = f"the answer of {platform}"

    @_tell.register
    def _tell_stored(self, event: IntegrationRegistered | IntegrationUpdated) -> None:
        verb = "Updated" if isinstance(event, IntegrationUpdated) else "Registered"
        self._output.note(
            f"{verb} {event.integration}: client_id {event.client_id} at {event.visit.platform}."
        )
        self._waiting_for = "another LMS to open the page"

    @_tell.register
    def _tell_failed(self, event: RegistrationRefused | RegistrationFailed) -> None:
        self._output.note(f"Did not work: {event.error.message}")
        for label, words in (("why", event.error.why), ("fix", event.error.fix)):
            if words:
                self._output.note(f"  {label}: {words}")
        self._waiting_for = "another try"

    @_tell.register
    def _tell_cancelled(self, event: CancelPressed) -> None:
        self._output.note(f"The administrator at {event.visit.platform} pressed Cancel.")
        self._waiting_for = "another try"

    @_tell.register
    def _tell_clicked(self, _: LinkClicked) -> None:
        self._output.note("Somebody opened the URL directly; it has to be pasted into the LMS.")

    @_tell.register
    def _tell_refused_link(self, event: LinkRefused) -> None:
        for line in refused_link(event):
            self._output.note(line)

    @_tell.register
    def _tell_activated(self, event: IntegrationActivated) -> None:
        self._output.note(f"{event.integration} is active.")

    @_tell.register
    def _keep_warning(self, _: WarningRaised) -> None:
        """Show nothing now; the report at the end has all warnings."""

    @_tell.register
    def _tell_unsettled(self, event: AttemptUnsettled) -> None:
        self._output.warn(event.message)

    @_tell.register
    def _tell_silence(self, _: SilenceNoticed) -> None:
        if self._output.stderr_is_terminal:
            self._explain_silence()

    def _explain_silence(self) -> None:
        for line in SILENCE if self._on_loopback else SILENCE_IN_PUBLIC:
            self._output.note(line)

    @_tell.register
    def _tell_finishing(self, event: FinishingBegan) -> None:
        self._output.note(
            f"An answer is outstanding; waiting for it up to {event.seconds} s. "
            "Ctrl-C again leaves at once."
        )

    @_tell.register
    def _tell_monitor(self, event: MonitorBegan) -> None:
        self._output.note(f"Health and metrics at {event.address}, on this computer alone.")

    @_tell.register
    def _tell_reloaded(self, event: SettingsReloaded) -> None:
        self._output.note(f"Read the settings again; listening at {event.address}.")

    @_tell.register
    def _tell_reload_refused(self, event: ReloadRefused) -> None:
        self._output.warn(f"The settings could not be read again: {event.error.message}")


def event_line(event: Event) -> dict[str, Any]:
    """Return the JSON object of one event, with the members of its visit beside its own."""
    members: dict[str, Any] = to_builtins(event, enc_hook=_explained)
    visit = members.pop("visit", None) or {}
    return {"event": members["event"], **visit, **members}


def _explained(value: object) -> dict[str, str] | str:
    if isinstance(value, LtictlError):
        return explanation(value)
    if isinstance(value, str):  # a kind of warning
        return str(value)
    raise TypeError(type(value).__name__)
