"""Describe the commands as data, for completion, errors and the man page."""

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

from msgspec import Struct

from ltictl.cli.catalogue import COMMANDS
from ltictl.cli.command import as_command, global_parameters
from ltictl.cli.render.output import Output


class Parameter(Struct, frozen=True):
    """An option or an argument.

    Attributes:
        names: such as ``--org``; empty for an argument.
        metavar: the placeholder for its value; empty for a flag.
        text: its help.
        choices: all its values, empty if other values are possible.
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
        name: such as ``org add``.
        summary: one line.
        text: its first paragraph.
        example: a command line.
        arguments: in order.
        options: its own options, without the global ones.
    """

    name: str
    summary: str
    text: str
    example: str
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]


def describe(name: str) -> Description:
    """Describe one command."""
    command = COMMANDS[name]
    function = command.load()
    common = {each.name for each in global_parameters()}
    signature = inspect.signature(as_command(name, function, {}, Output()))
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
    """Describe every command, in the catalogue's order."""
    return (describe(name) for name in COMMANDS)


def global_options() -> tuple[Parameter, ...]:
    """Describe the options that every command has."""
    return tuple(_parameter(each) for each in global_parameters())


def _parameter(parameter: inspect.Parameter) -> Parameter:
    kind, *rest = get_args(parameter.annotation)
    info: Any = next(each for each in rest if hasattr(each, "metavar"))
    # typer stores the first name of an Annotated option as its default.
    option = type(info).__name__ == "OptionInfo"
    names = (info.default, *(info.param_decls or ())) if option else ()
    choices = _choices(kind)
    metavar = info.metavar or "|".join(choices)
    default = parameter.default
    shown = "" if default in ("", None, False, inspect.Parameter.empty) else str(default)
    if option and isinstance(info.show_default, str):
        shown = info.show_default
    return Parameter(names, metavar, info.help or "", choices, shown)


def _choices(kind: Any) -> tuple[str, ...]:
    for each in get_args(kind) or (kind,):
        if isinstance(each, type) and issubclass(each, Enum):
            return tuple(str(member.value) for member in each)
    return ()
