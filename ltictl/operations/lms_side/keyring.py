"""Find the token for an LMS: of the run, of a kept login, or of the profile's command."""

import os
from functools import partial

from msgspec import Struct, field

from ltictl.errors import NotFoundError
from ltictl.model.integration import Integration
from ltictl.model.login import Login
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.lms_side.site import Site, interface_for, own_base
from ltictl.operations.lms_side.token_command import run_token_command
from ltictl.operations.lms_side.tokens import GivenToken, Purse, one_line_token
from ltictl.platforms.administration import Interface
from ltictl.platforms.family import Family
from ltictl.platforms.table import family_of

HOST_VARIABLE = "LTICTL_LMS_HOST"


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
        printed = self._run_command(organization, family, base)
        return Purse(printed) if printed else None

    def _run_command(self, organization: str, family: Family, base: str) -> str:
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
