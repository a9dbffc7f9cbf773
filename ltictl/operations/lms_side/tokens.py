"""An administrator's tokens of one run: where they came from, and what no output may show."""

from collections.abc import Callable

from msgspec import Struct

from ltictl.errors import UsageError

_SHORTEST = 8  # shorter parts would blank out innocent words


def _write_back_nowhere(secret: str) -> None:
    del secret


# A token goes only to the host for which somebody gave it: one of a run to the one LMS of that run,
# a kept one to its address; a command gets the host and prints its token.
class GivenToken(Struct, frozen=True):
    """A token from a file, from stdin or from the environment.

    Attributes:
        text: a secret, empty for none.
        base: the address of its only LMS, empty for the one LMS of the run.
        write_back: stores its successor, where the LMS replaces it at each use.
    """

    text: str = ""
    base: str = ""
    write_back: Callable[[str], None] = _write_back_nowhere

    def __repr__(self) -> str:
        return "GivenToken(...)"


class Purse(Struct):
    """The secrets of one LMS in one run; each single-use text is traded once.

    Attributes:
        secret: the given text, or its successor.
        replace_secret: stores its successor.
        token: the token of this run, empty before the trade.
        spent: former secrets, which no output may show either.
    """

    secret: str
    replace_secret: Callable[[str], None] = _write_back_nowhere
    token: str = ""
    spent: tuple[str, ...] = ()

    def take(self, token: str, replaced: str) -> None:
        """Keep the token of this run, and store the successor of the given text before."""
        if replaced:
            # Stored first: the former text is void from now on, and a crash would lose the
            # successor.
            self.replace_secret(replaced)
            self.spent = (*self.spent, self.secret)
            self.secret = replaced
        self.token = token

    @property
    def all(self) -> tuple[str, ...]:
        """Every text that an LMS could repeat and nothing may show."""
        texts = [each for each in (self.token, self.secret, *self.spent) if each]
        parts = [part for text in texts for part in secret_parts(text)]
        return tuple(dict.fromkeys([*texts, *parts]))

    def __repr__(self) -> str:
        return "Purse(...)"


def secret_parts(text: str) -> tuple[str, ...]:
    """Return the secrets in a text: the values of JSON members, or of KEY:SECRET."""
    import json

    try:
        members = json.loads(text)
    except ValueError:
        members = None
    values = members.values() if isinstance(members, dict) else text.split(":")
    return tuple(
        each
        for each in values
        # Addresses are no secrets, and stand in every answer.
        if isinstance(each, str) and len(each) >= _SHORTEST and not each.startswith(("/", "http"))
    )


def one_line_token(text: str, source: str) -> str:
    """Return a token without the line end that editors add.

    Raises:
        UsageError: ``token_empty``, or ``token_unreadable`` for characters that no header takes.
    """
    token = text.strip()
    if not token:
        raise UsageError(
            "token_empty", f"There is no token in {source}.", fix="Write the token alone into it."
        )
    if not token.isascii() or not token.replace("\n", " ").replace("\r", " ").isprintable():
        raise UsageError(
            "token_unreadable",
            f"The token of {source} holds characters that no token has.",
            fix="Copy it again, alone and as text.",
        )
    return token
