"""The words of one command line before a parser reads them, and corrected copies of it.

Errors use it to offer the command line that the person probably meant.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from ltictl.cli.catalogue import COMMANDS, GROUPS
from ltictl.model.hint import hint

_VALUED: Final = "--profile"  # the one global option that takes a value
_HELP: Final = ("--help", "-h")
# Groups of commands that are topics as well: 'ltictl help keys' is the page.
_PAGES: Final = frozenset({"keys", "profile"})


class CommandLine(Struct, frozen=True, dict=True):
    """The arguments of one run.

    Attributes:
        words: without the program's name.
    """

    words: tuple[str, ...]

    @classmethod
    def of(cls, argv: Sequence[str]) -> "CommandLine":
        """Read ``argv``, with ``version`` as ``--version`` and ``help X`` as ``X --help``.

        Where ``X`` names no command, ``help`` is a command and ``X`` a topic.
        """
        line = cls(tuple(argv))
        first = next(iter(line.command_words), "")
        if first == "version":
            return cls(("--version",))
        if first != "help" or line.asks_for_help:
            return line
        at = line.words.index(first)
        behind = line.words[at + 1 :]
        topic = [word for word in behind if not word.startswith("-")]
        if behind and not _is_helped(topic):
            return line
        return cls((*line.words[:at], *line.words[at + 1 :], "--help"))

    @property
    def before_separator(self) -> tuple[str, ...]:
        """The words before ``--``, after which no word is an option."""
        return self.words[: self.words.index("--")] if "--" in self.words else self.words

    @property
    def json(self) -> bool:
        """Whether the person asked for JSON."""
        return "--json" in self.before_separator

    @property
    def asks_for_help(self) -> bool:
        """Whether the person asked for the help of a command or of ltictl."""
        return any(each in _HELP for each in self.before_separator)

    @property
    def profile(self) -> str:
        """The value of ``--profile``, for errors outside the command."""
        value = ""
        words = self.before_separator
        for number, word in enumerate(words):
            if word == _VALUED:
                value = next(iter(words[number + 1 : number + 2]), "")
            elif word.startswith(f"{_VALUED}="):
                value = word.partition("=")[2]
        return value

    @cached_property
    def command_words(self) -> tuple[str, ...]:
        """The one or two words that name the command, right or wrong; empty without a command."""
        found: list[str] = []
        skip = False
        for word in self.before_separator:
            if skip:
                skip = False
            elif word == _VALUED:
                skip = True
            elif not word.startswith("-"):
                found.append(word)
                if len(found) == 2 or not commands_of(found[0]):  # noqa: PLR2004  group, command
                    break
        # 'sandbox' is a command and also the first word of another one.
        alone = " ".join(found) not in COMMANDS and bool(found) and found[0] in COMMANDS
        return tuple(found[:1] if alone else found)

    @property
    def name(self) -> str:
        """The name of the command, such as ``org add`` or ``list``; empty without a command."""
        return " ".join(self.command_words)

    def with_command(self, name: str) -> str:
        """Return this command line with another command."""
        words = self._to_repeat()
        at = words.index(self.command_words[0])
        for each in self.command_words:
            words.remove(each)
        words[at:at] = name.split()
        return hint(*words)

    def exchanged(self, word: str, *others: str) -> str:
        """Return this command line with its last ``word`` replaced by ``others``."""
        words = self._to_repeat()
        at = len(words) - 1 - words[::-1].index(word)
        words[at : at + 1] = others
        return hint(*words)

    def with_profile(self, name: str) -> str:
        """Return this command line for another profile."""
        return hint(_VALUED, name, *self._to_repeat())

    def extended(self, *words: str) -> str:
        """Return this command line with more words at its end."""
        return hint(*self._to_repeat(), *words)

    def moved(self, words: Sequence[str], others: Sequence[str]) -> str:
        """Return this command line without ``words`` and with ``others`` at its end."""
        remaining = self._to_repeat()
        for each in words:
            if each in remaining:
                # The last one: an option's value may equal an earlier word.
                remaining.reverse()
                remaining.remove(each)
                remaining.reverse()
        return hint(*remaining, *others)

    def holds(self, word: str) -> bool:
        """Return whether the person typed ``word``, so that ``exchanged`` can replace it."""
        return word in self._to_repeat()

    def _to_repeat(self) -> list[str]:
        """Return the words to repeat in an offered command, all but ``--json``, ``--profile``."""
        # Every offered command gets '--profile' where it needs it (ltictl.cli.render.hints).
        words: list[str] = []
        skip = False
        for word in self.words:
            if skip or word == _VALUED:
                skip = not skip
            elif word != "--json" and not word.startswith(f"{_VALUED}="):
                words.append(word)
        return words


def _is_helped(words: Sequence[str]) -> bool:
    """Return whether ``help`` before the words means the help of a command or group."""
    if not words or " ".join(words) in _PAGES:
        return False
    return is_command(words[0]) or is_command(" ".join(words))


def commands_of(group: str) -> list[str]:
    """Return the commands whose first word is ``group``."""
    return [name for name in COMMANDS if group and name.startswith(f"{group} ")]


def is_command(name: str) -> bool:
    """Return whether ``name`` is a command or a group of commands."""
    return name in COMMANDS or name in GROUPS
