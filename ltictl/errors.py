"""Every way in which ltictl can fail, and the exit code of each.

An error says what happened, why it probably did and what to do next. Turning it into text, JSON and
an exit code is the business of ``ltictl.cli.app`` alone.
"""

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """The exit codes that scripts may rely on (docs/reference/exit-codes.md)."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    TIMEOUT = 5
    LOCKED = 6
    NEEDS_RECOVERY = 7
    PROBLEMS_FOUND = 8
    UNREADABLE = 9
    CHANGES = 10
    INTERRUPTED = 130
    TERMINATED = 143


class Actor(StrEnum):
    """The people who can do what the ``fix`` of an error says."""

    OPERATOR = "operator"  # runs ltictl, and owns the tool and its profile
    LMS_ADMINISTRATOR = "lms_administrator"  # sees the page, and never the terminal
    BOTH = "both"
    MAKERS = "makers"  # of ltictl: a defect


class HookWarning(str):
    """A warning that a hook failed: the change is made, and the run ends with exit code 1."""

    __slots__ = ()


class OperatorWarning(str):
    """A warning for the person who runs ltictl: the page does not show it to an LMS's people."""

    __slots__ = ()


class LtictlError(Exception):
    """Base of all failures that ltictl explains.

    Args:
        code: stable identifier in ``snake_case``, listed in docs/reference/errors.md.
        message: what happened, one sentence.
        why: the probable cause, may be empty.
        fix: what to do next, where possible a command.
        actor: who can do it; each subclass has its own usual one.
        attempt: id of the attempt that stays behind and has to be settled, empty for none.
        data: facts for the JSON envelope.
        instead: a name that leads nowhere as it was typed, and the name that was probably meant,
            empty for none; the command line offers itself with the second.
    """

    exit_code = ExitCode.FAILED
    actor = Actor.OPERATOR

    def __init__(
        self,
        code: str,
        message: str,
        *,
        why: str = "",
        fix: str = "",
        actor: Actor | None = None,
        attempt: str = "",
        data: dict[str, object] | None = None,
        instead: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.why = why
        self.fix = fix
        self.actor = actor or self.actor
        self.attempt = attempt
        self.instead = instead
        self.data = {"attempt": attempt} | (data or {}) if attempt else data


class UsageError(LtictlError):
    """The command line cannot be meant like that, or a question could not be asked."""

    exit_code = ExitCode.USAGE


class RefusedError(LtictlError):
    """The LMS refused, or answered something that cannot be used."""

    exit_code = ExitCode.REFUSED
    actor = Actor.LMS_ADMINISTRATOR


class RegistrationRefusedError(RefusedError):
    """The LMS refused the registration itself: it made nothing, and said why."""


class NotFoundError(LtictlError):
    """There is no such organization, integration, invitation, key or format."""

    exit_code = ExitCode.NOT_FOUND


class AlreadyExistsError(LtictlError):
    """Something of that name is there already."""


class NobodyCameError(LtictlError):
    """The timeout passed without a registration."""

    exit_code = ExitCode.TIMEOUT


class LockedError(LtictlError):
    """Another run holds the profile's lock."""

    exit_code = ExitCode.LOCKED


class NeedsRecoveryError(LtictlError):
    """An attempt was cut off and a person has to settle it."""

    exit_code = ExitCode.NEEDS_RECOVERY


class ProblemsFoundError(LtictlError):
    """``verify`` or ``doctor`` found problems; the checks in ``data`` say which."""

    exit_code = ExitCode.PROBLEMS_FOUND


class UnreadableError(LtictlError):
    """The profile, or a document in it, cannot be read."""

    exit_code = ExitCode.UNREADABLE


class InterruptedRunError(LtictlError):
    """A signal ended the run; the exit code is the one the signal asks for."""

    actor = Actor.BOTH  # who waits at the page may begin again, too

    def __init__(self, exit_code: ExitCode, message: str, *, fix: str = "") -> None:
        super().__init__("interrupted", message, fix=fix)
        self.exit_code = exit_code


class InvalidValueError(UsageError):
    """A value breaks a rule of the model.

    Args:
        field: dotted name of the field as it stands in the document, such as ``tool.url``.
        problem: the fault, in words that follow the field's name, without a full stop.
        value: the value as it may be shown, empty where the problem says enough.
        why: the reason for the rule, may be empty.
        fix: what a right value looks like.
    """

    def __init__(
        self, field: str, problem: str, *, value: str = "", why: str = "", fix: str = ""
    ) -> None:
        said = f"{field} {problem}: {value}" if value else f"{field} {problem}"
        # A problem may quote the sentence of another error.
        message = said if said.endswith(".") else f"{said}."
        super().__init__("invalid_value", message, why=why, fix=fix)
        self.field = field
        self.problem = problem
        self.value = value

    def about(self, subject: str) -> "InvalidValueError":
        """Return the same error with another subject in the field's place."""
        error = InvalidValueError(
            subject, self.problem, value=self.value, why=self.why, fix=self.fix
        )
        error.instead = self.instead
        return error
