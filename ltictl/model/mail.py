"""The settings of the mail that brings a registration URL to a school; the table ``[mail]``."""

from collections.abc import Mapping
from string import Template
from typing import Final

from msgspec import Struct, field

from ltictl.errors import InvalidValueError

# Each stands in a template as $name or ${name}.
PLACEHOLDERS: Final = (
    *("tool", "lms", "url", "sender", "site", "contact"),
    *("shared", "allowed", "steps", "valid_until"),
)


class MailSettings(Struct, frozen=True):
    """The sender of the mail, and templates instead of ltictl's own.

    Attributes:
        sender: name of the person or team that sends it, empty to leave out.
        contact: how to reach them; empty for the first of the tool's contacts.
        text, html: templates by the tag of their language.
    """

    sender: str = ""
    contact: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    html: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("sender", "contact"):
            if not (getattr(self, name) or "x").isprintable():
                raise InvalidValueError(f"mail.{name}", "must be one line of printable characters")
        for form, templates in (("text", self.text), ("html", self.html)):
            for language, template in templates.items():
                _check_template(f"mail.{form}.{language}", Template(template))


def _check_template(place: str, template: Template) -> None:
    fix = f"A template knows {', '.join('$' + each for each in PLACEHOLDERS)}; write $$ for $."
    if not template.is_valid():
        raise InvalidValueError(place, "holds a $ that begins no placeholder", fix=fix)
    unknown = [each for each in template.get_identifiers() if each not in PLACEHOLDERS]
    if unknown:
        raise InvalidValueError(place, f"holds ${unknown[0]}, which is not known", fix=fix)
    if "url" not in template.get_identifiers():
        raise InvalidValueError(place, "lacks $url, the registration URL", fix=fix)
