"""Announce new problems and their ends, each once, by the hook ``on_problem``."""

import json
from collections.abc import Collection, Iterable

from msgspec import Struct

from ltictl.errors import UsageError
from ltictl.model.integration import Integration, Status
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.hooks import require_runnable, run_problem_hook


class News(Struct, frozen=True):
    """The integrations whose state the operator does not know yet.

    Attributes:
        broken: they have problems that were not announced.
        well: their announced problems are gone.
        failure: how the hook failed, empty if it did not.
    """

    broken: tuple[Integration, ...] = ()
    well: tuple[Integration, ...] = ()
    failure: str = ""


def require_announcer(context: Context) -> None:
    """Check that the hook is set and can be run, before anything is verified.

    Raises:
        UsageError: ``no_problem_hook``.
        LtictlError: ``hook_missing``, or ``hook_not_trusted``.
    """
    argv = context.profile.settings().hooks.on_problem
    if not argv:
        raise UsageError(
            "no_problem_hook",
            "--notify runs the command in hooks.on_problem, and profile.toml has none.",
            fix="Set hooks.on_problem in profile.toml; see 'ltictl help settings'.",
        )
    require_runnable(context, argv, "hooks.on_problem")


def announce_news(context: Context, identifiers: Collection[str]) -> News:
    """Run the hook if the stored state of these integrations is news.

    Args:
        context: the profile.
        identifiers: the integrations that were verified.
    """
    named = frozenset(identifiers)
    looked_at = [
        each
        for each in context.profile.integrations.all()
        # Nobody uses a disabled integration, so its problems are no news.
        if each.id in named and each.status is not Status.DISABLED
    ]
    broken = tuple(e for e in looked_at if e.problems and not e.problem_announced)
    well = tuple(e for e in looked_at if not e.problems and e.problem_announced)
    if not broken and not well:
        return News()
    document = json.dumps({"version": 1, "broken": _views(broken), "well": _views(well)})
    failure = run_problem_hook(context, len(broken), len(well), document.encode())
    # Only after the hook ended well: a run that is cut off, or whose hook fails, leaves the news
    # to the next run.
    if not failure:
        _remember(context, broken, well)
    return News(broken, well, failure)


def _remember(context: Context, broken: Iterable[Integration], well: Iterable[Integration]) -> None:
    announced = {
        **{each.id: lambda stored: replace(stored, problem_announced=True) for each in broken},
        **{each.id: lambda stored: replace(stored, problem_announced=False) for each in well},
    }
    for error in context.profile.integrations.change_each(announced).values():
        context.warn(f"{error.message} The next run announces it again. {error.fix}".strip())


def _views(integrations: Iterable[Integration]) -> list[dict[str, object]]:
    return [
        {
            "id": each.id,
            "organization": each.organization,
            "host": each.platform.host,
            "problems": list(each.problems),
        }
        for each in integrations
    ]
