"""The registration URL as LMSs really open it: with a second ``?``, with ``&amp;``, encoded twice.

LTI Dynamic Registration 1.0, 3.3 wants two parameters added to the URL's query. Two of six recorded
platforms append them behind a further ``?``; others, mail programs and people change more.
"""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec import Struct

if TYPE_CHECKING:
    from starlette.types import Scope

# HTML reads '&reg' in the middle of '&registration_token' as the sign.
_REGISTERED_SIGN: Final = re.compile("(?:®|%C2%AE)istration_token(?==)", re.IGNORECASE)
# A further '?' separates only where one of the names follows: the address of a configuration may
# hold one of its own, and may come unencoded (RFC 3986, 3.4 allows both).
_SEPARATOR: Final = re.compile(
    r"&amp;|&|\?(?=(?:t|openid_configuration|registration_token)=)", re.IGNORECASE
)
# What may stand behind the secret, however often it was encoded.
_AFTER_TOKEN: Final = re.compile(r"%(?:25)*(?:3F|26|2F)|[?/]", re.IGNORECASE)
_ENCODED_HEAD: Final = re.compile(r"(?:amp;)?(?=(?:openid_configuration|registration_token)=)")
# An invitation's id and its secret. What stands around them cannot belong to them.
_TOKEN: Final = re.compile(r"[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+")
_MAX_ENCODINGS: Final = 3
_MAX_PARAMETERS: Final = 100


class OpenedUrl(Struct, frozen=True):
    """The three parameters of an opened registration URL; each empty if it is not there.

    Attributes:
        token: value of ``t``, an invitation's id and secret.
        configuration_url: value of ``openid_configuration``; its query may be a secret.
        registration_token: value of ``registration_token``, a secret.
    """

    token: str = ""
    configuration_url: str = ""
    registration_token: str = ""

    @property
    def is_ours(self) -> bool:
        """Whether it has the form of a URL that ltictl issues."""
        return _TOKEN.fullmatch(self.token) is not None

    def __repr__(self) -> str:
        return "OpenedUrl(...)"  # every part is a secret


def read_query(query: str, depth: int = 0) -> OpenedUrl:
    """Read the query of a registration URL as an LMS sent it.

    Args:
        query: percent-encoded.
        depth: how often a query was found inside another one.
    """
    pairs = _pairs(query)
    found = OpenedUrl(
        # The last ones: an LMS that was given an address which an LMS had opened before sends the
        # parameters twice, the fresh ones behind.
        token=_last(pairs, "t"),
        configuration_url=_last(pairs, "openid_configuration"),
        registration_token=_registration_token(pairs),
    )
    if found.configuration_url or depth == _MAX_ENCODINGS:
        return found
    # A mail program's "safe link" holds the whole address as the value of a parameter.
    for _, value in pairs:
        if "openid_configuration=" in value:
            return read_query(value.partition("?")[2], depth + 1)
    return found


def _pairs(query: str) -> list[tuple[str, str]]:
    """Return the parameters in order; what followed the secret directly is taken apart too."""
    plain = _REGISTERED_SIGN.sub("&registration_token", query).lstrip("?&")
    pairs: list[tuple[str, str]] = []
    for part in _SEPARATOR.split(plain, _MAX_PARAMETERS):
        name, _, value = part.partition("=")
        if name.strip().lower() != "t":
            pairs.append((name.strip().lower(), _address(value)))
            continue
        behind = _AFTER_TOKEN.search(value)
        head, tail = (value[: behind.start()], value[behind.end() :]) if behind else (value, "")
        pairs += [("t", _invitation_token(head)), *_behind_token(tail)]
    return pairs


def _invitation_token(value: str) -> str:
    decoded = _decoded(value)
    found = _TOKEN.search(decoded)
    return found.group() if found else decoded.strip()


def _behind_token(tail: str) -> list[tuple[str, str]]:
    """Parameters of a query whose ``?`` was encoded, and perhaps everything after it."""
    for _ in range(_MAX_ENCODINGS):
        head = _ENCODED_HEAD.match(tail)
        if head is not None:
            return _pairs(tail[head.end() :])
        tail = unquote(tail)
    return []


def _address(value: str) -> str:
    """Decode an address until it is one."""
    decoded = unquote(value).strip()
    for _ in range(_MAX_ENCODINGS):
        if not re.match("https?%", decoded, re.IGNORECASE):
            break
        decoded = unquote(decoded)
    return decoded


def _decoded(value: str) -> str:
    for _ in range(_MAX_ENCODINGS):
        value = unquote(value)
    return value


def _last(pairs: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in reversed(pairs) if name == wanted and value), "")


# A token of an earlier configuration must never go to another LMS.
def _registration_token(pairs: list[tuple[str, str]]) -> str:
    """Return the token that belongs to the last configuration."""
    addresses = [value for name, value in pairs if name == "openid_configuration"]
    tokens = [value for name, value in pairs if name == "registration_token"]
    if len(set(addresses)) < 2 or len(addresses) == len(tokens):  # noqa: PLR2004  one address
        return tokens[-1] if tokens else ""
    names = [name for name, _ in pairs]
    last = len(names) - 1 - names[::-1].index("openid_configuration")
    return _last(pairs[last:], "registration_token")


def whole_query(scope: "Scope") -> str:
    """Return the whole query of a request, with what an encoded ``?`` moved to the path."""
    query = scope["query_string"].decode("utf-8", "replace")
    raw = scope.get("raw_path", b"").decode("ascii", "replace")
    inside = re.split("%3F", raw, maxsplit=1, flags=re.IGNORECASE)[1:]
    parts = [each if "=" in each else unquote(each) for each in inside]
    return "&".join((*parts, query))
