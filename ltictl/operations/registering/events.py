"""What happens during ``register``, as it happens: one stream for the main thread to read."""

from dataclasses import dataclass, field
from queue import SimpleQueue

from ltictl.errors import ExitCode, LtictlError


@dataclass(frozen=True, slots=True)
class Event:
    """Something that people and scripts want to hear of.

    Attributes:
        name: ``listening``, ``opened``, ``registering``, ``registered``, ``updated``, ``refused``,
            ``failed``, ``cancelled``, ``clicked``, ``activated``, ``warning``, ``unsettled``,
            ``waiting``, ``finishing``; ``tick`` once a second, for terminals only.
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


@dataclass(frozen=True, slots=True)
class Stuck:
    """A registration was cut off; another one at that LMS has to wait until a person settled it.

    Attributes:
        error: names the attempt and the command that settles it.
    """

    error: LtictlError


# Signal handlers may put into a SimpleQueue at any moment: its put is reentrant.
Inbox = SimpleQueue[Event | StopRequest | Finished | Stuck]
