"""Writes docs/reference/commands.md from the commands themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ltictl.cli.catalogue import SECTIONS
from ltictl.cli.describe import Description, Parameter, describe, describe_all, global_options

PATH: Final = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"

_HEAD: Final = """\
# Commands

<!-- Made by 'python -m tests.docs' from the program; do not edit by hand. -->

Every command prints data on stdout and everything else on stderr. On a terminal, lists are drawn
as tables; in a pipe they are tab-separated, with a header line. Cells are text of LMSs and people
and may begin with `=`, `+`, `-` or `@`: for a spreadsheet take `--json`, or import the columns as
text. `ltictl COMMAND --help` shows the same as this page.

[Exit codes](exit-codes.md), [JSON](json.md) and [environment variables](environment.md) have
pages of their own. A `DURATION` is written `90s`, `15m`, `24h` or `7d`.

"""
_GLOBAL_HEAD: Final = """\
## Options of every command

They may stand before or after the command. `--version` and `--help` work without a command, too.

"""


def commands_page() -> str:
    """The whole page."""
    parts = [_HEAD, *map(_overview, SECTIONS), _GLOBAL_HEAD, _table(global_options())]
    parts += [_section(each) for each in describe_all()]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _overview(title: str) -> str:
    rows = [
        f"| [`{name}`](#{_anchor(name)}) | {describe(name).summary} |" for name in SECTIONS[title]
    ]
    return "\n".join([f"| {title} | purpose |", "| --- | --- |", *rows])


def _anchor(name: str) -> str:
    return f"ltictl-{name.replace(' ', '-')}"


def _section(command: Description) -> str:
    arguments = " ".join(each.metavar for each in command.arguments)
    table = _table((*command.arguments, *command.options))
    options = f"\n{table}\n" if table else ""
    return f"""\
## `ltictl {command.name}` {{#{_anchor(command.name)}}}

{command.text}

```text
{f"ltictl {command.name} [OPTIONS] {arguments}".strip()}
```
{options}
Example:

```text
{command.example}
```
"""


def _table(parameters: Sequence[Parameter]) -> str:
    rows = [_row(each) for each in parameters]
    head = ["| option | default | meaning |", "| --- | --- | --- |"]
    return "\n".join([*head, *rows]) if rows else ""


def _row(parameter: Parameter) -> str:
    shown = " ".join([", ".join(parameter.names), parameter.metavar]).strip().replace("|", "\\|")
    default = f"`{parameter.default}`" if parameter.default else ""
    return f"| `{shown}` | {default} | {parameter.text} |"
