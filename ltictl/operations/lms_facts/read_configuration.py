"""Read an LMS's configuration once, judge it, and recognise the LMS."""

from collections.abc import Mapping
from typing import Final

from ltictl.errors import RefusedError
from ltictl.lti.configuration import PlatformConfiguration, judge_configuration, member_text
from ltictl.model.record import replace
from ltictl.model.sentence import Sentence
from ltictl.net.client import GuardedClient
from ltictl.net.failures import Failure, UnreachableError
from ltictl.net.reply import Reply
from ltictl.operations.lms_facts.absent_configuration import absent_configuration
from ltictl.platforms.recognition import recognise, recognition_warnings
from ltictl.platforms.table import audience_of, family_of

_DEADLINE: Final = 15.0


async def read_configuration(
    client: GuardedClient, url: str, aliases: Mapping[str, str], accepted_issuer: str = ""
) -> PlatformConfiguration:
    """Fetch a configuration, and return it if it can be used.

    Args:
        client: the guarded HTTP client.
        url: its address; the query may be a one-use secret.
        aliases: slugs of families by the codes that LMSs announce.
        accepted_issuer: an issuer at another host that a person accepted, empty for none.

    Raises:
        RefusedError: it cannot be used.
        UnreachableError: it could not be fetched.
    """
    reply = await client.get(url, deadline=_DEADLINE)
    if reply.status != 200:  # noqa: PLR2004  OpenID Connect Discovery 1.0, 4.2: 200 and nothing else
        raise absent_configuration(reply)
    found = judge_configuration(reply.body, reply.address, accepted_issuer)
    recognised = recognise(found.platform, aliases, found.claim)
    family = family_of(recognised.family)
    platform = replace(
        recognised,
        audience=audience_of(family, recognised),
        name=member_text(found.claim, family.account_name),
        guid=member_text(found.claim, family.account_guid),
    )
    return replace(
        found,
        platform=platform,
        warnings=(*found.warnings, *recognition_warnings(platform), *_odd_type(reply)),
    )


async def configuration_again(
    client: GuardedClient, url: str, aliases: Mapping[str, str]
) -> PlatformConfiguration:
    """``read_configuration`` outside of a registration, for which an LMS shows it to everybody.

    Raises:
        RefusedError, UnreachableError: as there; the fix names no registration.
    """
    try:
        return await read_configuration(client, url, aliases)
    except RefusedError as error:
        error.fix = (
            "Open the address in a browser: it must show a JSON document with the issuer. Some "
            "LMSs show it only during a registration."
        )
        raise
    except UnreachableError as error:
        if error.kind is Failure.REDIRECTED:
            error.fix = f"Give the address to which it leads: {error.led_to or 'see the LMS'}"
        raise


# OpenID Connect Discovery 1.0, 4.2 demands JSON; some LMSs are less exact.
def _odd_type(reply: Reply) -> tuple[str, ...]:
    """Return a warning where the configuration has another media type than JSON."""
    named = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if named.endswith("json"):
        return ()
    return (
        Sentence(
            "{host} sends its configuration as {type} instead of application/json; it was read all "
            "the same.",
            host=reply.address.authority,
            type=named[:60] or Sentence("no type at all"),
        ),
    )
