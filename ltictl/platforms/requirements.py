"""The demands of an LMS, judged before anything is sent: pure, without sockets or files."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from ltictl.errors import LtictlError, OperatorWarning
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.platform import Platform
from ltictl.model.sentence import Sentence
from ltictl.model.web_address import WebAddress
from ltictl.platforms.family import Family


def require_acceptable(request: Mapping[str, Any], family: Family) -> None:
    """Raise an error where the LMS is known to refuse the request.

    Raises:
        LtictlError: ``https_only``.
    """
    if not family.https_only:
        return
    for name, url in _addresses(request):
        address = WebAddress.parse(url, name)
        # A loopback address can only be a rehearsal, and browsers trust it too.
        if address.scheme == "http" and not address.is_loopback:
            raise LtictlError(
                "https_only",
                Sentence(
                    "{lms} accepts https addresses only, and {member} is {url}.",
                    lms=family.subject,
                    member=name,
                    url=url,
                ),
                why=Sentence("{lms} would refuse the whole registration.", lms=family.subject),
                fix=f"Correct {name} in profile.toml and start again in {family.title}.",
            )


def forewarnings(
    request: Mapping[str, Any], family: Family, platform: Platform, private: str = ""
) -> tuple[str, ...]:
    """Return the warnings for a person before pressing Register, one sentence each.

    Args:
        request: what will be sent.
        family: the LMS's record.
        platform: the LMS.
        private: the private address that the name of the key set's host leads to, empty for none.
    """
    return (*family.notes, *_key_set_warning(request["jwks_uri"], family, platform, private))


def key_set_needed(family: Family, jwks_uri: str) -> LtictlError:
    """Return the error for a key set that cannot be read, where the LMS reads it at once."""
    return LtictlError(
        "key_set_unreachable",
        Sentence("The tool's key set could not be read at {address}.", address=jwks_uri),
        why=Sentence(
            "{lms} reads it while it registers the tool, and would refuse.", lms=family.subject
        ),
        fix=f"Publish what 'ltictl jwks' prints there, then start again in {family.title}.",
    )


def _addresses(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = ("initiate_login_uri", "jwks_uri", "logo_uri", "client_uri", "policy_uri", "tos_uri")
    single = [(name, request[name]) for name in names if name in request]
    target = ("target_link_uri", request[TOOL_CONFIGURATION]["target_link_uri"])
    return [*single, target, *(("redirect_uris", each) for each in request["redirect_uris"])]


def key_set_place(address: WebAddress, private: str) -> str:
    """Return the obstacle between some LMSs and a key set at this address, empty for none."""
    if not address.has_usual_port:
        return f"port {address.port}"
    if private and private != address.host:
        return f"a private address ({address.host} is {private})"
    return "a private address" if _is_private(address) else ""


def _key_set_warning(
    jwks_uri: str, family: Family, platform: Platform, private: str
) -> tuple[OperatorWarning, ...]:
    """Return a warning where this LMS reads no key set from there."""
    # In a rehearsal the LMS is on this computer, and so is everything else.
    if not family.default_ports_only or WebAddress.parse(platform.issuer).is_loopback:
        return ()
    what = key_set_place(WebAddress.parse(jwks_uri, "jwks_uri"), private)
    if not what:
        return ()
    warning = (
        f"{family.subject} does not read key sets from {what} unless its administrators changed "
        f"its rules (HTTP security); without the key set the tool gets no access: {jwks_uri}"
    )
    return (OperatorWarning(warning),)


def _is_private(address: WebAddress) -> bool:
    try:
        # Not ``is_private``, which leaves out the addresses shared by carriers (RFC 6598).
        return not ipaddress.ip_address(address.host).is_global
    except ValueError:
        return address.is_loopback
