"""What ``register`` tells while it runs: lines for people, one JSON object a line for scripts."""

from collections.abc import Callable
from typing import Final

from ltictl.cli.render.output import Output
from ltictl.operations.events import Event

# Why nobody may have come, the likeliest first (docs/how-to/nobody-comes.md).
_SILENCE: Final = "No LMS has opened the page yet. The usual causes, the likeliest first:"
_NOT_PASTED: Final = (
    "  1. The URL was not pasted yet, or in another place than the LMS's tool registration."
)
SILENCE: Final = (
    _SILENCE,
    _NOT_PASTED,
    "  2. The LMS is open on another computer: this URL works only in a browser on this one.",
    "     There: ltictl register --public-url https://... behind a tunnel or proxy.",
    "     Without a server: ltictl relay-page, and then ltictl register --paste.",
    "  3. The browser asks whether the LMS may reach 'apps on this device': press Allow.",
    "  4. The LMS is on http, or the browser is Safari: both block pages on this computer.",
    "  5. A policy of managed browsers forbids it; the documentation names it ('Nobody comes').",
    "If the LMS opened a tab that failed, copy its address: ltictl register --paste",
)
# The same where LMSs are given an address of the tool's own site.
SILENCE_IN_PUBLIC: Final = (
    _SILENCE,
    _NOT_PASTED,
    "  2. The web server or tunnel does not pass the address on to this computer. Open it in a",
    "     browser without anything behind it: the words 'Not found' alone are right.",
    "  3. A relay page stands there: it opens nothing by itself. For a sealed block:",
    "     ltictl register --paste",
)


class RegisterEvents:
    """Tells events to one output.

    Args:
        output: where to.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._waiting_for = "an LMS to open the page"
        self._on_loopback = True
        self.warnings: list[str] = []
        self._lines: dict[str, Callable[[Event], None]] = {
            "listening": self._listening,
            "opened": self._opened,
            "registering": self._registering,
            "registered": self._registered,
            "updated": self._registered,
            "refused": self._failed,
            "failed": self._failed,
            "cancelled": self._cancelled,
            "clicked": self._clicked,
            "activated": self._activated,
            "warning": self._warning,
            "unsettled": self._unsettled,
            "waiting": self._silence,
            "finishing": self._finishing,
        }

    def show(self, event: Event) -> None:
        """Tell one event."""
        if event.name == "tick":
            self._tick(event)
            return
        if event.name == "warning":
            message = event.data["message"]  # as it is: a hook's failure decides the exit code
            self.warnings.append(message if isinstance(message, str) else str(message))
        self.warnings += _texts(event.data.get("warnings"))
        if self._output.json:
            self._output.event({"event": event.name, **event.data})
            return
        self._lines[event.name](event)

    def _tick(self, event: Event) -> None:
        seconds = event.data.get("seconds")
        left = (
            f"; {int(seconds) // 60}:{int(seconds) % 60:02d} left"
            if isinstance(seconds, int)
            else ""
        )
        self._output.status.show(f"Waiting for {self._waiting_for}{left}. Ctrl-C ends.")

    def _listening(self, event: Event) -> None:
        url = event.data["url"]
        if url:
            # Shown even with --quiet: without it nobody can register.
            self._output.urgent("Paste this URL into the LMS:")
            self._output.urgent(f"  {url}")
        else:
            self._output.note(
                f"Listening at {event.data['address']} for {event.data['open_invitations']} "
                "open invitation(s): use the URL that was printed when it was made."
            )
            self._output.note("For another one: ltictl registration-url --org SLUG")
        self._on_loopback = str(event.data["address"]).startswith("http://127.0.0.1:")
        if self._on_loopback:
            self._output.note("It works only in a browser on this computer.")
        else:
            self._output.note(
                f"Your web server or tunnel has to pass it on to port {event.data['port']} of "
                f"{event.data['host']}."
            )

    def _opened(self, event: Event) -> None:
        who = f"{event.data['lms']} {event.data['version']}".strip()
        self._output.note(f"{who} at {event.data['platform']} opened the page.")
        self._output.note(f"  asked for: {', '.join(_texts(event.data['services'])) or 'nothing'}")
        self._waiting_for = "the administrator to press Register"

    def _registering(self, event: Event) -> None:
        self._output.note(f"Register was pressed; asking {event.data['platform']} ...")
        self._waiting_for = f"the answer of {event.data['platform']}"

    def _registered(self, event: Event) -> None:
        verb = "Updated" if event.name == "updated" else "Registered"
        self._output.note(
            f"{verb} {event.data['integration']}: client_id {event.data['client_id']} at "
            f"{event.data['platform']}."
        )
        self._waiting_for = "another LMS to open the page"

    def _failed(self, event: Event) -> None:
        error = event.data["error"]
        if isinstance(error, dict):
            self._output.note(f"Did not work: {error['message']}")
            for label in ("why", "fix"):
                if error[label]:
                    self._output.note(f"  {label}: {error[label]}")
        self._waiting_for = "another try"

    def _cancelled(self, event: Event) -> None:
        self._output.note(f"The administrator at {event.data['platform']} pressed Cancel.")
        self._waiting_for = "another try"

    def _clicked(self, _: Event) -> None:
        self._output.note("Somebody opened the URL directly; it has to be pasted into the LMS.")

    def _activated(self, event: Event) -> None:
        self._output.note(f"{event.data['integration']} is active.")

    def _warning(self, event: Event) -> None:
        """Warnings are written at the end, with the report."""

    def _unsettled(self, event: Event) -> None:
        self._output.warn(str(event.data["message"]))

    def _silence(self, _: Event) -> None:
        if self._output.stderr_is_terminal:
            for line in SILENCE if self._on_loopback else SILENCE_IN_PUBLIC:
                self._output.note(line)

    def _finishing(self, event: Event) -> None:
        self._output.note(
            f"An answer is outstanding; waiting for it up to {event.data['seconds']} s. "
            "Ctrl-C again leaves at once."
        )


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
