"""The text of ``ltictl --help``: every command under the heading of its work."""

from collections.abc import Iterator

from ltictl.cli.catalogue import GROUPS, SECTIONS
from ltictl.cli.describe import global_options

_USAGE = """\
Usage: ltictl COMMAND [OPTIONS]

Register and manage LTI 1.3 integrations. 'ltictl demo' shows how it works.
"""
# The last lines stay in sight on a terminal of 24 lines.
_END = """\
Begin: 'ltictl init', 'ltictl org add SLUG', 'ltictl register --org SLUG'.
'ltictl help COMMAND' explains a command; 'ltictl help topics' lists the topics.
"""
_MORE_OPTIONS = {
    "--version": "Show the version and end.",
    "-h, --help": "Show this, or the help of a command, and end.",
}
# The width of the commands' names, which leaves room for the summaries in 80 columns.
_WIDEST = 27


def front_page(*, colour: bool) -> str:
    """Return the whole text.

    Args:
        colour: whether a terminal shows it in colours.
    """
    options = {f"{each.names[0]} {each.metavar}".strip(): each.text for each in global_options()}
    parts = [(title, dict(_rows(title))) for title in SECTIONS]
    parts.append(("Options of every command", options | _MORE_OPTIONS))
    width = max(len(left) for _, rows in parts for left in rows) + 2
    return "\n".join([_USAGE, *(_part(title, rows, width, colour) for title, rows in parts), _END])


def _part(title: str, rows: dict[str, str], width: int, colour: bool) -> str:
    heading = f"\x1b[1m{title}\x1b[0m" if colour else title
    lines = [f"  {left:{width}}{text}".rstrip() for left, text in rows.items()]
    return "\n".join([heading, *lines, ""])


def _rows(title: str) -> Iterator[tuple[str, str]]:
    """Yield a line for each command; the commands of a group share one line."""
    commands = SECTIONS[title]
    for name, command in commands.items():
        group, _, last = name.rpartition(" ")
        if group not in GROUPS:
            yield name, command.summary
            continue
        words = [other.rpartition(" ")[2] for other in commands if other.startswith(f"{group} ")]
        if last == words[0]:
            first, *more = _joined(words, _WIDEST - len(group) - 1)
            yield f"{group} {first}", GROUPS[group]
            yield from ((f"{group} {each}", "") for each in more)


def _joined(words: list[str], width: int) -> list[str]:
    """Join words with bars, on as many lines as the width requires."""
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]}|{word}"
        lines[-1:] = [longer] if len(longer) <= width else [lines[-1], word]
    return lines
