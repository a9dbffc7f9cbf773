"""The ``doctor`` command."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import reaches_lms
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import ProblemsFoundError

if TYPE_CHECKING:
    from ltictl.operations.checks.checks import Check


@reaches_lms
def doctor(
    session: Session,
    offline: Annotated[
        bool, typer.Option("--offline", help="Skip checks that need the network.")
    ] = False,
) -> Report:
    """Check the profile, the keys, the published key set and the tool's own URLs; change nothing.

    Example: ltictl doctor
    """
    from ltictl.cli.render.json_views import check_view
    from ltictl.operations.checks.checks import Verdict
    from ltictl.operations.checks.doctor import examine

    policy = session.policy()
    checks = examine(session.context(), policy, offline=offline)

    def human(output: Output) -> None:
        output.table(
            ["Check", "Result", "Detail"],
            [[check.id, check.result.value, check.detail] for check in checks],
        )
        for fix, whose in _fixes(checks).items():
            output.note(f"{', '.join(whose)}: {fix}")
        output.note(f"{_summary(checks)}.")

    failed = [check.id for check in checks if check.result is Verdict.FAIL]
    return Report(
        {"checks": [check_view(check) for check in checks]},
        human,
        error=_problems(failed) if failed else None,
    )


def _fixes(checks: "Sequence[Check]") -> dict[str, list[str]]:
    """Return each fix with the checks that need it."""
    found: dict[str, list[str]] = {}
    for each in checks:
        if each.fix and each.result.value != "pass":
            found.setdefault(each.fix, []).append(each.id)
    return found


def _summary(checks: "Sequence[Check]") -> str:
    """Count the results in words, such as ``12 pass, 1 fail``."""
    counts = Counter(each.result.value for each in checks)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _problems(failed: list[str]) -> ProblemsFoundError:
    return ProblemsFoundError(
        "problems_found",
        f"{len(failed)} checks failed: {', '.join(failed)}.",
        why="Each check says what it saw.",
        fix="Do what the 'fix' of each check says, then run 'ltictl doctor' again.",
    )
