"""Registration URLs as LMSs open them and as people paste them: one table, two ways in."""

import json
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.callback.opened_url import OpenedUrl, read_query
from ltictl.operations.registration.pasted_address import find_address
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin, issued, listening, outcome

RECORDINGS = Path(__file__).parent.parent / "recordings" / "foreign"
TOKEN = "7d11aa22.abcd-efgh_ijkl-0123"
LMS = "https://lms.example/conf?registration_token=inner&x=1"  # Canvas: a token inside the address
REG = "eyJh.eyJz-_.sig-_"
C = quote(LMS, safe="")
T = f"t={TOKEN}"
O = f"openid_configuration={C}"  # noqa: E741
R = f"registration_token={REG}"
WHOLE = OpenedUrl(TOKEN, LMS, REG)
PLAIN = "https://lms.example/conf"

QUERIES = {
    "as specified": f"{T}&{O}&{R}",
    "other order": f"{R}&{O}&{T}",
    "second ?": f"{T}?{O}&{R}",
    "every separator a ?": f"{T}?{O}?{R}",
    "two ? at once": f"?{T}??{O}&{R}",
    "?& (ILIAS on a bare URL)": f"?{T}&&{O}&{R}",
    "encoded ?": f"{T}%3F{O}&{R}",
    "encoded ? in lower case": f"{T}%3f{O}&{R}",
    "? encoded twice": f"{T}%253F{O}&{R}",
    "everything behind the secret encoded": f"{T}{quote(f'?{O}&{R}', safe='')}",
    "everything behind the secret encoded twice": T + quote(quote(f"?{O}&{R}", safe=""), safe=""),
    "encoded &": f"{T}%26{O}&{R}",
    "&amp;": f"{T}&amp;{O}&amp;{R}",
    "&amp; in part": f"{T}&amp;{O}&{R}",
    "&AMP;": f"{T}&AMP;{O}&AMP;{R}",
    "® for &reg": f"{T}&{O}®istration_token={REG}",
    "® encoded": f"{T}&{O}%C2%AEistration_token={REG}",
    "doubled": f"{T}&{O}&{R}&{T}&{O}&{R}",
    "doubled with ?": f"{T}&{O}&{R}?{T}&{O}&{R}",
    "secret doubled": f"{T}?{T}?{O}&{R}",
    "slash behind the secret": f"{T}/&{O}&{R}",
    "slash and ?": f"{T}/?{O}&{R}",
    "encoded slash": f"{T}%2F&{O}&{R}",
    "secret encoded": f"t={TOKEN.replace('-', '%2D').replace('.', '%2E')}&{O}&{R}",
    "secret encoded twice": f"t={TOKEN.replace('-', '%252D').replace('.', '%252e')}&{O}&{R}",
    "blanks around the secret": f"t=%20{TOKEN}%20&{O}&{R}",
    "+ around the secret": f"t=+{TOKEN}+&{O}&{R}",
    "a quote behind the secret": f"{T}%22&{O}&{R}",
    "a parameter of the LMS behind the secret": f"{T}?lang=de&{O}&{R}",
    "other parameters": f"utm=1&{T}&foo&{O}&=&{R}&bar=2",
    "names in capitals": f"T={TOKEN}&OpenID_Configuration={C}&Registration_Token={REG}",
    "configuration encoded twice": f"{T}&openid_configuration={quote(C, safe='')}&{R}",
    "an older opening in front": f"{T}&openid_configuration=https://old.example/&registration_token=old&{O}&{R}",
}
READ = {
    "unencoded configuration with a query": (
        f"{T}?openid_configuration=https://lms.example/c?id=5&{R}",
        OpenedUrl(TOKEN, "https://lms.example/c?id=5", REG),
    ),
    "no token": (f"{T}?{O}", OpenedUrl(TOKEN, LMS)),
    "a token of an older opening is not sent to another LMS": (
        f"{T}&openid_configuration=https://old.example/&registration_token=old&{O}",
        OpenedUrl(TOKEN, LMS),
    ),
    "clicked": (T, OpenedUrl(TOKEN)),
    "no secret": (f"t=&{O}", OpenedUrl("", LMS)),
    "no dot": (f"t=abc&{O}", OpenedUrl("abc", LMS)),
    "nothing": ("", OpenedUrl()),
    "nonsense": ("%&=?%%3F;;&&t", OpenedUrl()),
}

U = f"https://tool.example/lti/register?{T}&{O}&{R}"
TEXTS = {
    "alone": U,
    "a full stop": f"{U}.",
    "a sentence around": f"Hi, please use {U} today. Thanks",
    "a line around": f"Hi,\n\n{U}\n\nThanks",
    "a word in the next line": f"{U}\nThanks",
    "angle brackets": f"<{U}>",
    "quotes": f'"{U}"',
    "markdown": f"[the link]({U})",
    "HTML": f'<p><a href="{U.replace("&", "&amp;")}">link</a></p>',
    "JSON": json.dumps({"url": U}).replace("/", "\\/").replace("&", "\\u0026"),
    "wrapped at 76": "\n".join(U[i : i + 76] for i in range(0, len(U), 76)),
    "wrapped at 40, with words": "Look:\n" + "\n".join(U[i : i + 40] for i in range(0, len(U), 40)),
    "quoted and wrapped": "\n".join(f"> {U[i : i + 70]}" for i in range(0, len(U), 70)),
    "a break before &": U.replace("&", "\r\n&"),
    "a blank before &": U.replace("&", " &"),
    "source of a mail": U.replace("=", "=3D").replace("openid_conf", "openid_conf=\n"),
    "no https://": U.removeprefix("https://"),
    "the query alone": U.partition("?")[2],
    "behind the registration URL itself": f"https://tool.example/lti/register?{T}\n{U}",
    "a safe link": f"https://safe.example/?url={quote(U, safe='')}&data=5",
    "zero-width characters": U.replace("/lti", "\u200b/lti\ufeff"),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_spoiled_query_is_read_whole(query: str) -> None:
    opened = read_query(query)

    assert opened == WHOLE, _shown(opened)
    assert repr(opened) == "OpenedUrl(...)"


@pytest.mark.parametrize(("query", "right"), READ.values(), ids=READ)
def test_missing_parameters_stay_empty(query: str, right: OpenedUrl) -> None:
    assert read_query(query) == right, _shown(read_query(query))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_address_is_found_in_a_pasted_text(text: str) -> None:
    found = find_address(text)

    assert found is not None
    assert found[1] == WHOLE, _shown(found[1])


@pytest.mark.parametrize(
    "text", ["hello", "ftp://x/?openid_configuration=x", "https://[::1/", "?="]
)
def test_no_address_is_found_where_none_is(text: str) -> None:
    assert find_address(text) is None


@given(st.text(max_size=300))
def test_nothing_breaks_the_readers(text: str) -> None:
    assert repr(read_query(text)) == "OpenedUrl(...)"
    assert repr(find_address(text)).count(TOKEN) == 0
    assert find_address(f"{U}{text}") is not None


@given(st.sampled_from("?&/ "), st.text("abcdefghijklmnop0123456789-_.~", min_size=1, max_size=40))
def test_any_registration_token_survives_any_separator(mark: str, token: str) -> None:
    opened = read_query(f"{T}{quote(mark) if mark == ' ' else mark}&{O}&registration_token={token}")

    assert opened == OpenedUrl(TOKEN, LMS, token), _shown(opened)


def _shown(opened: OpenedUrl) -> tuple[str, str, str]:
    return opened.token, opened.configuration_url, opened.registration_token


def replayed(platform: str) -> PlaybackPlatform:
    """A recorded platform; its configuration names the addresses of the recording's host."""
    text = (RECORDINGS / platform / "configuration-200.json").read_text("utf-8")
    recorded = json.loads(text)["response"]["body"]
    origin = json.loads(recorded)["issuer"].rstrip("/")
    return PlaybackPlatform(json.loads(recorded.replace(origin, "https://moodle.example")))


def spoiled(url: str, how: str, lms: str) -> str:
    added = f"openid_configuration={quote(lms, safe='')}&registration_token=the-token"
    base, _, query = url.partition("?")
    return {
        "second ?": f"{url}?{added}",
        "encoded ?": f"{url}%3F{added}",
        "encoded first ?": f"{base}%3F{query}?{added}",
        "encoded first ? and no other": f"{base}%3F{query}&{added}",
        "trailing slash of the path": f"{base}/?{query}&{added}",
        "trailing slash of the secret": f"{url}/?{added}",
        "&amp;": f"{url}&amp;{added.replace('&', '&amp;')}",
        "upper case": f"{base}?t={query.partition('=')[2].upper()}&{added}",
        "encoded secret": f"{base}?{query.replace('.', '%2E').replace('-', '%2D')}&{added}",
        "doubled": f"{url}?{query}?{added}?{added}",
    }[how]


@pytest.mark.parametrize("platform", ["lti-toolkit", "lms-simulator"])
def test_recorded_platforms_that_append_a_second_question_mark(acme: Ltictl, platform: str) -> None:
    with replayed(platform) as lms:
        running, url = listening(acme)
        address = spoiled(url, "second ?", lms.url("configuration"))

        page = httpx.get(address, trust_env=False, timeout=20)

        assert outcome(Admin.press(page)) == "registered"
        assert running.wait(10).code == 0
        (request,) = lms.requests_to("registration")
        assert request.headers["authorization"] == "Bearer the-token"
        again = spoiled(issued(acme, url, "--org", "acme"), "second ?", lms.url("configuration"))
        pasted = acme(
            "register",
            "--paste",
            "--yes",
            "--allow-private",
            "--json",
            input=again.replace("the-token", "another"),
        )
        assert pasted.code == 0, pasted


@pytest.mark.parametrize(
    "how",
    [
        "encoded ?",
        "encoded first ?",
        "encoded first ? and no other",
        "trailing slash of the path",
        "trailing slash of the secret",
        "&amp;",
        "upper case",
        "encoded secret",
        "doubled",
    ],
)
def test_the_page_opens_however_the_url_was_spoiled(
    opened_page: tuple[str, PlaybackPlatform], how: str
) -> None:
    url, lms = opened_page

    page = httpx.get(spoiled(url, how, lms.url("configuration")), trust_env=False, timeout=20)

    assert page.status_code == 200
    assert 'id="register"' in page.text


@pytest.fixture
def opened_page(acme: Ltictl, playback: PlaybackPlatform) -> tuple[str, PlaybackPlatform]:
    return listening(acme)[1], playback


def test_the_table_is_complete() -> None:
    assert unquote(C) == LMS
    assert len(QUERIES) + len(READ) + len(TEXTS) >= 50
