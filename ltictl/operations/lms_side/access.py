"""The access to an LMS's interface: the LMS, its address, and the token for it."""

import os
from collections.abc import Callable
from functools import partial

from msgspec import Struct, field

from ltictl.errors import LtictlError, NotFoundError, UsageError
from ltictl.model.integration import Integration
from ltictl.model.login import Login
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.lms_side.token_command import run_token_command
from ltictl.platforms.administration import Interface, interface_of
from ltictl.platforms.family import Family
from ltictl.platforms.table import family_of

_SHORTEST = 8  # shorter parts would blank out innocent words
HOST_VARIABLE = "LTICTL_LMS_HOST"


def _write_back_nowhere(secret: str) -> None:
    del secret


# A token goes only to the host for which somebody gave it: one of a run to the one LMS of that run,
# a kept one to its address; a command gets the host and prints its token.
class GivenToken(Struct, frozen=True):
    """A token from a file, from stdin or from the environment.

    Attributes:
        text: a secret, empty for none.
        base: the address of its only LMS, empty for the one LMS of the run.
        write_back: stores its successor, where the LMS replaces it at each use.
    """

    text: str = ""
    base: str = ""
    write_back: Callable[[str], None] = _write_back_nowhere

    def __repr__(self) -> str:
        return "GivenToken(...)"


class Purse(Struct):
    """The secrets of one LMS in one run; each single-use text is traded once.

    Attributes:
        secret: the given text, or its successor.
        replace_secret: stores its successor.
        token: the token of this run, empty before the trade.
        spent: former secrets, which no output may show either.
    """

    secret: str
    replace_secret: Callable[[str], None] = _write_back_nowhere
    token: str = ""
    spent: tuple[str, ...] = ()

    def take(self, token: str, replaced: str) -> None:
        """Keep the token of this run, and store the successor of the given text before."""
        if replaced:
            # Stored first: the former text is void from now on, and a crash would lose the
            # successor.
            self.replace_secret(replaced)
            self.spent = (*self.spent, self.secret)
            self.secret = replaced
        self.token = token

    @property
    def all(self) -> tuple[str, ...]:
        """Every text that an LMS could repeat and nothing may show."""
        texts = [each for each in (self.token, self.secret, *self.spent) if each]
        parts = [part for text in texts for part in secret_parts(text)]
        return tuple(dict.fromkeys([*texts, *parts]))

    def __repr__(self) -> str:
        return "Purse(...)"


def secret_parts(text: str) -> tuple[str, ...]:
    """Return the secrets in a text: the values of JSON members, or of KEY:SECRET."""
    import json

    try:
        members = json.loads(text)
    except ValueError:
        members = None
    values = members.values() if isinstance(members, dict) else text.split(":")
    return tuple(
        each
        for each in values
        if isinstance(each, str) and len(each) >= _SHORTEST and not each.startswith(("/", "http"))
    )


class Site(Struct, frozen=True):
    """One LMS's interface, and the token for it.

    Attributes:
        context: the profile.
        policy: the limits of the requests.
        family, interface: of the LMS.
        base: the beginning of the interface's addresses.
        purse: its secrets.
        organization: slug of the organization that the token is for, empty if not known.
    """

    context: Context
    policy: GuardPolicy
    family: Family
    interface: Interface
    base: str
    purse: Purse
    organization: str = ""

    @property
    def host(self) -> str:
        """The host that gets the token, with its port where that is not the usual one."""
        return WebAddress.parse(self.base).authority

    def __repr__(self) -> str:
        return f"Site({self.base!r})"


def normal_base(url: str, field: str = "--platform") -> str:
    """Return the address of an LMS in the form to which tokens are bound.

    Raises:
        InvalidValueError: the URL is not valid.
    """
    return WebAddress.parse(url, field).without_query.rstrip("/")


def own_base(integration: Integration) -> str:
    """Return the address of an integration's interface, empty if it has none or is unknown."""
    return integration.lms_url or base_of(integration.platform)


def base_of(platform: Platform) -> str:
    """Return the address of an LMS's interface, empty if it has none."""
    interface = interface_of(family_of(platform.family).slug)
    return normal_base(interface.base(platform), "platform") if interface else ""


def interface_for(family: Family) -> Interface:
    """Return the interface of a family.

    Raises:
        LtictlError: ``no_lms_interface``.
    """
    found = interface_of(family.slug)
    if found is None:
        raise LtictlError(
            "no_lms_interface",
            f"{family.subject} has no interface by which a program could do that.",
            why="Nothing of the kind is known of this LMS.",
            fix=f"Do it there by hand: {family.switch}.",
        )
    return found


def not_offered(site: Site, clicks: str) -> LtictlError:
    """Return the error for an operation that the interface lacks."""
    return LtictlError(
        "not_offered_by_lms",
        f"The interface of {site.family.title} does not offer that.",
        fix=f"Do it there by hand: {clicks}.",
    )


class Sources(Struct):
    """The places of a profile that hold tokens, looked at once for a run.

    Attributes:
        organizations: slugs with kept logins, ``None`` before the look.
        command: the argv that prints tokens, empty for none, ``None`` before the look.
    """

    organizations: frozenset[str] | None = None
    command: tuple[str, ...] | None = None

    def logins_of(self, context: Context, organization: str) -> tuple[Login, ...]:
        """Return the kept logins of an organization."""
        if self.organizations is None:
            self.organizations = context.profile.logins.organizations()
        known = organization in self.organizations
        return context.profile.logins.of(organization) if known else ()

    def token_command(self, context: Context) -> tuple[str, ...]:
        """Return the profile's command that prints tokens."""
        if self.command is None:
            self.command = context.profile.settings().lms.token_command
        return self.command


class Keyring(Struct, frozen=True):
    """Every token that a run may use.

    Attributes:
        context: the profile.
        policy: the limits of the requests.
        given: the token that came with the run.
        only_bound: whether a token without an address counts for no LMS.
        purses: the secrets of this run by organization and address, ``None`` for no token.
        sources: the profile's tokens.
    """

    context: Context
    policy: GuardPolicy
    given: GivenToken = GivenToken()
    only_bound: bool = False
    purses: dict[tuple[str, str], Purse | None] = field(default_factory=dict)
    sources: Sources = field(default_factory=Sources)

    def site_of(self, integration: Integration) -> Site:
        """Return the interface of an integration's LMS.

        Raises:
            LtictlError: ``no_lms_interface``; ``lms_token_missing``.
        """
        base = own_base(integration)
        return self.site_for(integration.organization, integration.platform, base, integration.id)

    def site_for(self, organization: str, platform: Platform, base: str, identifier: str) -> Site:
        """Return the interface of an LMS before there is an integration.

        Args:
            organization: slug.
            platform: the LMS.
            base: the known address of its interface, empty if unknown.
            identifier: id for the error.
        """
        family = family_of(platform.family)
        interface = interface_for(family)
        if WebAddress.parse(base).host in interface.shared_hosts:
            base = self._schools_own(organization, family, base, identifier)
        return self._find(organization, family, interface, base)

    def site_at(self, organization: str, family: Family, base: str) -> Site:
        """Return the interface of an LMS that a person named.

        Raises:
            LtictlError: ``no_lms_interface``; ``lms_token_missing``.
        """
        return self._find(organization, family, interface_for(family), base)

    def _schools_own(self, organization: str, family: Family, shared: str, identifier: str) -> str:
        """Return the school's address: the given one, or that of the organization's only login.

        Raises:
            NotFoundError: ``lms_address_unknown``.
        """
        if self.given.base:
            return self.given.base
        logins = self.sources.logins_of(self.context, organization)
        known = [each.base for each in logins if each.family == family.slug]
        if len(known) == 1:
            return known[0]
        raise NotFoundError(
            "lms_address_unknown",
            f"{shared} is the address of many schools, and the own one of {identifier!r} is "
            "not known.",
            why="A token goes to the school's own address only.",
            fix=f"Name it with --platform URL, or keep a login: ltictl lms login {organization} "
            "--platform URL --token-file PATH --keep",
        )

    def _find(self, organization: str, family: Family, interface: Interface, base: str) -> Site:
        key = organization, base
        if key not in self.purses:  # a command that prints tokens runs once for each LMS
            self.purses[key] = self._purse(organization, family, base)
        purse = self.purses[key]
        if purse is None:
            raise _missing(base, organization, interface)
        return Site(self.context, self.policy, family, interface, base, purse, organization)

    def _purse(self, organization: str, family: Family, base: str) -> Purse | None:
        """Return the secrets for an address: the given, the kept, or the command's."""
        bound = self.given.base or ("" if self.only_bound else base)
        # A token goes to no other host than the one for which somebody gave it.
        if self.given.text and _same_host(bound, base):
            return Purse(self.given.text, self.given.write_back)
        for login in self.sources.logins_of(self.context, organization):
            if (login.base, login.family) == (base, family.slug):
                keep = partial(_keep_renewed, self.context, login)
                return Purse(login.secret, keep)
        printed = self._printed(organization, family, base)
        return Purse(printed) if printed else None

    def _printed(self, organization: str, family: Family, base: str) -> str:
        argv = self.sources.token_command(self.context)
        if not argv:
            return ""
        facts = {
            HOST_VARIABLE: WebAddress.parse(base).authority,
            "LTICTL_LMS_URL": base,
            "LTICTL_LMS_FAMILY": family.slug,
            "LTICTL_ORGANIZATION": organization,
        }
        printed = run_token_command(self.context, argv, {**os.environ, **facts})
        return one_line_token(printed, f"the command {argv[0]!r}") if printed.strip() else ""


def one_line_token(text: str, source: str) -> str:
    """Return a token without the line end that editors add.

    Raises:
        UsageError: ``token_empty``, or ``token_unreadable`` for characters that no header takes.
    """
    token = text.strip()
    if not token:
        raise UsageError(
            "token_empty", f"There is no token in {source}.", fix="Write the token alone into it."
        )
    if not token.isascii() or not token.replace("\n", " ").replace("\r", " ").isprintable():
        raise UsageError(
            "token_unreadable",
            f"The token of {source} holds characters that no token has.",
            fix="Copy it again, alone and as text.",
        )
    return token


def _keep_renewed(context: Context, login: Login, secret: str) -> None:
    context.profile.logins.keep(replace(login, secret=secret))


def _same_host(bound: str, base: str) -> bool:
    if not bound:
        return False
    ours, theirs = WebAddress.parse(bound), WebAddress.parse(base)
    return (ours.scheme, ours.authority) == (theirs.scheme, theirs.authority)


def _missing(base: str, organization: str, interface: Interface) -> NotFoundError:
    host = WebAddress.parse(base).authority
    return NotFoundError(
        "lms_token_missing",
        f"There is no administrator's token for {host}.",
        why="The LMS lets only an administrator's token do that. It is made there: "
        f"{' > '.join(interface.token_place)}.",
        fix="Give it by --token-file PATH or LTICTL_LMS_TOKEN, or keep it: ltictl lms login "
        f"{organization} --platform {base} --token-file PATH --keep",
    )
