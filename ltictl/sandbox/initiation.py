"""The address that the administrator's browser is sent to: the tool's, with what the tool needs.

It reproduces how the platform rewrites the pasted address and which ones it does not redirect to
(recordings, 01-registration-initiation/pasted-url-forms); it never contacts the tool.
"""

import re
from urllib.parse import quote, unquote_plus

from ltictl.errors import UsageError

# Nothing but the unreserved and reserved characters of RFC 3986, less the brackets, and no user
# information: everything else the platform answers with a page of its own.
_REDIRECTABLE = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?[A-Za-z0-9._~%-]+(?::[0-9]+)?(?:[/?#][!#-;=?-Z_a-z~]*)?"
)


def tool_address(pasted: str, configuration_url: str, token: str = "") -> str:
    """Return the pasted address with two parameters (LTI Dynamic Registration 1.0, 3.3).

    Raises:
        UsageError: the platform would not redirect to this address.
    """
    if not _REDIRECTABLE.fullmatch(pasted):
        raise UsageError(
            "unusable_tool_url",
            "The embedded LMS does not redirect to this tool URL.",
            why="Brackets, braces, raw non-ASCII characters, user names and IPv6 literals are"
            " refused, as Moodle does.",
            fix="Percent-encode the address, or use a host name.",
        )
    address, hash_sign, fragment = pasted.partition("#")
    base, _, query = address.partition("?")
    parameters = _parameters(query)
    parameters["openid_configuration"] = configuration_url
    if token:
        parameters["registration_token"] = token
    return f"{base}?{_encoded(parameters)}{hash_sign}{fragment}"


def _parameters(query: str) -> dict[str, str]:
    """Return the tool's own parameters; the last of equal names wins, in the first place."""
    found: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        name = unquote_plus(name)  # Moodle parses and writes the query anew, with PHP's rules
        # PHP reads 'a[]=1&a[]=2' as a list, and writes it as 'a[0]=1&a[1]=2'.
        if name.endswith("[]"):
            name = _numbered(name.removesuffix("[]"), found)
        found[name] = unquote_plus(value)
    return found


def _numbered(name: str, found: dict[str, str]) -> str:
    index = sum(1 for known in found if known.startswith(f"{name}["))
    return f"{name}[{index}]"


def _encoded(parameters: dict[str, str]) -> str:
    pairs = ((quote(name, safe=""), quote(value, safe="")) for name, value in parameters.items())
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)
