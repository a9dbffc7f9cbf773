"""The new address of an LMS: checked, and read from its configuration if one is named."""

import asyncio
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import Actor, RefusedError
from ltictl.lti.configuration import PlatformConfiguration
from ltictl.model.platform import Platform
from ltictl.model.web_address import WebAddress
from ltictl.operations.context import Context
from ltictl.platforms.presets import require_https

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy


class Destination(Struct, frozen=True):
    """The new address of an LMS.

    Attributes:
        issuer: byte for byte.
        accepted_for: how long exports accept the former address too; ``None`` for the usual time,
            and for no change where an integration is at the new address already.
        configuration: the LMS's own description of it, ``None`` to rewrite the endpoints.
    """

    issuer: str
    accepted_for: timedelta | None = None
    configuration: PlatformConfiguration | None = None


def find_destination(
    context: Context,
    policy: "GuardPolicy",
    issuer: str,
    configuration_url: str,
    accepted_for: timedelta | None,
) -> Destination:
    """Check the new issuer, and read the configuration there if one is named.

    Args:
        context: the profile.
        policy: the limits of the request.
        issuer: the new issuer.
        configuration_url: address of its configuration; empty to rewrite the endpoints.
        accepted_for: as in ``Destination``.

    Raises:
        InvalidValueError: an address cannot be used.
        RefusedError: the configuration cannot be used, or names another issuer.
        UnreachableError: it could not be fetched.
    """
    require_https(issuer, "--issuer")
    if not configuration_url:
        return Destination(issuer, accepted_for)
    context.progress("Asking the LMS for its description ...")
    found = asyncio.run(_read(context, policy, configuration_url))
    if found.platform.issuer != issuer:
        raise _other_issuer(issuer, found.platform, configuration_url)
    return Destination(issuer, accepted_for, found)


async def _read(context: Context, policy: "GuardPolicy", url: str) -> PlatformConfiguration:
    from ltictl.net.client import GuardedClient
    from ltictl.operations.lms_facts.read_configuration import configuration_again

    async with GuardedClient(policy) as client:
        return await configuration_again(client, url, context.profile.settings().aliases)


def _other_issuer(issuer: str, found: Platform, configuration_url: str) -> RefusedError:
    # The path of an issuer may repeat a secret from the configuration's address.
    named = WebAddress.parse(found.issuer).origin if "?" in configuration_url else found.issuer
    return RefusedError(
        "other_issuer",
        f"The configuration from {found.host} names the issuer {named}, not {issuer}.",
        why="An issuer is compared letter by letter, a slash at its end included: a launch with "
        "another one is refused.",
        fix=f"If that is the new address of the LMS, give it: --issuer {shlex.quote(named)}",
        actor=Actor.OPERATOR,
    )
