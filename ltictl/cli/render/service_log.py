"""The log of ``ltictl serve``: a line for each event, as text or as JSON, without secrets."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final

from ltictl.cli.render.output import Output
from ltictl.cli.render.register_events import RegisterEvents, event_line
from ltictl.model.moment import rfc3339
from ltictl.operations.events import (
    AttemptUnsettled,
    Event,
    IntegrationRegistered,
    IntegrationUpdated,
    KeyPressed,
    LinkRefused,
    RegistrationFailed,
    RegistrationRefused,
    ReloadRefused,
    SecondPassed,
    WarningRaised,
)

_ERRORS: Final = (RegistrationFailed, ReloadRefused)
_WARNINGS: Final = (AttemptUnsettled, LinkRefused, RegistrationRefused, WarningRaised)
# The lines of their text lack the warnings, which other runs show in a report at the end.
_END: Final = (IntegrationRegistered, IntegrationUpdated, WarningRaised)


class LogFormat(StrEnum):
    """The formats of the log."""

    TEXT = "text"
    JSON = "json"


class ServiceLog:
    """Writes events to stderr as they happen.

    Args:
        output: the streams of the run.
        log_format: of its lines.
        now: the clock.

    Attributes:
        is_json: whether every line is JSON.
        registered: how many registrations it has shown.
    """

    def __init__(self, output: Output, log_format: LogFormat, now: Callable[[], datetime]) -> None:
        self._output = output
        self.is_json = output.json or log_format is LogFormat.JSON
        self._now = now
        self._events = RegisterEvents(output)
        self.registered = 0

    def show(self, event: Event | SecondPassed | KeyPressed) -> None:
        """Write one event."""
        self.registered += isinstance(event, IntegrationRegistered | IntegrationUpdated)
        if isinstance(event, SecondPassed | KeyPressed):
            return  # nobody watches a service's terminal
        if self.is_json:
            self._output.event(
                {"time": rfc3339(self._now()), "level": _level(event)} | event_line(event)
            )
            return
        self._events.show(event)
        if isinstance(event, _END):
            for warning in self._events.warnings:
                self._output.warn(warning)
        self._events.warnings.clear()  # a service may run for years


def _level(event: Event) -> str:
    if isinstance(event, _ERRORS):
        return "error"
    return "warning" if isinstance(event, _WARNINGS) else "info"
