"""The command ``diff``."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session

if TYPE_CHECKING:
    from ltictl.operations.compare_profiles import ProfileDifference

_HELP = "Name, path, or address of a shared store."


def diff(
    session: Session,
    first: Annotated[str, typer.Argument(metavar="PROFILE", help=_HELP)],
    second: Annotated[str, typer.Argument(metavar="OTHER", help=_HELP)],
) -> Report:
    """Compare two profiles: settings, organizations, and the services of their integrations.

    Secrets, keys, client ids and LMS addresses are not compared. It ends with 0 where there is no
    difference, and with 10 where there is one.

    Example: ltictl diff staging prod
    """
    from ltictl.cli.render.differences import show_difference
    from ltictl.operations.compare_profiles import compare_profiles, contents_of

    sessions = [session.of_profile(each) for each in (first, second)]
    for each in sessions:
        each.require_profile()
    both = [contents_of(each.context()) for each in sessions]
    differences = compare_profiles(*both)

    def human(output: Output) -> None:
        if not differences:
            output.note(f"{first} and {second} agree.")
            return
        output.line(f"- {first}")
        output.line(f"+ {second}")
        for each in differences:
            name = f"{each.kind.value} {each.name}"
            only = _only_in(each, first, second)
            if only:
                output.line(f"{name}: only in {only}")
            else:
                show_difference(output.line, name, _shown(each.first), _shown(each.second))

    data = {"profiles": [first, second], "differences": [_view(each) for each in differences]}
    warnings = tuple(message for each in both for message in each.damaged)
    return Report(data, human, warnings, changes=bool(differences))


def _only_in(difference: "ProfileDifference", first: str, second: str) -> str:
    """Return the only profile that has an organization; empty for any other difference."""
    if difference.kind.value != "organization" or None not in (difference.first, difference.second):
        return ""
    return second if difference.first is None else first


def _shown(value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "" if value is None else "(empty)"
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _view(difference: "ProfileDifference") -> dict[str, Any]:
    from msgspec import to_builtins

    found: dict[str, Any] = to_builtins(difference)
    return found
