"""Split a URL into its parts, with its host in one normal form and without any request."""

import re
from typing import Self
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.sentence import Sentence

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_URL = 4096
_MAX_PORT = 65535
# Compiled at their first use, which few runs need: compiling them takes half a millisecond.
_NUMBER = r"[0-9]+|0x[0-9a-f]*"  # WHATWG URL, 3.5: "ends in a number"
_IPV4 = r"(?a:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}"
# People type a host into a browser like this: with a dot or a port, or as this computer.
# A token begins with eyJ, and its dots make it look like a host.
_HOST_FIRST = (
    r"(?!eyJ)(?:[\w-]+(?:\.[\w-]+)+|localhost|[\w-]+(?=:[0-9]))(?::[0-9]{1,5})?(?:[/?].*)?"
)
_NO_SCHEME = rf"(?s){_HOST_FIRST}"
# https:/ or htps:// or https://https://
_MISSPELT_SCHEME = rf"(?si)(?:[htps]{{3,6}}:/+)?([htps]{{3,6}}):*/*({_HOST_FIRST})"
# Scheme, user and password, place, and what follows and may be secret.
_PARTS_SHOWN = (
    r"(?si)([a-z][a-z0-9+.-]*:/*)?([^?#]*@)?((?:(?!eyJ|%(?:25)*(?:3f|26|23))[^?#&;\s])*)(.*)"
)
_MAX_SHOWN = 80
_MAX_SHOWN_WORD = 16  # a word that is neither a host nor a path may be a secret
# A name or IPv4, with no empty part; IPv6 without brackets.
_HOST = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|(?=.*:)[0-9a-f:.]*[0-9a-f:]"
# Most URLs have this plain form, which has one reading only. Matching it takes a third of the time
# of 'urlsplit', which counts where a command reads thousands of documents.
_PLAIN = re.compile(
    r"(https?)://((?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)(?::([0-9]{1,4}))?"
    r"((?:/[\w.~!$&'()*+,;=:@%/-]*)?)(?:\?([\w.~!$&'()*+,;=:@%/?-]*))?",
    re.ASCII,
)


class WebAddress(Struct, frozen=True):
    """An absolute http or https URL.

    Attributes:
        url: the given text, byte for byte.
        scheme: ``http`` or ``https``.
        host: lower case, IDNA ASCII form, without a trailing dot or brackets.
        port: the effective port.
        path: path as given.
        query: query as given, without the question mark.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    query: str

    @classmethod
    def parse(cls, url: str, field: str = "URL") -> Self:
        """Split ``url`` into its parts.

        Args:
            url: absolute URL without user information and fragment.
            field: the name that an error gives the URL.

        Raises:
            InvalidValueError: the text is not such a URL.
        """
        plain = _PLAIN.fullmatch(url)
        if plain and len(url) <= _MAX_URL:
            scheme, host, port, path, query = plain.groups()
            return cls(url, scheme, host, int(port or _DEFAULT_PORTS[scheme]), path, query or "")
        return cls._take_apart(url, field)

    @classmethod
    def _take_apart(cls, url: str, field: str) -> Self:
        _require_characters(url, field)
        if re.fullmatch(_NO_SCHEME, url):
            raise _without_scheme(url, field)
        parts, port = _split(url, field)
        named = parts.hostname
        # The latter where somebody pasted a URL behind "https://".
        if parts.scheme not in _DEFAULT_PORTS or not named or named in _DEFAULT_PORTS:
            raise _wrong_scheme(url, field)
        if "@" in parts.netloc:
            raise InvalidValueError(
                field,
                Sentence("carries a user name or password"),
                value=shown_safely(url),
                why="ltictl stores and shows addresses, so they must hold no secret.",
                fix="Take out what stands before the @, and the @ itself.",
            )
        if "#" in url:
            raise InvalidValueError(
                field,
                Sentence("carries a fragment (#...)"),
                value=shown_safely(url),
                why="Browsers and LMSs do not send the part after # to the server.",
                fix="Take out the # and what follows it.",
            )
        host = normal_host(named, field)
        effective = _DEFAULT_PORTS[parts.scheme] if port is None else port
        return cls(url, parts.scheme, host, effective, parts.path, parts.query)

    @property
    def authority(self) -> str:
        """The host, in brackets if it is IPv6, with its port unless it is the scheme's default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers write an origin."""
        return f"{self.scheme}://{self.authority}"

    @property
    def has_usual_port(self) -> bool:
        """Whether the port is one of the web's own, the only ones that some LMSs reach."""
        return self.port in _DEFAULT_PORTS.values()

    @property
    def is_loopback(self) -> bool:
        """Whether the host's name shows that the URL leads to this computer."""
        return is_loopback_host(self.host)

    @property
    def without_query(self) -> str:
        """The URL up to its query, safe to store and to show: the query may hold a secret."""
        return self.url.partition("?")[0]


def _split(url: str, field: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise InvalidValueError(
            field,
            Sentence("cannot be read as a URL"),
            value=shown_safely(url),
            why="Its port is not a number up to 65535, or a bracket of an IPv6 address is missing.",
            fix="Write https://HOST/PATH, or https://HOST:PORT/PATH.",
        ) from error


def _require_characters(url: str, field: str) -> None:
    if len(url) > _MAX_URL:
        raise InvalidValueError(
            field,
            Sentence("is longer than {most} characters", most=_MAX_URL),
            value=shown_safely(url),
            why="No LMS has such a long address; other text was probably pasted with it.",
            fix="Copy the address alone.",
        )
    if not url.isprintable() or " " in url or "\\" in url:
        raise InvalidValueError(
            field,
            Sentence("holds characters that no URL has"),
            value=shown_safely(url),
            why="It holds a blank, a line break, a backslash or an invisible character.",
            fix="Copy the address again, without what stands around it.",
        )


def shown_safely(url: str) -> str:
    """Return a faulty URL in quotation marks without the parts that may be secret.

    A query, a user name, a password and a token that was pasted for a URL are cut out.
    """
    found = re.match(_PARTS_SHOWN, url)
    scheme, user, place, rest = found.groups("") if found else ("", "", "", url)
    if "@" in rest:  # a password may hold a ? or a #
        user, place = "", ""
    most = _MAX_SHOWN if scheme or "/" in place or "." in place else _MAX_SHOWN_WORD
    cut = "…" if rest or len(place) > most else ""
    return repr(f"{scheme}{'…@' if user else ''}{place[:most]}{cut}")


def normal_host(host: str, field: str = "host") -> str:
    """Return the form in which hosts are compared: lower case, IDNA, no trailing dot.

    Raises:
        InvalidValueError: the text cannot be a host name.
    """
    host = host.lower().removesuffix(".")
    try:
        host = host if host.isascii() else _in_ascii(host)
    except UnicodeError as error:
        raise _impossible_host(host, field) from error
    if not re.fullmatch(_HOST, host) or (":" not in host and _is_odd_number(host)):
        raise _impossible_host(host, field)
    return host


def _impossible_host(host: str, field: str) -> InvalidValueError:
    return InvalidValueError(
        field,
        Sentence("has an impossible host name"),
        value=shown_safely(host),
        why="A host is a name of letters, digits, dots and dashes, or a whole IP address.",
        fix="Correct the host name, such as lms.example.edu.",
    )


def _wrong_scheme(url: str, field: str) -> InvalidValueError:
    problem = Sentence("must begin with https:// or http:// and name a host")
    meant = re.fullmatch(_MISSPELT_SCHEME, url)
    if not meant:
        return InvalidValueError(
            field,
            problem,
            value=shown_safely(url),
            why="It is not the address of a web page.",
            fix="Write a whole address, such as https://lms.example.edu.",
        )
    scheme = "http" if meant[1].lower() == "http" else "https"
    why = "Its scheme is misspelt or stands there twice."
    error = InvalidValueError(field, problem, value=shown_safely(url), why=why)
    return _with_proposal(error, url, f"{scheme}://{meant[2]}")


def _with_proposal(error: InvalidValueError, url: str, meant: str) -> InvalidValueError:
    """Give an error the URL that was probably meant, without its query, which may be a secret."""
    whole, query, _ = meant.partition("?")
    error.fix = f"Write {whole}"
    if query:
        error.fix += " with the same query (?...)."
    else:
        error.instead = (url, whole)
    return error


def _without_scheme(url: str, field: str) -> InvalidValueError:
    scheme = "http" if is_loopback_host(re.split("[:/?]", url, maxsplit=1)[0]) else "https"
    whole = f"{scheme}://{url.partition('?')[0]}"
    problem = Sentence("needs {scheme}:// in front: {whole}", scheme=scheme, whole=whole)
    error = InvalidValueError(field, problem, why="An address is a whole URL with its scheme.")
    return _with_proposal(error, url, f"{scheme}://{url}")


def is_loopback_host(host: str) -> bool:
    """Return whether a host's name shows that it is this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    import ipaddress  # it takes 3 ms, and 'list' does not need it

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_odd_number(host: str) -> bool:
    """Return whether programs read different IPv4 addresses from a host such as ``0177.1``."""
    last = host.rpartition(".")[2]
    return re.fullmatch(_NUMBER, last) is not None and not re.fullmatch(_IPV4, host)


def _in_ascii(host: str) -> str:
    """Return a host in ASCII as browsers write it (UTS 46, IDNA 2008)."""
    # Not the interpreter's own codec, which turns ß into ss.
    import idna

    return idna.encode(host, uts46=True).decode("ascii").removesuffix(".")
