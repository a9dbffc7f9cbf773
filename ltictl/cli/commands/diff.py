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
    from ltictl.operations.compare_profiles import compare_profiles, contents_of

    both = [contents_of(session.of_profile(each).context()) for each in (first, second)]
    differences = compare_profiles(*both)

    def human(output: Output) -> None:
        if not differences:
            output.note(f"{first} and {second} agree.")
            return
        output.line(f"- {first}")
        output.line(f"+ {second}")
        for each in differences:
            output.line(f"{each.kind.value} {each.name}")
            output.line(f"  - {_shown(each.first)}")
            output.line(f"  + {_shown(each.second)}")

    data = {"profiles": [first, second], "differences": [_view(each) for each in differences]}
    warnings = tuple(message for each in both for message in each.damaged)
    return Report(data, human, warnings, changes=bool(differences))


def _shown(value: Any) -> str:
    if value is None or value in ("", [], ()):
        return "(nothing)" if value is None else "(empty)"
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _view(difference: "ProfileDifference") -> dict[str, Any]:
    from msgspec import to_builtins

    found: dict[str, Any] = to_builtins(difference)
    return found
