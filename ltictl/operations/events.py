"""What happens during ``register``, as it happens: one stream for the main thread to read."""

from queue import SimpleQueue

from msgspec import Struct, field

from ltictl.errors import ExitCode, LtictlError


class Event(Struct, frozen=True):
    """Something that people and scripts want to hear of.

    Attributes:
        name: ``listening``, ``opened``, ``registering``, ``registered``, ``updated``, ``refused``,
            ``failed``, ``cancelled``, ``clicked``, ``activated``, ``warning``, ``unsettled``,
            ``waiting``, ``finishing``; ``tick`` once a second, for terminals only.
        data: without secrets; JSON values only.
    """

    name: str
    data: dict[str, object] = field(default_factory=dict)


class StopRequest(Struct, frozen=True):
    """A signal asked the run to end.

    Attributes:
        exit_code: the one that belongs to the signal.
    """

    exit_code: ExitCode


class Finished(Struct, frozen=True):
    """The registration that was waited for has ended."""


class Stuck(Struct, frozen=True):
    """A registration was cut off; another one at that LMS has to wait until a person settled it.

    Attributes:
        error: names the attempt and the command that settles it.
    """

    error: LtictlError


# Signal handlers may put into a SimpleQueue at any moment: its put is reentrant.
Inbox = SimpleQueue[Event | StopRequest | Finished | Stuck]
