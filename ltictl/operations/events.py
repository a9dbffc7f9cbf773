"""What happens during ``register``, as it happens: one stream for the main thread to read."""

from dataclasses import dataclass, field
from queue import SimpleQueue

from ltictl.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people and scripts want to hear of.

    Attributes:
        name: ``listening``, ``opened``, ``registering``, ``registered``, ``updated``, ``refused``,
            ``failed``, ``cancelled``, ``activated``, ``warning``, ``waiting``, ``finishing``;
            ``tick`` once a second, for terminals only.
        data: without secrets; JSON values only.
    """

    name: str
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopRequest:
    """A signal asked the run to end.

    Attributes:
        exit_code: the one that belongs to the signal.
    """

    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class Finished:
    """The registration that was waited for has ended."""


# Signal handlers may put into a SimpleQueue at any moment: its put is reentrant.
Inbox = SimpleQueue[Event | StopRequest | Finished]
