"""The mail that brings a registration URL: in each language, as text and HTML, by own templates."""

import html
import re
from pathlib import Path

import pytest

from ltictl.callback.languages import LANGUAGES, speaking
from ltictl.callback.texts import text
from tests.support.cli import Ltictl
from tests.support.processes import Finished

PUBLIC = ("--public-url", "https://tool.invalid/lti/register")
MAIL = """[mail]
sender = "Jane <b>Doe</b>"
contact = "jane@tool.example"
"""
TEMPLATES = """[mail.text]
nl = '''
Dag! $tool voor $lms kost $$0: $url
$steps'''
[mail.html]
nl = "<p>$sender</p><pre>$url</pre><ol>$steps</ol><ul>$shared$allowed</ul>"
"""


def mailed(acme: Ltictl, *args: str) -> Finished:
    return acme("registration-url", "--org", "acme", "--instructions", "moodle", *PUBLIC, *args)


def append_settings(profile: Path, toml: str) -> None:
    settings = profile / "profile.toml"
    kept = settings.read_text().replace("[mail]\n", "")
    settings.write_text(f"{kept}\n{toml}")


def test_the_mail_says_who_what_how_and_until_when(acme: Ltictl, profile: Path) -> None:
    append_settings(profile, MAIL)

    mail = mailed(acme).stdout

    for words in (
        "Connect Example Tool to Moodle\n\nHello,",
        "  - e-mail address",
        "  - send grades to the gradebook",
        "  https://tool.invalid/lti/register?t=",
        "  1. Site administration > Plugins",
        "The address works once, until 20",
        "Questions? Write to jane@tool.example.",
        "Jane <b>Doe</b>\nExample Tool\nhttps://tool.invalid",
    ):
        assert words in mail
    assert "works only in a browser on the computer" not in mail


@pytest.mark.parametrize("tag", ["de", "pt-BR", "ar", "ja", "zh-Hans"])
def test_the_mail_is_in_the_language_that_was_asked_for(acme: Ltictl, tag: str) -> None:
    mail = mailed(acme, "--lang", tag).stdout
    page = mailed(acme, "--lang", tag, "--html").stdout

    with speaking(tag):
        for words in (text("mail_greeting"), text("what_to_do"), text("data")):
            assert words in mail
            assert words in html.unescape(page)
    assert f'<html lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}">' in page
    for left in ("Hello", "Paste", "press", "first name", "The address"):
        assert left not in mail + page


def test_html_loads_nothing_and_shows_foreign_text_as_text(acme: Ltictl, profile: Path) -> None:
    append_settings(profile, MAIL)

    page = mailed(acme, "--html").stdout

    assert "Jane &lt;b&gt;Doe&lt;/b&gt;" in page
    assert re.findall(r"<(?:script|img|link|iframe|form)\b", page) == []
    assert re.findall(r'href="([^"]*)"', page) == ["https://tool.invalid"]  # the URL is no link


def test_own_templates_are_filled(acme: Ltictl, profile: Path) -> None:
    append_settings(profile, MAIL + TEMPLATES)

    mail, page = (mailed(acme, "--lang", "nl", *each).stdout for each in ((), ("--html",)))

    assert re.match(
        r"Dag! Example Tool voor Moodle kost \$0: https://tool\.invalid/\S+\n  1\. ", mail
    )
    assert page.startswith("<p>Jane &lt;b&gt;Doe&lt;/b&gt;</p><pre>https://tool.invalid/")
    assert "<li>voornaam</li>" in page
    assert "Hallo," not in mail + page
    assert "Hello," in mailed(acme).stdout  # the other languages keep ltictl's own


def test_apply_writes_mails_in_a_language(acme: Ltictl, profile: Path) -> None:
    wanted = profile.parent / "wanted.csv"
    wanted.write_text("slug\nbeta\n")

    refused = acme("apply", str(wanted), "--yes", "--lang", "xx")
    applied = acme("apply", str(wanted), "--yes", "--json", "--lang", "fr", *PUBLIC)

    assert (refused.code, "no language 'xx'" in refused.stderr) == (4, True)
    letter = Path(applied.data["invitations"][0]["file"]).read_text("utf-8")
    assert "Bonjour," in letter


@pytest.mark.parametrize(
    ("args", "code", "error"),
    [
        (("--instructions", "moodle", "--lang", "klingon"), 4, "no_such_language"),
        (("--lang", "de"), 2, "options_missing"),
        (("--html",), 2, "options_missing"),
    ],
)
def test_a_form_that_cannot_be_had_issues_no_url(
    acme: Ltictl, args: tuple[str, ...], code: int, error: str
) -> None:
    done = acme("registration-url", "--org", "acme", "--json", *args)

    assert (done.code, done.error["code"]) == (code, error)
    assert acme("invitation", "list", "--json").data["invitations"] == []


def test_every_language_has_its_mail(acme: Ltictl) -> None:
    starts = {mailed(acme, "--lang", tag).stdout.partition("\n")[0] for tag in LANGUAGES}
    assert len(starts) == len(LANGUAGES)
