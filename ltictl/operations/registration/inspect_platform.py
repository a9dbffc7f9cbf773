"""Check the LMS, the tool and earlier registrations before a registration is sent."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ltictl.errors import (
    Actor,
    InvalidValueError,
    OperatorWarning,
    RefusedError,
)
from ltictl.lti.configuration import PlatformConfiguration
from ltictl.lti.registration_token import TokenHint, peek
from ltictl.model.integration import Integration, differs_by_integration
from ltictl.model.sentence import Sentence
from ltictl.model.tool import Tool
from ltictl.model.web_address import WebAddress
from ltictl.net.client import GuardedClient
from ltictl.operations.context import Context
from ltictl.operations.lms_facts.read_configuration import read_configuration
from ltictl.operations.organizations import integrations_of
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.tool_reach import key_set_address, private_address_of
from ltictl.operations.requests import listed_in, request_for
from ltictl.operations.served_set import (
    ExpectedKeys,
    Served,
    fetch_key_set,
    private_half_served,
)
from ltictl.operations.settled import require_settled_at
from ltictl.platforms.family import Family
from ltictl.platforms.requirements import forewarnings, key_set_needed, require_acceptable
from ltictl.platforms.table import family_of

_KEY_SET_DEADLINE = 3.0
_TOKEN = re.compile(r"[\x21-\x7e]*")  # RFC 6750, 2.1, generously: what a header can carry whole


class Inspection(Struct, frozen=True):
    """An LMS that may receive a registration.

    Attributes:
        configuration: the judged configuration; its registration endpoint may be a secret.
        family: the LMS's family.
        scopes: full URIs of the requested services.
        claims: requested identity claims.
        messages: types of the requested messages.
        tool_hosts: hosts of the tool to which the LMS will send people, each once.
        hint: the facts in the registration token.
        warnings: one sentence each.
    """

    configuration: PlatformConfiguration
    family: Family
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    messages: tuple[str, ...]
    tool_hosts: tuple[str, ...]
    hint: TokenHint
    warnings: tuple[str, ...]


async def inspect_platform(
    client: GuardedClient,
    tool: Tool,
    expected: ExpectedKeys,
    *,
    configuration_url: str,
    token: str,
    reach: Reach,
    aliases: Mapping[str, str],
) -> Inspection:
    """Fetch and judge the LMS's configuration.

    Args:
        client: the guarded HTTP client.
        tool: the tool.
        expected: the keys that its key set has to hold.
        configuration_url: the LMS's ``openid_configuration``; its query may be a one-use secret.
        token: the registration token, empty if none.
        reach: the only possible LMS, and an issuer at another host that a person accepted.
        aliases: slugs of families by the codes that LMSs announce.

    Raises:
        LtictlError: the LMS is known to refuse the tool as it is set up, or the tool's private key
            is public.
        RefusedError: the LMS is not the expected one, or its configuration cannot be used.
        UnreachableError: it could not be fetched.
    """
    if not _TOKEN.fullmatch(token):
        problem = Sentence("holds characters that no token has")
        raise InvalidValueError("registration_token", problem)
    address = WebAddress.parse(configuration_url, "openid_configuration")
    if reach.platform and address.origin != reach.platform:
        raise _other_platform(address, reach.platform)
    # Side by side, since a person waits for the page. The configuration is fetched once: its
    # address may hold a one-use secret (Brightspace).
    configuration, key_set, private = await asyncio.gather(
        read_configuration(client, configuration_url, aliases, reach.accepted_issuer),
        _look_at_key_set(client, tool, expected),
        _private_address(tool),
    )
    family = family_of(configuration.platform.family)
    # The id is not chosen yet; it changes addresses only, never their scheme or host.
    shaped = request_for(tool, family, "integration", listed_in(configuration))
    require_acceptable(shaped.request, family)
    if key_set is not None and key_set.found.problem and family.key_set_must_answer:
        raise key_set_needed(family, tool.jwks_uri)
    return Inspection(
        configuration=configuration,
        family=family,
        scopes=shaped.scopes,
        claims=shaped.claims,
        messages=shaped.messages,
        tool_hosts=_tool_hosts(shaped.request),
        hint=peek(token),
        warnings=(
            *configuration.warnings,
            *shaped.warnings,
            *forewarnings(shaped.request, family, configuration.platform, private),
            *_key_set_warning(key_set, expected),
        ),
    )


def _tool_hosts(request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the hosts to which an LMS sends a person who opens the tool (LTI Core 1.3, 5.1.1)."""
    addresses = (request["initiate_login_uri"], *request["redirect_uris"])
    return tuple(dict.fromkeys(WebAddress.parse(each, "tool").authority for each in addresses))


def _other_platform(address: WebAddress, pinned: str) -> RefusedError:
    return RefusedError(
        "other_platform",
        Sentence(
            "The request came for {host}, but only {expected} is expected.",
            host=address.authority,
            expected=pinned,
        ),
        why="The invitation or this run is pinned to one LMS, and another one opened it.",
        fix="Issue an invitation for that LMS: ltictl registration-url --platform "
        f"{address.origin}",
        actor=Actor.OPERATOR,
    )


async def _private_address(tool: Tool) -> str:
    """Return the private address of the key set's host, empty for none or unknown."""
    look = asyncio.to_thread(private_address_of, key_set_address(tool).host)
    try:
        # A slow name server must not keep the page from the person.
        return await asyncio.wait_for(look, _KEY_SET_DEADLINE)
    except TimeoutError:
        return ""


async def _look_at_key_set(
    client: GuardedClient, tool: Tool, expected: ExpectedKeys
) -> Served | None:
    """Fetch the tool's key set as LMSs do; ``None`` where each integration has its own.

    Raises:
        LtictlError: it shows a private half to everybody.
    """
    if differs_by_integration(tool.jwks_uri):
        return None
    served = await fetch_key_set(client, tool.jwks_uri, expected.own, deadline=_KEY_SET_DEADLINE)
    if served.found.exposed:
        # Everyone could sign as the tool, so no further LMS may trust this set.
        raise private_half_served(tool.jwks_uri, served.found.exposed)
    return served


def _key_set_warning(served: Served | None, expected: ExpectedKeys) -> tuple[OperatorWarning, ...]:
    """Return a warning where the tool's key set lacks keys that LMSs need."""
    if served is None:
        return ()
    if served.unreached is not None:
        problem = "The tool's key set could not be read from this computer; the LMS needs it at"
        return (OperatorWarning(f"{problem} {served.url}."),)
    wrong = [served.problem] if served.found.problem else [*served.found.wrong]
    wrong += [f"{kid} is not there" for kid in expected.needed(served.found.missing)]
    if not wrong:
        return ()
    problem = "The tool's key set is not the one that the LMS needs:"
    return (OperatorWarning(f"{problem} {'; '.join(wrong)}. {served.fix}"),)


# Hosted Canvas shares one issuer among all schools, so accounts must agree where both name one.
def earlier_integrations(
    context: Context, organization: str, inspection: Inspection
) -> tuple[Integration, ...]:
    """Return the integrations of the organization at the same LMS, oldest first."""
    platform = inspection.configuration.platform
    found = [
        each
        for each in integrations_of(context, organization)
        if each.platform.issuer == platform.issuer
        and (not each.platform.guid or not platform.guid or each.platform.guid == platform.guid)
    ]
    return tuple(sorted(found, key=lambda each: each.created_at))


def require_settled_lms(context: Context, organization: str, inspection: Inspection) -> None:
    """Raise an error while the organization has an unsettled attempt at this LMS.

    Raises:
        NeedsRecoveryError: there is such an attempt.
    """
    require_settled_at(context, organization, inspection.configuration.platform.issuer)
