"""The commands as facts: names, words, options, arguments; for completion and the man page."""

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

from msgspec import Struct

from ltictl.cli.catalogue import COMMANDS
from ltictl.cli.command import as_command, global_parameters


class Parameter(Struct, frozen=True):
    """An option or an argument.

    Attributes:
        names: ``--org``; empty for an argument.
        metavar: what stands for its value; empty for a flag.
        text: what it means.
        choices: the only values there are, empty if there are others.
        default: as people would write it, empty for none.
    """

    names: tuple[str, ...]
    metavar: str
    text: str
    choices: tuple[str, ...] = ()
    default: str = ""


class Description(Struct, frozen=True):
    """One command.

    Attributes:
        name: ``org add``.
        summary: one line.
        text: its first paragraph.
        example: a command line.
        arguments: in order.
        options: its own; the global ones are not among them.
    """

    name: str
    summary: str
    text: str
    example: str
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]


def describe(name: str) -> Description:
    """The facts about one command."""
    command = COMMANDS[name]
    function = command.load()
    common = {each.name for each in global_parameters()}
    signature = inspect.signature(as_command(name, function, {}))
    own = [_parameter(each) for each in signature.parameters.values() if each.name not in common]
    text, _, example = inspect.cleandoc(function.__doc__ or "").partition("Example: ")
    return Description(
        name,
        command.summary,
        text.strip(),
        example.strip(),
        tuple(each for each in own if not each.names),
        tuple(each for each in own if each.names),
    )


def describe_all() -> Iterator[Description]:
    """Every command, in the catalogue's order."""
    return (describe(name) for name in COMMANDS)


def global_options() -> tuple[Parameter, ...]:
    """The options of every command."""
    return tuple(_parameter(each) for each in global_parameters())


def _parameter(parameter: inspect.Parameter) -> Parameter:
    kind, *rest = get_args(parameter.annotation)
    info: Any = next(each for each in rest if hasattr(each, "metavar"))
    # In the Annotated form typer keeps the first name as the default.
    option = type(info).__name__ == "OptionInfo"
    names = (info.default, *(info.param_decls or ())) if option else ()
    choices = _choices(kind)
    metavar = info.metavar or "|".join(choices)
    default = parameter.default
    given = "" if default in ("", None, False, inspect.Parameter.empty) else str(default)
    if option and isinstance(info.show_default, str):
        given = info.show_default
    return Parameter(names, metavar, info.help or "", choices, given)


def _choices(kind: Any) -> tuple[str, ...]:
    for each in get_args(kind) or (kind,):
        if isinstance(each, type) and issubclass(each, Enum):
            return tuple(str(member.value) for member in each)
    return ()
