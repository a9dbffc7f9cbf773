"""docs/reference/commands.md, made from the commands themselves."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

from ltictl.cli.catalogue import COMMANDS, GROUPS, Command
from ltictl.cli.command import as_command, global_parameters

PATH: Final = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

_HEAD: Final = """\
# Commands

<!-- Made by 'python -m tests.docs' from the program; do not edit by hand. -->

Every command prints data on stdout and everything else on stderr. On a terminal, lists are drawn
as tables; in a pipe they are tab-separated, with a header line. `ltictl COMMAND --help` shows the
same as this page.

[Exit codes](exit-codes.md), [JSON](json.md) and [environment variables](environment.md) have
pages of their own. Durations are written `90s`, `15m`, `24h` or `7d`.

"""
_GLOBAL_HEAD: Final = """\
## Options of every command

They may stand before or after the command. `--version` and `--help` work without a command, too.

"""


def commands_page() -> str:
    """The whole page."""
    parts = [_HEAD, _overview(), _GLOBAL_HEAD, _table(global_parameters())]
    parts += [_section(name, command) for name, command in COMMANDS.items()]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _overview() -> str:
    rows = [
        f"| [`{name}`](#{_anchor(name)}) | {command.summary} |"
        for name, command in COMMANDS.items()
    ]
    groups = [f"- `{name}`: {text}" for name, text in sorted(GROUPS.items())]
    head = ["| command | what it does |", "| --- | --- |"]
    return "\n".join([*head, *rows, "", "Groups of commands:", "", *groups])


def _anchor(name: str) -> str:
    return f"ltictl-{name.replace(' ', '-')}"


def _section(name: str, command: Command) -> str:
    function = command.load()
    wrapped = as_command(name, function, {})
    common = {each.name for each in global_parameters()}
    own = [
        each for each in inspect.signature(wrapped).parameters.values() if each.name not in common
    ]
    text, example = _described(function.__doc__ or "")
    usage = " ".join(["ltictl", name, "[OPTIONS]", *_arguments(own)])
    table = _table(own)
    options = f"\n{table}\n" if table else ""
    return f"""\
## `ltictl {name}` {{#{_anchor(name)}}}

{text}

```text
{usage}
```
{options}
Example:

```text
{example}
```
"""


def _described(docstring: str) -> tuple[str, str]:
    text, _, example = inspect.cleandoc(docstring).partition("Example: ")
    return text.strip(), example.strip()


def _arguments(parameters: list[inspect.Parameter]) -> Iterator[str]:
    for each in parameters:
        info = _info(each)
        if not _is_option(info):
            yield str(info.metavar or each.name.upper())


def _table(parameters: list[inspect.Parameter]) -> str:
    rows = [_row(each) for each in parameters]
    return (
        "\n".join(["| option | default | meaning |", "| --- | --- | --- |", *rows]) if rows else ""
    )


def _row(parameter: inspect.Parameter) -> str:
    info = _info(parameter)
    value = info.metavar or ("" if _is_flag(parameter) else _kind(parameter))
    shown = " ".join(filter(None, [_option_name(info), value]))
    return f"| `{shown}` | {_default(parameter)} | {info.help} |".replace(
        "|PATH", "\\|PATH"
    ).replace("|-", "\\|-")


def _option_name(info: Any) -> str:
    """``--name``; in the ``Annotated`` form typer keeps the first name as the default."""
    return ", ".join([info.default, *(info.param_decls or ())]) if _is_option(info) else ""


def _info(parameter: inspect.Parameter) -> Any:
    return next(each for each in get_args(parameter.annotation) if hasattr(each, "metavar"))


def _is_option(info: Any) -> bool:
    return type(info).__name__ == "OptionInfo"


def _is_flag(parameter: inspect.Parameter) -> bool:
    return get_args(parameter.annotation)[0] is bool


def _kind(parameter: inspect.Parameter) -> str:
    """What stands for a value: the choices of an enum, else the kind of value."""
    for each in get_args(get_args(parameter.annotation)[0]) or (get_args(parameter.annotation)[0],):
        if isinstance(each, type) and hasattr(each, "__members__"):
            return "\\|".join(str(member.value) for member in each)  # type: ignore[attr-defined]
        if each is int:
            return "N"
    return "DURATION" if _names_duration(parameter) else "TEXT"


def _names_duration(parameter: inspect.Parameter) -> bool:
    words = ("timeout", "expires", "older", "publish_for", "retire_after")
    return any(word in parameter.name for word in words)


def _default(parameter: inspect.Parameter) -> str:
    value = parameter.default
    if value in ("", None, False, inspect.Parameter.empty):
        return ""
    return f"`{value}`"
