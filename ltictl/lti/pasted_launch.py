"""Find the id_token of a launch in a text that a person copied; pure, verifies nothing.

People copy from a form's data, the network panel of a browser, a page's source, a log or a mail, so
the token may stand between quotes, in JSON or HTML, percent-encoded or broken into lines.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.strict_json import JsonError, parse_object

_COMPACT = re.compile(r"(?<![\w.-])eyJ[\w-]*\.[\w-]*\.[\w-]*(?:\.[\w-]*)*", re.ASCII)
# No text can make these patterns slow: they look at each character a limited number of times.
_LINE_BREAK = re.compile(r"(?<![ \t])=?[ \t]*\r?\n[ \t>|]*(?!\r?\n)")  # within a paragraph
_FIELD = re.compile(
    r"""(?<!\w)(\w{1,40})["']?\s{0,9}[:=]\s{0,9}"""
    r"""(?:"([^"]{0,999})"|'([^']{0,999})'|([^&\r\n?#"]{0,999}))"""
)
_NAMED_FIELD = re.compile(
    r"""name["']?\s{0,9}[=:]\s{0,9}["'](\w{1,40})["'][^<>{}]{0,200}?"""
    r"""\bvalue["']?\s{0,9}[=:]\s{0,9}["']([^"']{0,999})["']"""
)
_NEAR = 100  # characters between a label and its value
_MAX_CANDIDATES = 12
_PARTS, _ENCRYPTED_PARTS = 3, 5  # RFC 7515, 7.1 and RFC 7516, 7.1
_MAX_WORDS = 300
_UNQUOTE_ROUNDS = 2  # a form inside the JSON of a network panel is encoded twice


class PastedToken(Struct, frozen=True):
    """A JSON Web Token from the text, not verified.

    Attributes:
        token: the token alone.
        header: its header.
        claims: its claims.
    """

    token: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]


def find_tokens(pasted: str) -> tuple[PastedToken, ...]:
    """Return the tokens in a text, first those that an ``id_token`` label precedes.

    One place may give several tokens, since the next line may belong to the token or not; only the
    right one verifies.

    Raises:
        LtictlError: ``launch_unreadable``, ``launch_of_old_lti`` or ``launch_failed_at_lms``.
    """
    texts = tuple(dict.fromkeys(_readings(pasted)))
    words = list(dict.fromkeys((*_labelled(texts), *_unlabelled(texts))))
    read = [token for word in words[:_MAX_CANDIDATES] if (token := _read(word)) is not None]
    if not read:
        raise _no_token(tuple(_decoded(pasted)), words)
    launches = [each for each in read if "crit" not in each.header]
    if not launches:  # RFC 7515, 4.1.11: ltictl knows no extension
        raise launch_unreadable("It demands extensions of its signature (crit).")
    return tuple(launches)


def _readings(pasted: str) -> Iterator[str]:
    """Yield the text as it is, and with its wrapping, quoting and encoding removed."""
    for text in _decoded(pasted):
        yield text
        yield _LINE_BREAK.sub("", text)
        yield "".join(text.split())


def _decoded(pasted: str) -> Iterator[str]:
    text = pasted.replace("\\n", "\n")
    for _ in range(_UNQUOTE_ROUNDS + 1):
        yield text
        text = html.unescape(unquote_plus(text)).replace('\\"', '"')


def _labelled(texts: tuple[str, ...]) -> Iterator[str]:
    """Yield the tokens that follow the word ``id_token`` with only marks between the two."""
    for text in texts:
        for label in re.finditer(r"id_token", text, re.IGNORECASE):
            start = text.find("eyJ", label.end(), label.end() + _NEAR)
            found = _COMPACT.match(text, start) if start >= 0 else None
            if found and _is_between(text[label.end() : start]):
                yield found[0]


def _is_between(text: str) -> bool:
    """Return whether a text between label and value holds only marks and names of attributes."""
    words = re.findall(r"\w+", text)
    return set(words) <= {"value", "type", "hidden", "name", "Bearer", "bearer", "id", "input"}


def _unlabelled(texts: tuple[str, ...]) -> Iterator[str]:
    for text in texts:
        yield from _COMPACT.findall(text)


def _read(token: str) -> PastedToken | None:
    parts = token.split(".")
    if len(parts) != _PARTS:
        return None
    try:
        return PastedToken(token, _json_part(parts[0]), _json_part(parts[1]))
    except (JsonError, binascii.Error, ValueError):
        return None


def _json_part(part: str) -> Mapping[str, Any]:
    return parse_object(base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True))


def _no_token(texts: tuple[str, ...], words: list[str]) -> LtictlError:
    fields = {name: value for text in texts for name, value in _fields(text) if value}
    if "oauth_consumer_key" in fields or "LTI-1p0" in fields.values():
        return _old_launch()
    if fields.get("error"):
        return _failed(fields["error"], fields.get("error_description", ""))
    if any(word.count(".") + 1 == _ENCRYPTED_PARTS for word in words):
        return launch_unreadable("The token is encrypted, and LTI 1.3 has none of that kind.")
    if "login_hint" in fields:
        return launch_unreadable("It is the login request, which the LMS sends before the launch.")
    if words:
        return launch_unreadable("It begins like a JSON Web Token, but is cut off or changed.")
    return launch_unreadable("It holds no JSON Web Token.")


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values in a form, in JSON, in HTML or in lines with a colon."""
    for found in _FIELD.finditer(text):
        yield found[1], (found[2] or found[3] or found[4] or "").strip()
    for found in _NAMED_FIELD.finditer(text):
        yield found[1], found[2]


def launch_unreadable(why: str) -> LtictlError:
    """Return the error for a text without a usable launch."""
    return LtictlError(
        "launch_unreadable",
        "What was pasted is no launch that could be read.",
        why=why,
        fix="Paste the value of id_token, as the LMS's browser posts it to the tool.",
    )


def _old_launch() -> LtictlError:
    return LtictlError(
        "launch_of_old_lti",
        "What was pasted is an LTI 1.1 launch, which has no deployment id.",
        why="The activity was added the old way, with a consumer key and a secret.",
        fix="In the LMS, add the activity again with the tool that was registered with LTI 1.3, "
        "open it, and paste that launch's id_token.",
    )


def _failed(error: str, description: str) -> LtictlError:
    words = ": ".join(each for each in (error, description) if each)
    return LtictlError(
        "launch_failed_at_lms",
        f'What was pasted is no launch: the LMS refused to launch, with "{_shortened(words)}".',
        why="The LMS answers so where the login was too slow, was opened twice, or does not fit "
        "what the LMS knows about the tool.",
        fix="Open the activity in the LMS anew and paste the id_token of that launch. If it fails "
        "again: ltictl doctor",
    )


def _shortened(words: str) -> str:
    if len(words) <= _MAX_WORDS:
        return words
    return words[:_MAX_WORDS].rsplit(" ", 1)[0] + " ..."
