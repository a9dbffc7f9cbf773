"""The ``verify`` command."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ltictl.cli.chosen_ids import AllOption, SomeIdsArgument, require_choice
from ltictl.cli.command import reaches_lms, writes
from ltictl.cli.lms_run import choose_at
from ltictl.cli.lms_token import TokenFileOption, keyring_of
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import LtictlError, ProblemsFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ltictl.operations.checks.findings import Verification
    from ltictl.operations.context import Context


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
    from ltictl.cli.render.json_views import check_view
    from ltictl.cli.render.verification import show_verification
    from ltictl.operations.checks.checks import Verdict
    from ltictl.operations.checks.news import News, announce_news, require_announcer
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
    news = announce_news(context, chosen) if notify else News()

    failed = [each.id for each in found if each.result is Verdict.FAIL]
    data: dict[str, Any] = {
        # One at a time, as it is written: as JSON a result takes three times its memory.
        "integrations": (
            {
                "id": each.id,
                "result": each.result.value,
                "checks": [check_view(check) for check in each.checks],
            }
            for each in found
        )
    }
    if notify:
        data["news"] = {
            "broken": [each.id for each in news.broken],
            "well": [each.id for each in news.well],
            "announced": not news.failure,
        }

    def human(output: Output) -> None:
        show_verification(output, found)
        if news.broken or news.well:
            output.note(f"News: {len(news.broken)} broke, {len(news.well)} well again.")

    return Report(
        data,
        human,
        warnings=(*damaged, news.failure) if news.failure else damaged,
        error=_problems(failed, found) if failed else _unannounced(news.failure),
    )


def _unannounced(failure: str) -> LtictlError | None:
    if not failure:
        return None
    return LtictlError(
        "hook_failed",
        "The hook in hooks.on_problem failed, so the news is not announced.",
        why=failure,
        fix="Correct the hook; the next 'ltictl verify --all --notify' runs it again.",
    )


def _problems(failed: list[str], found: "Sequence[Verification]") -> ProblemsFoundError:
    from ltictl.operations.checks.findings import without_network

    offline = without_network(found)
    return ProblemsFoundError(
        "problems_found",
        f"{len(failed)} of {len(found)} integrations have problems.",
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
