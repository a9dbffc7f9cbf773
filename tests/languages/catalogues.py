"""Reads the translatable sentences and the catalogues on disk."""

import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ltictl.callback.languages import ENGLISH, LANGUAGES
from ltictl.callback.texts import TEXTS
from ltictl.errors import Actor
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, NOTICE_MEANING, SCOPE_MEANING
from ltictl.operations.invite import ASK_FOR_ANOTHER, UNUSABLE
from ltictl.platforms.table import (
    ANY_OTHER,
    NO_TOKEN,
    UNEXPLAINED,
    all_families,
    generic,
    next_steps,
)

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

    for sentence in dict.fromkeys([*_of_lmss(), *_of_errors()]):
        yield sentence, "ltictl/platforms, ltictl/operations/invite.py"


def _of_lmss() -> Iterator[str]:
    """The clicks and notes of every LMS that registers tools dynamically."""
    yield generic().title
    for family in all_families():
        if family.dynamic:
            yield from (*family.paste, *family.notes)
            for version, by_hand, known in product(("", "4.0"), (False, True), (True, False)):
                yield from next_steps(
                    family, has_deployment=known, by_hand=by_hand, version=version
                )
            if family.updates_wait:
                yield family.place


def _of_errors() -> Iterator[str]:
    """The sentences of errors that hold no value and are for an LMS's administrator."""
    for message, why in UNUSABLE.values():
        yield message
        if "{" not in why:
            yield why
    yield ASK_FOR_ANOTHER
    for cause in (*UNEXPLAINED.values(), NO_TOKEN, ANY_OTHER):
        yield cause.why
        if cause.actor is not Actor.OPERATOR:
            yield cause.fix


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
