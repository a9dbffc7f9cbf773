"""Documents as TOML: written with a schema and a mark, and read back."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ltictl.errors import LtictlError, UnreadableError
from ltictl.store.layout import SECRETS
from ltictl.store.refusals import no_toml
from ltictl.store.toml import NotTomlError, parse

Document = Mapping[str, Any]

SCHEMA = 1


def fresh_mark() -> str:
    """Return a random ``write`` mark for a document."""
    # It tells a run's own write from another's after a doubtful outcome, and A after B from A.
    return os.urandom(8).hex()


def render_document(document: Document, mark: str = "") -> bytes:
    """Return a document as TOML, with ``schema`` and a ``write`` mark.

    Args:
        document: its members.
        mark: the mark; a fresh one if empty.
    """
    import tomli_w

    # First, so that a person sees at once which layout it is.
    marked = {"schema": SCHEMA, "write": mark or fresh_mark()} | {
        key: value for key, value in document.items() if key not in {"schema", "write"}
    }
    try:
        text = tomli_w.dumps(marked)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise LtictlError(
            "not_text", "A value holds half of a character and cannot be written down."
        ) from error


def parse_document(file: str, data: bytes) -> Document:
    """Read the bytes of a document.

    Raises:
        UnreadableError: they are no TOML, or of a newer schema.
    """
    try:
        document = parse(data.decode("utf-8"))
    except NotTomlError as error:
        # The line of a secret would show it.
        secret = Path(file).parent.name == SECRETS
        problem = f"{error.place}: {error.problem}{'' if secret else f': {error.text}'}"
        raise no_toml(file, problem) from error
    except (ValueError, RecursionError) as error:
        raise no_toml(file, f" is damaged: {error}") from error
    if document.get("schema", SCHEMA) != SCHEMA:
        raise UnreadableError(
            "newer_schema",
            f"{file} has schema {document.get('schema')!r}; this ltictl knows {SCHEMA}.",
            why="It was written by a newer ltictl.",
            fix="Upgrade ltictl on this machine.",
        )
    return document
