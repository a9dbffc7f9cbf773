"""The callback's pages as HTML, with everything foreign escaped and nothing external loaded."""

import re
import secrets
from functools import partial
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from ltictl.callback.desk import Choice, Offer, Outcome, Result
from ltictl.callback.languages import (
    ENGLISH,
    LANGUAGES,
    direction,
    is_spoken,
    spoken,
    translate,
)
from ltictl.callback.texts import text
from ltictl.errors import LtictlError
from ltictl.lti.vocabulary import CLOSE_SUBJECT
from ltictl.model.record import replace

TEMPLATES: Final = Environment(
    loader=PackageLoader("ltictl.callback"), autoescape=True, undefined=StrictUndefined
)
TEMPLATES.globals.update(
    text=text,
    close_subject=CLOSE_SUBJECT,
    languages=LANGUAGES,
    language=spoken,
    direction=direction,
)
TEMPLATES.filters["translate"] = translate

# The marks of a quotation in each language, and the step from one menu to the next.
_BETWEEN_MENUS: Final = re.compile("([„“”«»\u2018\u2019「」]| > )")


def _step(sentence: str) -> Markup:
    """Return a step in the language in use, with the menu words that stayed English marked.

    Where an LMS's language pack lacks a word, its menu shows the English one. A screen reader has
    to read it so (WCAG 2.2, 3.1.2).
    """
    pieces = _BETWEEN_MENUS.split(translate(sentence))
    return Markup("").join(map(partial(_marked, sentence), pieces))


def _marked(english: str, piece: str) -> Markup:
    word = piece.strip(" \u00a0\u2066\u2069")
    if spoken() == ENGLISH or not any(map(str.isalpha, word)) or word not in english:
        return escape(piece)
    before, _, after = piece.partition(word)
    return Markup('{}<span lang="en" dir="ltr">{}</span>{}').format(before, word, after)


TEMPLATES.filters["step"] = _step

_CLOSES_AFTER: Final = 10  # seconds, in which a person can stop it
# Pixels of the frame in sight, below which the buttons would cover what has to be read.
_LEAST_SIGHT: Final = 272  # as many as the 17rem of page.css


def compile_templates() -> None:
    """Compile the templates before the first visitor needs them."""
    # 25 ms that the first visitor would wait for.
    for name in TEMPLATES.list_templates():
        TEMPLATES.get_template(name)


def in_language(result: Result) -> tuple[Result, tuple[str, ...]]:
    """Put a result into the language in use; the sentences that no catalogue has stay apart.

    Those are about the operator's disk, store or settings: the page says in general words whose
    fault it is, and keeps the exact English words for support, folded, on an English page too.
    """
    refused = result.outcome is Outcome.REFUSED
    if refused and spoken() == ENGLISH:
        return result, ()  # what an LMS answers is in English
    sentences = (result.message, result.why, result.fix, *result.warnings)
    original = tuple(each for each in sentences if not is_spoken(each))
    elsewhere = "" if refused or is_spoken(result.message) else text("fault_elsewhere")
    translated = replace(
        result,
        message=_or(result.message, text("refused" if refused else "failed")),
        why=elsewhere or _or(result.why, ""),
        fix=_or(result.fix, text("again")),
        warnings=tuple(translate(each) for each in result.warnings if is_spoken(each)),
        title=translate(result.title),
    )
    return translated, original


def problem_of(error: LtictlError) -> str:
    """Return the words of an error that the form asks again about, in the language in use."""
    known = is_spoken(error.message) and is_spoken(error.fix)
    words = (translate(error.message), translate(error.fix)) if known else (text("failed"), "")
    return " ".join(words).strip()


def _or(sentence: str, general: str) -> str:
    return translate(sentence) if is_spoken(sentence) else general


class Pages:
    """Renders pages for one server.

    Args:
        action: path that the form posts to.
        ancestors: sources that may frame the pages (CSP ``frame-ancestors``).
    """

    def __init__(self, action: str, ancestors: str) -> None:
        self._action = action
        self._ancestors = ancestors

    def move(self, action: str) -> None:
        """Let the pages from now on lead to another path."""
        self._action = action

    def confirm(
        self,
        offer: Offer,
        *,
        visit: str,
        state: str,
        chosen: str = "",
        earlier: tuple[Choice, ...] = (),
        problem: str = "",
    ) -> HTMLResponse:
        """Return the confirmation page.

        Args:
            offer: what it shows.
            visit: id of the visit, to which a reload comes back.
            state: signed form state.
            chosen: organization chosen so far, or an unknown name as a person typed it.
            earlier: integrations that could be updated instead.
            problem: the fault of the form, empty for none.
        """
        return self._page(
            "confirm.html",
            offer=replace(offer, lms=translate(offer.lms)),
            original=tuple(each for each in offer.warnings if not is_spoken(each)),
            state=state,
            chosen=chosen,
            earlier=earlier,
            asked=chosen,
            problem=problem,
            action=self._action,
            here=self.address(visit),
            least_sight=_LEAST_SIGHT,
        )

    def result(
        self, result: Result, *, visit: str = "", status: int = 200, closable: bool = False
    ) -> HTMLResponse:
        """Return a result page, which can close itself where an LMS opened it."""
        here = self.address(visit) if visit else ""
        return self._result(result, status=status, closable=closable or bool(visit), here=here)

    def failure(
        self, error: LtictlError, *, status: int = 200, closable: bool = True
    ) -> HTMLResponse:
        """Return the result page of an error before a visit began."""
        result = Result(Outcome.FAILED, error.message, error.why, error.fix, code=error.code)
        return self._result(result, status=status, closable=closable)

    def _result(
        self, result: Result, *, status: int, closable: bool, here: str = ""
    ) -> HTMLResponse:
        translated, original = in_language(result)
        return self._page(
            "result.html",
            status=status,
            result=translated,
            original=original,
            closable=closable,
            here=here,
            seconds=_CLOSES_AFTER,
        )

    def address(self, visit: str) -> str:
        """Return the address of a visit's pages, without secrets."""
        return f"{self._action}?v={visit}"

    def _page(self, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
        # A fresh nonce for each page: an injected script or style would not know it (CSP 3, 8.2).
        nonce = secrets.token_urlsafe(16)
        # Every value is foreign until proved otherwise; autoescape is on for all templates.
        body = TEMPLATES.get_template(template).render(nonce=nonce, **values)
        response = HTMLResponse(body, status)
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
            f"img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors {self._ancestors}"
        )
        return response
