"""The ``verify`` command."""

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltictl.cli.chosen_ids import AllOption, SomeIdsArgument, require_choice
from ltictl.cli.command import reaches_lms, writes
from ltictl.cli.lms_run import choose_at
from ltictl.cli.lms_token import TokenFileOption, keyring_of
from ltictl.cli.render.json_views import check_view
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import LtictlError, ProblemsFoundError, UnreadableError
from ltictl.operations.checks.checks import Verdict
from ltictl.operations.checks.findings import (
    Finding,
    Verification,
    has_network,
    without_network,
)
from ltictl.operations.checks.news import News, announce_news, require_announcer

if TYPE_CHECKING:
    from ltictl.operations.context import Context

_Verifications = Generator[Verification, None, None]


@reaches_lms
@writes
def verify(
    session: Session,
    identifiers: SomeIdsArgument = None,
    every: AllOption = False,
    notify: Annotated[
        bool,
        typer.Option("--notify", help="Run hooks.on_problem if something broke or is well again."),
    ] = False,
    token_file: TokenFileOption = "",
) -> Report:
    """Prove from outside that integrations work: both key sets, and a token for their services.

    Example: ltictl verify acme-moodle
    """
    from ltictl.cli.render.verification import show_verification
    from ltictl.operations.checks.verify import verify as verify_integrations

    context = session.context()
    context.profile.require()
    require_choice(session, bool(identifiers) != every)
    if notify:
        require_announcer(context)
    chosen, damaged = _all(context) if every else (identifiers or [], ())
    if token_file:
        keyring, _, _ = choose_at(session, chosen, token_file)
    else:
        keyring = keyring_of(session, "", only_bound=True)
    found = verify_integrations(context, keyring.policy, chosen, keyring)
    run = _Run(context, chosen, notify=notify)
    if session.output.json:  # each result is written as it comes, and not kept
        run.data["integrations"] = _views(run.observe(found))
        return Report(run.data, lambda _: None, damaged, error=run.error, at_once=True)
    kept = tuple(run.observe(found))

    def human(output: Output) -> None:
        show_verification(output, kept)
        if run.news.broken or run.news.well:
            output.note(f"News: {len(run.news.broken)} broke, {len(run.news.well)} well again.")

    return Report({}, human, damaged, error=run.error)


class _Run:
    """The parts of the report that the last result decides: the error, and the news."""

    def __init__(self, context: "Context", chosen: list[str], *, notify: bool) -> None:
        self._context = context
        self._chosen = chosen
        self._notify = notify
        self._failed: list[str] = []
        self._count = 0
        self._unreached: list[Verification] | None = []  # ``None`` once a host was reached
        self.news = News()
        self.data: dict[str, Any] = {}

    def observe(self, found: _Verifications) -> _Verifications:
        """Yield results, and announce the news after the last one."""
        with closing(found):
            for each in found:
                self._count += 1
                self._look_for_network(each)
                if each.result is Verdict.FAIL:
                    self._failed.append(each.id)
                yield each
        if self._notify:
            self.news = announce_news(self._context, self._chosen)
            self.data["news"] = {
                "broken": [each.id for each in self.news.broken],
                "well": [each.id for each in self.news.well],
                "announced": not self.news.failure,
            }
            if self.news.failure:
                self._context.warn(self.news.failure)

    def _look_for_network(self, verification: Verification) -> None:
        if self._unreached is not None:
            self._unreached.append(verification)
            if has_network(verification):
                self._unreached = None

    def error(self) -> LtictlError | None:
        """Return the reason why the run fails, if it does."""
        if self._failed:
            return _problems(self._failed, self._count, without_network(self._unreached or ()))
        return _unannounced(self.news.failure)


def _views(found: _Verifications) -> Iterator[dict[str, Any]]:
    with closing(found):
        for each in found:
            yield {
                "id": each.id,
                "result": each.result.value,
                "checks": [check_view(check) for check in each.checks],
            }


def _unannounced(failure: str) -> LtictlError | None:
    if not failure:
        return None
    return LtictlError(
        "hook_failed",
        "The hook in hooks.on_problem failed, so the news is not announced.",
        why=failure,
        fix="Correct the hook; the next 'ltictl verify --all --notify' runs it again.",
    )


def _problems(failed: list[str], count: int, offline: Finding | None) -> ProblemsFoundError:
    return ProblemsFoundError(
        "problems_found",
        f"{len(failed)} of {count} integrations have problems.",
        why=offline.detail if offline else "A check failed; each one says what it saw.",
        fix=offline.fix if offline else f"Begin with 'ltictl show {failed[0]}'.",
    )


def _all(context: "Context") -> tuple[list[str], tuple[str, ...]]:
    """Return the ids of all readable integrations, and a warning for each of the others."""
    # One at a time and only ids, so that a run never holds ten thousand documents.
    ids, damaged = [], []
    for each in context.profile.integrations.each():
        if isinstance(each, UnreadableError):
            damaged.append(each.message)
        else:
            ids.append(each.id)
    return ids, tuple(damaged)
