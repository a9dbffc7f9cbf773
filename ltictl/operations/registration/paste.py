"""Read a pasted text: the address that an LMS opened, or a sealed block."""

from msgspec import Struct

from ltictl.errors import NotFoundError, UsageError
from ltictl.operations.context import Context
from ltictl.operations.invite import invitation_problem, look_up
from ltictl.operations.registration.pasted_address import find_address
from ltictl.operations.relay_page import relay_private_key
from ltictl.relay.sealed_block import LaunchedRegistration, looks_sealed, open_block


class Pasted(Struct, frozen=True):
    """A registration from a pasted text.

    Attributes:
        organization: slug.
        invitation: id, empty where the address held none.
        configuration_url: value of ``openid_configuration``; its query may be a secret.
        token: registration token, a secret, empty if none.
        platform: origin of the only LMS that may use the invitation, ``None`` for any.
    """

    organization: str
    invitation: str
    configuration_url: str
    token: str
    platform: str | None = None

    def __repr__(self) -> str:
        return f"Pasted({self.organization!r}, {self.invitation!r}, ...)"  # the rest is secret


def read_pasted(context: Context, text: str, *, organization: str) -> Pasted:
    """Read a pasted text and check the invitation in it.

    Args:
        context: the profile.
        text: an address, or a sealed block, perhaps with changes of a mail program.
        organization: slug, empty for the invitation's.

    Raises:
        UsageError: the text is neither, or names no organization.
        NotFoundError: this profile never issued its invitation.
        LtictlError: the invitation or the block cannot be used.
    """
    context.profile.require()
    # The markers decide: a mail program may have changed everything between them.
    if looks_sealed(text):
        found = open_block(text, relay_private_key(context), context.now())
    else:
        found = _address(text)
    if not found.token:
        return _for_organization(found, "", organization, None, None)
    invitation = look_up(context, found.token).opened
    if invitation is None:
        raise NotFoundError(
            "unknown_invitation",
            "The invitation in it was not issued by this profile.",
            why="It belongs to another profile, or a part of it was lost.",
            fix="'ltictl invitation list' shows those of this profile; --profile names another.",
        )
    problem = invitation_problem(invitation, context.now())
    if problem is not None:
        raise problem
    return _for_organization(
        found, invitation.id, organization, invitation.organization, invitation.platform
    )


def _address(text: str) -> LaunchedRegistration:
    found = find_address(text)
    if found is None:
        raise _neither()
    address, opened = found
    if opened.token and not opened.configuration_url:
        raise UsageError(
            "nothing_added",
            "This is the registration URL itself, without what an LMS adds to it.",
            why="It was copied before the LMS had opened it.",
            fix="Paste it into the LMS; then paste here the address that the LMS has opened.",
        )
    return LaunchedRegistration(
        opened.token, opened.configuration_url or address, opened.registration_token
    )


def _neither() -> UsageError:
    return UsageError(
        "neither_address_nor_block",
        "What was pasted is neither an address nor a sealed block.",
        fix="Paste the whole address that the LMS has opened (it begins with http and holds "
        "'openid_configuration'), or everything from BEGIN to END of a sealed block.",
    )


def _for_organization(
    found: LaunchedRegistration,
    invitation: str,
    wanted: str,
    invited: str | None,
    platform: str | None,
) -> Pasted:
    organization = wanted or invited
    if not organization:
        raise UsageError(
            "options_missing",
            "It does not say for which organization.",
            fix="Repeat the command with --org SLUG.",
        )
    # The invitation is a promise to one school; --org must not redirect it to another.
    if invited and invited != organization:
        raise UsageError(
            "organization_mismatch",
            f"The invitation in it is for {invited!r}, not for {organization!r}.",
            fix=f"Repeat the command with --org {invited}, or without --org.",
        )
    return Pasted(
        organization, invitation, found.configuration_url, found.registration_token, platform
    )
