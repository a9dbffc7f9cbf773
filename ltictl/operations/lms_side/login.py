"""Show the owner and the rights of a token at an LMS, and keep the token on demand."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import LtictlError, NotFoundError
from ltictl.lti.strict_json import JsonError, parse_value
from ltictl.model.hint import hint
from ltictl.model.lms_side import Identity
from ltictl.model.login import Login
from ltictl.net.failures import Failure, UnreachableError
from ltictl.operations.context import Context
from ltictl.operations.lms_side.authorization_code import ask_consent
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.site import Site, normal_base, own_base
from ltictl.platforms.administration import interface_of, member
from ltictl.platforms.family import Family
from ltictl.platforms.table import all_families, family_named, family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.policy import GuardPolicy

_DEADLINE: Final = 10.0


def _show_nobody(address: str) -> None:
    del address


class LoggedIn(Struct, frozen=True):
    """A token that an LMS accepted.

    Attributes:
        identity: its owner and rights.
        host: host of the LMS.
        family: slug of the LMS's family.
        kept: whether the token is kept.
    """

    identity: Identity
    host: str
    family: str
    kept: bool


def log_in(
    keyring: Keyring,
    organization: str,
    url: str,
    *,
    family: str = "",
    keep: bool = False,
    show: Callable[[str], None] = _show_nobody,
) -> LoggedIn:
    """Ask an LMS for the owner of a token, and keep the token on demand.

    Args:
        keyring: the tokens of this run.
        organization: slug.
        url: address of the LMS.
        family: slug, empty to recognise it.
        keep: whether to keep the token.
        show: receives the address of the LMS's page for a person's consent, if it has one.

    Raises:
        NotFoundError: there is no such organization, or no token.
        LtictlError: the LMS is of no known family, refused, or could not be reached.
    """
    context, base = keyring.context, normal_base(url)
    context.profile.organizations.get(organization)
    found = family_at(keyring, organization, base, family)
    site = keyring.site_at(organization, found, base)
    ask_consent(site, show)
    identity = ask(site, site.interface.who())
    if keep:
        _keep(context, organization, site, identity)
    return LoggedIn(identity, site.host, found.slug, keep)


def log_out(context: Context, organization: str, url: str) -> None:
    """Drop the kept token for an LMS.

    Raises:
        NotFoundError: none is kept.
    """
    base = normal_base(url)
    for login in context.profile.logins.of(organization):
        if login.base == base:
            context.profile.logins.drop(login)
            return
    raise NotFoundError(
        "lms_token_missing",
        f"No token of {organization!r} is kept for {base}.",
        fix="Name the address that it was kept for.",
    )


def _keep(context: Context, organization: str, site: Site, identity: Identity) -> None:
    login = Login(
        organization=organization,
        base=site.base,
        family=site.family.slug,
        secret=site.purse.secret,
        kept_at=context.now(),
        name=identity.name,
    )
    context.profile.logins.keep(login)


def family_at(keyring: Keyring, organization: str, base: str, named: str = "") -> Family:
    """Return the family of an LMS: named, known from before, or recognised.

    Raises:
        LtictlError: ``lms_family_unknown``.
    """
    if named:
        return family_named(named)
    for login in keyring.context.profile.logins.of(organization):
        if login.base == base:
            return family_named(login.family)
    for each in keyring.context.profile.integrations.all():
        if own_base(each) == base:
            return family_of(each.platform.family)
    return _recognise(keyring.policy, organization, base)


# Without a token, since the address may be misspelt.
def _recognise(policy: "GuardPolicy", organization: str, base: str) -> Family:
    """Return the family whose key set stands at its usual address."""
    from ltictl.net.client import GuardedClient

    known = [each for each in all_families() if interface_of(each.slug) and each.marks.jwks_uri]

    async def looking() -> list[bool]:
        async with GuardedClient(policy) as client:
            paths = [each.marks.jwks_uri for each in known]
            return await asyncio.gather(*(_has_keys(client, base + path) for path in paths))

    found = [each for each, there in zip(known, asyncio.run(looking()), strict=True) if there]
    if len(found) == 1:
        return found[0]
    kinds = [each.slug for each in all_families() if interface_of(each.slug)]
    family, token = ("--family", "FAMILY"), ("--token-file", "PATH", "--keep")
    login = hint("lms", "login", organization, "--platform", base, *family, *token)
    raise LtictlError(
        "lms_family_unknown",
        f"Nothing at {base} tells what kind of LMS it is.",
        why="The address is not that of the LMS itself, or a kind that ltictl cannot administer.",
        fix=f"Check the address. If it is right, keep a login that names the kind: {login} "
        f"(FAMILY is one of {', '.join(kinds)}).",
    )


async def _has_keys(client: "GuardedClient", url: str) -> bool:
    try:
        reply = await client.get(url, deadline=_DEADLINE)
        return isinstance(member(parse_value(reply.body), "keys"), list)
    except JsonError:
        return False
    except UnreachableError as error:
        if error.kind is Failure.REDIRECTED:  # to a page for people who log in
            return False
        raise
