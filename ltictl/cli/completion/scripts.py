"""Write the shell scripts that complete ltictl, the same for three shells.

A script holds the words of all commands and asks ``ltictl __complete`` for a profile's names.
"""

import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from ltictl.cli.catalogue import COMMANDS
from ltictl.cli.completion.templates import BASH, FISH, ZSH
from ltictl.cli.describe import Description, Parameter, describe_all, global_options

_FILES: Final = "files"
_NAMES: Final = frozenset({"organizations", "integrations", "invitations", "attempts", "profiles"})
# Metavar -> the kind of names that completes it.
_BY_METAVAR: Final = {
    "SLUG": "organizations",
    "ID": "integrations",
    "NAME|PATH": "profiles",
    "PROFILE": "profiles",
    "FILE": _FILES,
    "PATH": _FILES,
    "PEM": _FILES,
    "FOLDER": _FILES,
}
# The same for commands in which the metavar has another meaning.
_BY_PLACE: Final = {
    ("invitation revoke", "ID"): "invitations",
    ("recover", "ID"): "attempts",
    ("org add", "SLUG"): "",
}


class _Words(Struct, frozen=True):
    """The words that can follow a command, and the kinds of names for its arguments."""

    command: str
    options: tuple[Parameter, ...]
    arguments: tuple[str, ...]  # a kind of names, or a list of words, for each argument

    @property
    def flags(self) -> list[str]:
        return [name for each in self.options for name in each.names]


def completion_script(shell: str) -> str:
    """Return the script for ``bash``, ``zsh`` or ``fish``."""
    return _SCRIPTS[shell]([_words(each) for each in describe_all()])


def _words(command: Description) -> _Words:
    arguments = tuple(_values(command.name, each) for each in command.arguments)
    return _Words(command.name, (*command.options, *global_options()), arguments)


def _values(command: str, parameter: Parameter) -> str:
    """Return the kind of names for a parameter, ``files``, or its words."""
    if parameter.choices:
        return " ".join(parameter.choices)
    word = parameter.metavar.strip("[].") if parameter.metavar else ""
    if word in {"FORMAT", "FAMILY", "SHELL"}:
        return _known(word)
    return _BY_PLACE.get((command, word), _BY_METAVAR.get(word, ""))


def _known(word: str) -> str:
    if word == "FORMAT":
        from ltictl.interchange.registry import all_formats

        return " ".join(all_formats())
    if word == "FAMILY":
        from ltictl.platforms.table import slugs

        return " ".join(slugs())
    return " ".join(_SCRIPTS)


def _first_words() -> list[str]:
    """Return the words that can stand first: commands and groups."""
    return sorted({name.partition(" ")[0] for name in COMMANDS})


def _second_words() -> dict[str, list[str]]:
    """Return the words that can follow a group, or a command that others begin with."""
    found: dict[str, list[str]] = {}
    for name in COMMANDS:
        first, _, second = name.partition(" ")
        if second:
            found.setdefault(first, []).append(second)
    return found


def _bash(commands: Sequence[_Words]) -> str:
    return BASH % _posix(commands, files="compgen -f", words=_bash_words, names=_bash_names)


def _bash_words(words: str) -> str:
    return f"_ltictl_words {shlex.quote(words)}"


def _bash_names(kind: str) -> str:
    return f"_ltictl_names {kind}"


def _zsh(commands: Sequence[_Words]) -> str:
    return ZSH % _posix(commands, files="_files", words=_bash_words, names=_bash_names)


def _posix(
    commands: Sequence[_Words],
    *,
    files: str,
    words: Callable[[str], str],
    names: Callable[[str], str],
) -> dict[str, str]:
    """Return the parts that bash and zsh share: ``case`` statements over the command line."""

    def act(kind: str) -> str:
        if kind == _FILES:
            return "_ltictl_files" if files.startswith("compgen") else files
        return names(kind) if kind in _NAMES else words(kind)

    second = _second_words()
    return {
        "first": words(" ".join([*_first_words(), *_global_flags(), "--version"])),
        "groups": "|".join(sorted(second)),
        "second": _cases((group, words(" ".join(found))) for group, found in second.items()),
        "values": _cases(_value_cases(commands, act)),
        "options": _cases(
            (each.command, words(" ".join([*each.flags, "--help"]))) for each in commands
        ),
        "arguments": _cases(
            # All arguments together: the words before a word do not show which argument it is.
            (each.command, "; ".join(act(kind) for kind in each.arguments))
            for each in commands
            if each.arguments
        ),
        "nested": "|".join(f'"{name}"' for name in COMMANDS if " " in name),
    }


def _global_flags() -> list[str]:
    return [name for each in global_options() for name in each.names]


def _value_cases(
    commands: Sequence[_Words], act: Callable[[str], str]
) -> Iterable[tuple[str, str]]:
    """Yield ``command:--option`` with the completion of its value, which may be nothing."""
    for each in commands:
        for option in each.options:
            if option.metavar:
                for name in option.names:
                    yield f"{each.command}:{name}", act(_values(each.command, option))


def _cases(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f'    "{pattern}") {action} ;;' for pattern, action in pairs)


def _fish(commands: Sequence[_Words]) -> str:
    first = " ".join(_first_words())
    lines = [f"complete -c ltictl -n '__ltictl_at \"\"' -a {shlex.quote(first)}"]
    for group, words in _second_words().items():
        condition = shlex.quote(f'__ltictl_at "{group}"')
        lines.append(f"complete -c ltictl -n {condition} -a {shlex.quote(' '.join(words))}")
    for each in commands:
        lines += _fish_command(each)
    lines += [_fish_option("__ltictl_anywhere", each, "") for each in global_options()]
    return FISH % {"lines": "\n".join(lines), "groups": " ".join(sorted(_second_words()))}


def _fish_command(words: _Words) -> list[str]:
    condition = f'__ltictl_at "{words.command}"'
    shared = {name for each in global_options() for name in each.names}
    lines = [
        _fish_option(condition, each, words.command)
        for each in words.options
        if not shared & set(each.names)
    ]
    for kind in words.arguments:
        values = _fish_values(kind)
        lines.append(f"complete -c ltictl -n {shlex.quote(condition)} {values}")
    return lines


def _fish_option(condition: str, option: Parameter, command: str) -> str:
    names = " ".join(f"-l {name.removeprefix('--')}" for name in option.names)
    value = f"-r {_fish_values(_values(command, option))}" if option.metavar else ""
    text = shlex.quote(option.text)
    return f"complete -c ltictl -n {shlex.quote(condition)} {names} {value} -d {text}"


def _fish_values(kind: str) -> str:
    if kind == _FILES:
        return "-F"
    if kind in _NAMES:
        return f"-f -a '(__ltictl_names {kind})'"
    return f"-f -a {shlex.quote(kind)}" if kind else "-f"


_SCRIPTS: Final = {"bash": _bash, "zsh": _zsh, "fish": _fish}
