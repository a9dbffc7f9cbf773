"""Find an address in a pasted text that a mail program wrapped, quoted or surrounded."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from ltictl.callback.opened_url import OpenedUrl, read_query

_BEGINNING: Final = re.compile(r"https?://", re.IGNORECASE)
# RFC 3986, appendix C: white space, quotes and angle brackets end an address; the rest is from
# tables, code and escaped text.
_END: Final = re.compile(r"[\s\"'<>`|]|\\[\"n]")
# Punctuation of the sentence around it.
_TRAILING: Final = ".,;:!?)]}*\\"
# Marks of a quoted mail, or of a column.
_QUOTE: Final = re.compile(r"^(?:>[> ]*|\|\s)")
_WIDEST_LINE: Final = 100  # at which programs wrap by themselves
# PHP writes "/" as "\/" into JSON, and some programs escape what HTML would read.
_JSON: Final = {r"\/": "/", r"\u0026": "&", r"\u003d": "=", r"\u003D": "=", r"\u003f": "?"}
# Soft hyphens, zero-width characters and byte order marks come along from chats and word
# processors.
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def find_address(text: str) -> tuple[str, OpenedUrl] | None:
    """Return the address with the most of an LMS's parameters, and the parameters.

    Args:
        text: the pasted text.

    Returns:
        ``None`` if there is no address in it.
    """
    plain = _plain(text)
    found = [(each, read_query(each.partition("?")[2])) for each in _addresses(plain)]
    if not found and "openid_configuration=" in plain:  # copied without its beginning
        bare = "".join(plain.split())
        opened = read_query(bare.partition("?")[2] if "?t=" in bare else bare)
        return (bare, opened) if _BEGINNING.match(opened.configuration_url) else None
    # The address that an LMS opened tells most; ours alone gets an error of its own.
    for wanted in ("configuration_url", "token"):
        for address, opened in found:
            if getattr(opened, wanted):
                return address, opened
    return found[0] if found else None


def _plain(text: str) -> str:
    """Return a text without the quotes of JSON, mail and HTML around an address."""
    text = _INVISIBLE.sub("", text)
    if re.search("[?&]t=3D|openid_configuration=3D", text):  # the source of a mail: RFC 2045, 6.7
        import quopri

        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    for escaped, character in _JSON.items():
        text = text.replace(escaped, character)
    return _unwrapped([_QUOTE.sub("", line).strip() for line in text.splitlines()])


def _unwrapped(lines: list[str]) -> str:
    """Join lines where a program broke an address at the end of a line."""
    done: list[str] = []
    width = 0  # of the line with which the address began
    for line in lines:
        if width and _continues(line, done[-1].rpartition("\n")[2], width):
            done[-1] = f"{done[-1]}\n{line}"
            continue
        width = len(line) if _BEGINNING.search(line) else 0
        done.append(line)
    return "\n".join(each.replace("\n", "") for each in done)


def _continues(line: str, former: str, width: int) -> bool:
    if not line or " " in line or _BEGINNING.match(line):
        return False
    if line[0] in "&?=%":
        return True
    # A program wraps every line at one width: a shorter line was the end of the address.
    full = len(former) == width
    return full and (width <= _WIDEST_LINE or re.search(r"[0-9%&=_/-]", line) is not None)


def _addresses(text: str) -> Iterator[str]:
    # A blank in front of "&name=" comes of a broken line, since no address holds one.
    text = re.sub(r"[ \t]+(?=[&?](?:amp;)?[a-z_]+=)", "", text)
    past = 0  # an address inside another one's query is a part of it
    for beginning in _BEGINNING.finditer(text):
        if beginning.start() < past:
            continue
        end = _END.search(text, beginning.start())
        past = end.start() if end else len(text)
        address = text[beginning.start() : past].rstrip(_TRAILING)
        if _is_address(address):
            yield address


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False
