"""Collect the words of the HTML or XML page with which an LMS refuses."""

from contextlib import suppress
from html.parser import HTMLParser

_XML_TAGS = frozenset({"code", "message", "error", "description", "detail"})


def message_or_headings(text: str) -> list[str]:
    """Return the words of a page's error message if it marks one, else those of its headings."""
    page = _PageText(xml=text.lstrip().startswith("<?xml"))
    with suppress(AssertionError):  # Python's parser stumbles over "<![" with an unknown word
        page.feed(text)
    return page.message or page.title


class _PageText(HTMLParser):
    """Collects a page's error message, which Moodle marks as ``errormessage``, and its headings."""

    def __init__(self, *, xml: bool) -> None:
        super().__init__()
        self._titles = {"title", "h1"} | (_XML_TAGS if xml else frozenset())
        self.message: list[str] = []
        self.title: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "errormessage" in (dict(attrs).get("class") or "").split():
            self._into = self.message
        elif tag in self._titles:
            self._into = self.title

    def handle_endtag(self, tag: str) -> None:
        if tag in {*self._titles, "p", "div"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)
