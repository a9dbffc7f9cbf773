"""The ``help`` command, which shows the documentation in the terminal."""

import os
import shutil
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.render.output import Report
from ltictl.cli.session import Session
from ltictl.errors import NotFoundError

if TYPE_CHECKING:
    from ltictl.cli.render.output import Output


def show(
    session: Session,  # noqa: ARG001  every command takes one
    topic: Annotated[
        list[str],
        typer.Argument(
            metavar="TOPIC", help="A topic, 'topics' for the list, or 'error' and its code."
        ),
    ],
) -> Report:
    """Read about a topic, an error, or a command.

    Example: ltictl help no-lms-connects
    """
    from ltictl.cli import topics

    if topic == ["topics"]:
        found = {name: topics.topic_title(path) for name, path in sorted(topics.topics().items())}
        rows = list(found.items())
        return Report(
            {"topic": "topics", "text": "".join(f"{name}: {title}\n" for name, title in rows)},
            lambda output: output.table(("Topic", "Title"), rows, paged=True),
        )
    if topic[0] == "error" and len(topic) > 1:
        row = topics.error_named(topic[1])
        if not row:
            raise NotFoundError(
                "no_such_topic",
                f"There is no error '{topic[1]}'.",
                fix="ltictl help errors",
            )
        text = "".join(f"{name}: {cell}\n" for name, cell in row.items())
        return Report({"topic": " ".join(topic), "text": text}, lambda output: output.raw(text))
    name = "-".join(topic)
    path = topics.topics().get(name)
    if path is None:
        raise _no_such_topic(name, list(topics.topics()))
    text = topics.topic_text(path)
    if address := topics.topic_address(path):
        text += f"\nOn the web: {address}\n"
    return Report({"topic": name, "text": text}, lambda output: _read(output, text))


def _no_such_topic(name: str, known: list[str]) -> NotFoundError:
    near = get_close_matches(name, known, 1)
    return NotFoundError(
        "no_such_topic",
        f"There is no command or topic '{name}'.",
        fix=f"ltictl help {near[0]}" if near else "ltictl help topics",
    )


def _read(output: "Output", text: str) -> None:
    """Show a page laid out on a terminal, in a pager if it is long, and as Markdown in a pipe."""
    if not output.stdout_is_terminal:
        output.raw(text)
        return
    from ltictl.cli.render.markdown import lay_out
    from ltictl.cli.render.pager import page

    size = shutil.get_terminal_size()
    page_text = lay_out(text, min(size.columns, 100), colour=output.stdout_is_coloured)
    if page_text.count("\n") < size.lines or not page(page_text, os.environ):
        output.raw(page_text)
