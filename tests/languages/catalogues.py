"""Reads the translatable sentences and the catalogues on disk."""

import ast
import io
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain, product
from pathlib import Path
from typing import TypeVar

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ltictl.callback.languages import ENGLISH, LANGUAGES
from ltictl.callback.texts import TEXTS
from ltictl.errors import Actor
from ltictl.lti import configuration
from ltictl.lti.vocabulary import CLAIM_MEANING, MESSAGE_MEANING, NOTICE_MEANING, SCOPE_MEANING
from ltictl.model.attempt import AttemptKind
from ltictl.net.failures import TEXTS as OF_NETWORK
from ltictl.net.failures import Failure
from ltictl.operations.attempts.exchange import LOST
from ltictl.operations.attempts.settle import CHANGED, FAILED, MADE
from ltictl.operations.invite import ASK_FOR_ANOTHER, UNUSABLE
from ltictl.operations.lms_facts import absent_configuration
from ltictl.operations.settled import CUT_OFF
from ltictl.platforms.family import Cause
from ltictl.platforms.table import (
    ANY_OTHER,
    NO_TOKEN,
    UNEXPLAINED,
    all_families,
    generic,
    next_steps,
)

T = TypeVar("T")
SOURCE = Path(__file__).parents[2] / "ltictl"
FOLDER = SOURCE / "callback" / "catalogues"
TRANSLATED = tuple(tag for tag in LANGUAGES if tag != ENGLISH)
_PLACE = re.compile(r"\{\w+\}")
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
    yield from (generic().title, generic().subject)
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
    """The sentences of errors that the page shows to an LMS's administrator."""
    for cause in _causes():
        yield cause.why
        if cause.actor is not Actor.OPERATOR:
            yield cause.fix
    yield from _of_tables()
    for sentence in written():
        # Two sentences one after the other are a template without words.
        if sentence not in _TERMINAL_ONLY and _PLACE.sub("", sentence).strip():
            yield sentence


def _of_tables() -> Iterator[str]:
    yield from chain.from_iterable((*UNUSABLE.values(), *_on_the_page(LOST)))
    for kind, (message, why, fix) in OF_NETWORK.items():
        if kind is Failure.CA_FILE:  # a fault of the command line
            continue
        yield from (message, why)
        if kind is Failure.REDIRECTED:  # the other fixes are for the operator
            yield fix
    for document in ("ERROR_OUTPUT", "ANOTHER_PAGE", "WRITTEN_WRONGLY"):
        yield from getattr(configuration, document)
    yield from (*_on_the_page(CUT_OFF), *_on_the_page(FAILED))
    yield from (MADE, CHANGED, ASK_FOR_ANOTHER)


def _on_the_page(table: dict[AttemptKind, T]) -> tuple[T, ...]:
    """The sentences of a table about registrations and updates; the page begins nothing else."""
    return tuple(said for kind, said in table.items() if kind is not AttemptKind.LMS_CHANGE)


def _causes() -> Iterator[Cause]:
    """The causes that a refusal of an LMS may have."""
    yield from (*UNEXPLAINED.values(), NO_TOKEN, ANY_OTHER)
    for name in ("OLD_LINK", "FIREWALL", "FAILED", "MAINTENANCE", "TOO_MANY"):
        yield getattr(absent_configuration, name)
    for family in all_families():
        yield from family.causes.values()
        yield from family.statuses.values()
        yield from family.mentions.values()


# These modules also hold words for the terminal alone.
_TERMINAL_ONLY = frozenset(
    {
        "it is about another client",
        (
            "Activities that were made with a tool work with its client_id only, and the LMS did "
            "not say that this one is gone."
        ),
        "Run 'ltictl list', and report this with the command's --verbose output.",
        "The answer itself is safe in the attempt.",
        "The file may hold secrets, and the next registration at this LMS would stop at it.",
    }
)
# Errors of these modules reach the page.
_OF_THE_PAGE = (
    "lti/configuration.py",
    "operations/attempts/carry_out.py",
    "operations/attempts/exchange.py",
    "operations/attempts/settle.py",
    "operations/attempts/single_use.py",
    "operations/attempts/threads.py",
    "operations/registration/existing.py",
    "operations/registration/inspect_platform.py",
    "operations/settled.py",
    "operations/registration/page_results.py",
    "platforms/requirements.py",
)


@cache
def written() -> tuple[str, ...]:
    """The sentences in the source: templates, and the words of the page's errors."""
    return tuple(_written())


def _written() -> Iterator[str]:
    for path in sorted(SOURCE.rglob("*.py")):
        of_page = str(path.relative_to(SOURCE)) in _OF_THE_PAGE
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                yield from _spelled(call, call.func.id, of_page=of_page)


def _spelled(call: ast.Call, name: str, *, of_page: bool) -> Iterator[str]:
    if name in {"Sentence", "JsonError"} and call.args:
        yield from _constant(call.args[0])
    elif of_page and name.endswith("Error") and name != "InvalidValueError" and len(call.args) > 1:
        given = {each.arg: each.value for each in call.keywords}
        operators = (
            "OPERATOR" in ast.dump(given["actor"])
            if "actor" in given
            else (name not in {"RefusedError", "RegistrationRefusedError", "InterruptedRunError"})
        )
        yield from _constant(call.args[1])
        yield from _constant(given.get("why"))
        if not operators:
            yield from _constant(given.get("fix"))


def _constant(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


@cache
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
