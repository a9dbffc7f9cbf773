"""The author of a change: the person or the job that ran a command."""

from msgspec import Struct


class Author(Struct, frozen=True):
    """The person or job that changes something, and the command.

    Attributes:
        user: the operating system's name of the user.
        host: the computer's name.
        name: what ``LTICTL_ACTOR`` says, empty for nothing; it goes before the others.
        job: address of the CI job, empty outside CI.
        command: the command line without secrets.
        action: the command's name.
    """

    user: str = ""
    host: str = ""
    name: str = ""
    job: str = ""
    command: str = ""
    action: str = ""

    @property
    def in_words(self) -> str:
        """The author in a few words."""
        return self.name or self.job or "@".join(filter(None, (self.user, self.host)))
