"""A sentence that remembers its words and its values apart, so that a page can translate it."""

from typing import Self


class Sentence(str):
    """A text with its template and its values; everywhere else it is the plain English text.

    Attributes:
        template: the English words, with the name of each value in braces.
        values: the texts that stand in the template; a value that is a sentence itself can be
            translated too.
    """

    __slots__ = ("template", "values")

    template: str
    values: dict[str, str]

    def __new__(cls, template: str, **values: object) -> Self:
        """Fill the values in.

        Args:
            template: English words; without values its braces are ordinary characters.
            values: each is shown as ``str`` shows it.
        """
        shown = {name: _as_text(value) for name, value in values.items()}
        # str.format never looks into a value: braces in foreign text stay as they are.
        made = super().__new__(cls, template.format(**shown) if shown else template)
        made.template = template
        made.values = shown
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str]]:
        return (self.template,), self.values


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else str(value)
