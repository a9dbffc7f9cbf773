"""Addresses of LMSs that runtimes cannot use as they are: what an export writes in their stead."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ltictl.interchange.outgoing import Registration
from ltictl.model.web_address import WebAddress

# Runtimes demand an address; RFC 2606, 2 keeps this name free, so nothing is ever sent there.
NO_TOKEN_ENDPOINT: Final = "https://no-services.invalid/token"  # noqa: S105  an address
# PyLTI1p3 appends "?" and its parameters, scope first (oidc_login.py of 2.0.0). After this ending,
# what it appends is one more parameter, which has to be ignored (RFC 6749, 3.1).
_ENDING: Final = "&scope=openid&appended="


def token_endpoint(url: str) -> str:
    """Return the token endpoint as runtimes get it, also where the LMS has none."""
    return url or NO_TOKEN_ENDPOINT


def before_appended_query(url: str) -> str:
    """Return the authorization endpoint so that "?" and parameters can be appended to it."""
    return f"{url}{_ENDING}" if WebAddress.parse(url, "authorization_endpoint").query else url


def without_ending(url: str) -> str:
    """Return the authorization endpoint as the LMS has it, from a document that an export wrote."""
    return url.removesuffix(_ENDING)


def query_warnings(
    registrations: Iterable[Registration], warning: Callable[[str, str], str]
) -> Iterator[str]:
    """Yield a warning for every authorization endpoint that has a query.

    Args:
        registrations: those that are exported.
        warning: makes the warning of a registration's label and its endpoint.
    """
    for each in registrations:
        url = each.platform.authorization_endpoint
        if WebAddress.parse(url, "authorization_endpoint").query:
            yield warning(each.label, url)


def mended_query(label: str, url: str) -> str:
    """Return the warning about a runtime whose export has another authorization address."""
    return (
        f"The authorization endpoint of {label} has a query, and this runtime appends a second "
        f"one. Written is {before_appended_query(url)}, which works so; do not shorten it."
    )
