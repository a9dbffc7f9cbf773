"""The mail that brings a registration URL to an LMS administrator, as text and as HTML."""

from datetime import datetime
from string import Template
from typing import Final

from msgspec import Struct

from ltictl.callback.languages import LANGUAGES, speaking, translate
from ltictl.callback.texts import text
from ltictl.errors import NotFoundError
from ltictl.lti.vocabulary import CLAIM_MEANING, SCOPE_MEANING, full_scope
from ltictl.model.moment import to_the_minute
from ltictl.model.profile import Settings
from ltictl.model.suggestion import likeliest
from ltictl.model.web_address import WebAddress
from ltictl.platforms.family import Family
from ltictl.platforms.table import next_steps

_TEMPLATE: Final = "mail.html"


def for_here_only(base: str) -> tuple[str, ...]:
    """Return a warning if the page's address leads to the computer of the person who opens it."""
    # At the school that address leads to the reader's own computer.
    if not WebAddress.parse(base, "--public-url").is_loopback:
        return ()
    fact = f"{base} works only in a browser on this computer; do not send it to a school."
    return (f"{fact} Give --public-url, or set public_url in [callback] of profile.toml.",)


def check_language(tag: str) -> str:
    """Return the tag of a language that mails can be in.

    Raises:
        NotFoundError: there is no such language.
    """
    if tag in LANGUAGES:
        return tag
    raise NotFoundError(
        "no_such_language",
        f"There is no language {tag[:40]!r}.",
        fix=f"Known: {', '.join(LANGUAGES)}.",
        instead=(tag, likeliest(tag, LANGUAGES)),
    )


class Mail(Struct, frozen=True):
    """One mail.

    Attributes:
        settings: who sends it, and the tool.
        family: the LMS.
        url: the registration URL, a secret.
        expires_at: the end of the URL's life.
        language: its tag.
    """

    settings: Settings
    family: Family
    url: str
    expires_at: datetime
    language: str

    def as_text(self) -> str:
        """Write the mail as plain text."""
        own = self.settings.mail.text.get(self.language, "")
        with speaking(self.language):
            return _filled(own, self._texts()) if own else self._plain()

    def as_html(self) -> str:
        """Write the mail as HTML that loads nothing."""
        from ltictl.callback.pages import TEMPLATES

        own = self.settings.mail.html.get(self.language, "")
        with speaking(self.language):
            if own:
                return _filled(own, self._marked_up())
            return TEMPLATES.get_template(_TEMPLATE).render(mail=self) + "\n"

    def _marked_up(self) -> dict[str, str]:
        from markupsafe import escape

        listed = {
            name: "".join(f"<li>{escape(each)}</li>" for each in items)
            for name, items in self._lists().items()
        }
        values = {name: str(escape(value)) for name, value in self._values().items()}
        return values | listed

    @property
    def lms(self) -> str:
        """Name of the LMS."""
        return translate(self.family.title)

    @property
    def tool(self) -> str:
        """Name of the tool."""
        return self.settings.tool.at(self.family.slug).name

    @property
    def sender(self) -> str:
        """Name of the people who send the mail, empty if unknown."""
        return self.settings.mail.sender

    @property
    def contact(self) -> str:
        """How to reach them, empty if unknown."""
        return self.settings.mail.contact or next(iter(self.settings.tool.contacts), "")

    @property
    def site(self) -> str:
        """Address of the tool's home page."""
        return self.settings.tool.url

    @property
    def is_for_here_only(self) -> bool:
        """Whether the URL leads to the computer of the person who opens it."""
        return WebAddress.parse(self.url, "url").is_loopback

    @property
    def valid_until(self) -> str:
        """The end of the URL's life, for people."""
        return to_the_minute(self.expires_at)

    @property
    def shared(self) -> tuple[str, ...]:
        """The personal data that the LMS will share."""
        claims = self.settings.tool.at(self.family.slug).claims
        return tuple(translate(CLAIM_MEANING.get(each, each)) for each in claims)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The things that the tool will be able to do."""
        scopes = map(full_scope, self.settings.tool.at(self.family.slug).scopes)
        return tuple(translate(SCOPE_MEANING.get(each, each)) for each in scopes)

    @property
    def steps(self) -> tuple[str, ...]:
        """The clicks in the LMS, in order."""
        family = self.family
        after = next_steps(family, has_deployment=family.names_deployment)
        clicks = (*map(translate, family.paste), *map(translate, after))
        return clicks if family.names_deployment else (*clicks, text("mail_send_back"))

    def _lists(self) -> dict[str, tuple[str, ...]]:
        return {"shared": self.shared, "allowed": self.allowed, "steps": self.steps}

    def _values(self) -> dict[str, str]:
        names = ("tool", "lms", "url", "sender", "site", "contact", "valid_until")
        return {name: getattr(self, name) for name in names}

    def _texts(self) -> dict[str, str]:
        numbered = "\n".join(f"  {number}. {step}" for number, step in enumerate(self.steps, 1))
        lists = {"shared": _dashed(self.shared), "allowed": _dashed(self.allowed)}
        return {**self._values(), **lists, "steps": numbered}

    def _plain(self) -> str:
        named = {"tool": self.tool, "lms": self.lms}
        texts = self._texts()
        data = texts["shared"] or f"  {text('no_data')}"
        services = texts["allowed"] or f"  {text('no_services')}"
        paragraphs = [
            text("confirm_title", **named),
            text("mail_greeting"),
            text("mail_intro", **named),
            f"{text('data')}:\n{data}",
            f"{text('services', tool=self.tool)}:\n{services}",
            f"{text('mail_paste', lms=self.lms)}\n\n  {self.url}",
            text("mail_here") if self.is_for_here_only else "",
            f"{text('what_to_do')}:\n{texts['steps']}",
            text("mail_valid", time=self.valid_until),
            text("mail_contact", contact=self.contact) if self.contact else "",
            "\n".join(each for each in (self.sender, self.tool, self.site) if each),
        ]
        return "\n\n".join(each for each in paragraphs if each) + "\n"


def _dashed(items: tuple[str, ...]) -> str:
    return "\n".join(f"  - {each}" for each in items)


def _filled(template: str, values: dict[str, str]) -> str:
    # The profile's check of templates has refused names that are not there.
    return Template(template).substitute(values).rstrip("\n") + "\n"
