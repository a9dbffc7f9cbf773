"""Reads the translatable sentences and the catalogues on disk."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ltictl.callback.languages import ENGLISH, LANGUAGES
from ltictl.callback.texts import TEXTS
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, NOTICE_MEANING, SCOPE_MEANING

FOLDER = Path(__file__).parents[2] / "ltictl" / "callback" / "catalogues"
TRANSLATED = tuple(tag for tag in LANGUAGES if tag != ENGLISH)
UNREAD = "not yet read by a native speaker."


def sentences() -> Iterator[tuple[str, str]]:
    """Each English sentence, with its place; those of the relay page stay in English."""
    for name, sentence in TEXTS.items():
        if not name.startswith("relay_"):
            yield sentence, name
    for table in (CLAIM_MEANING, MESSAGE_MEANING, NOTICE_MEANING, SCOPE_MEANING):
        for name, sentence in table.items():
            yield sentence, name


def read(tag: str) -> Catalog:
    """The catalogue of a language."""
    with (FOLDER / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=tag.replace("-", "_"), abort_invalid=True)


def brought_up_to_date(tag: str) -> Catalog:
    """The catalogue with exactly the present sentences; a new one has no translation."""
    known = read(tag)
    fresh = Catalog(
        locale=tag.replace("-", "_"),
        header_comment=known.header_comment,
        project="ltictl",
        creation_date=known.creation_date,
        revision_date=known.revision_date,
        fuzzy=False,
    )
    for sentence, name in sentences():
        had = known.get(sentence)
        fresh.add(sentence, had.string if had else "", auto_comments=[name])
    return fresh


def as_po(catalogue: Catalog) -> bytes:
    """The catalogue as people edit it."""
    written = io.BytesIO()
    write_po(written, catalogue, width=100, no_location=True, sort_output=False)
    return written.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The catalogue as the program reads it."""
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()
