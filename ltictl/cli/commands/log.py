"""``log``: who changed what, when, and by which command."""

from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import ProblemsFoundError, UsageError

if TYPE_CHECKING:
    from ltictl.operations.context import Context
    from ltictl.operations.log.history import Question


@writes
def log(
    session: Session,
    name: Annotated[
        str, typer.Argument(metavar="[ID]", help="Only what changed this integration.")
    ] = "",
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="Only what changed this organization.")
    ] = "",
    since: Annotated[
        str, typer.Option("--since", metavar="TIME", help="7d, 2026-01-31 or an RFC 3339 time.")
    ] = "",
    action: Annotated[
        str, typer.Option("--action", metavar="NAME", help="Only this kind of change.")
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", help="Go on with each new entry.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check that nothing was changed or taken out.")
    ] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="Add what a crash or an editor kept out of it.")
    ] = False,
) -> Report:
    """Show who changed what, when, and by which command.

    Each entry carries the digest of the former one; --check goes through them all. With --follow
    and --json each entry is a line of JSON.

    Example: ltictl log acme-moodle --since 30d
    """
    from ltictl.operations.log.history import Question, parse_since

    if check + complete + follow > 1:
        raise UsageError(
            "options_conflict",
            "--check, --complete and --follow are three different things.",
            fix="Give one of them.",
        )
    context = session.context()
    question = Question(name, org, action, parse_since(since, context.now()))
    if complete:
        return _complete(context)
    if check:
        return _check(context)
    if follow:
        return _follow(session, context, question)
    return _show(context, question)


def _show(context: "Context", question: "Question") -> Report:
    from ltictl.cli.render.log_entries import HEADINGS, entry_row, entry_view
    from ltictl.operations.log.history import read_history

    entries, damaged = read_history(context, question)
    now = context.now()

    def human(output: Output) -> None:
        if entries:
            rows = [entry_row(each, output.moment(each.at, now)) for each in entries]
            output.table(HEADINGS, rows, paged=True)
        else:
            output.note(_nothing_found(context, question))

    warning = f"{damaged} lines of the log are damaged; 'ltictl log --check' says which."
    return Report(
        {"entries": [entry_view(each) for each in entries], "check": None},
        human,
        warnings=(warning,) if damaged else (),
    )


def _nothing_found(context: "Context", question: "Question") -> str:
    from ltictl.model.record import replace
    from ltictl.operations.log.history import read_history

    # A mistyped action gets the ones that there are; an unknown one is no mistake by itself, since
    # a later version may have written it.
    others, _ = read_history(context, replace(question, action="")) if question.action else ((), 0)
    known = ", ".join(sorted({each.action for each in others} - {""}))
    if not known:
        return "The log has no such entry."
    return f"No such entry has the action {question.action!r}; the others have {known}."


def _follow(session: Session, context: "Context", question: "Question") -> Report:
    from ltictl.cli.render.log_entries import entry_json, entry_line
    from ltictl.operations.log.history import follow_history

    output = session.output
    # Its line would stand between the entries.
    output.status.clear()
    for entry in follow_history(context, question):  # ends by Ctrl-C
        if output.json:
            output.raw(entry_json(entry) + "\n")
        else:
            output.line(entry_line(entry))
    return Report({"entries": [], "check": None}, lambda _: None)


def _check(context: "Context") -> Report:
    from ltictl.cli.render.log_entries import findings_lines, findings_view
    from ltictl.operations.log.check_log import check_log

    found = check_log(context)

    def human(output: Output) -> None:
        for line in findings_lines(found):
            output.line(line)

    return Report(
        {"entries": [], "check": findings_view(found)},
        human,
        error=_broken(len(found.broken)) if found.broken else None,
    )


def _broken(count: int) -> ProblemsFoundError:
    return ProblemsFoundError(
        "log_broken",
        f"The log does not fit together in {count} {'place' if count == 1 else 'places'}.",
        why="Lines were changed, taken out or put in by other means than ltictl, or a disk failed.",
        fix="Compare it with a backup: the lines before the first break are as they were written.",
    )


def _complete(context: "Context") -> Report:
    from ltictl.cli.render.log_entries import findings_view
    from ltictl.operations.log.check_log import check_log
    from ltictl.operations.log.complete_log import complete_log

    done = complete_log(context)

    def human(output: Output) -> None:
        output.note(
            f"Added {done.outcomes} outcomes, and entries for {len(done.documents)} documents."
        )

    return Report({"entries": [], "check": findings_view(check_log(context))}, human)
