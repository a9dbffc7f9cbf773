"""Find the stored integration that a further registration changes."""

from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import LtictlError, NotFoundError, RefusedError
from ltictl.model.attempt import NewClient
from ltictl.model.integration import Integration
from ltictl.model.sentence import Sentence
from ltictl.operations.context import Context
from ltictl.operations.former_clients import find_gone_clients
from ltictl.operations.registration.inspect_platform import Inspection, earlier_integrations
from ltictl.platforms.family import Again

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy


def meant_by_lms(
    context: Context, organization: str | None, inspection: Inspection
) -> Integration | None:
    """Return the integration that the LMS's token asks to update, ``None`` for none.

    Args:
        context: the profile.
        organization: its only possible organization, ``None`` for any.
        inspection: the LMS and the facts in its token.

    Raises:
        RefusedError: ``other_organization``: it would change another organization's integration.
    """
    if not inspection.hint.is_update:
        return None
    # Moodle's update token names a deployment id (recordings, 07-update). It may belong to a tool
    # that is not recorded here; then the answer becomes a new integration.
    issuer, deployment = inspection.configuration.platform.issuer, inspection.hint.subject
    found = [
        each
        for each in context.profile.integrations.all()
        if each.platform.issuer == issuer and deployment in {one.id for one in each.deployments}
    ]
    own = [each for each in found if organization in {None, each.organization}]
    # An update would change the launches of a customer who did not ask for it.
    if found and not own:
        raise RefusedError(
            "other_organization",
            "The LMS asks to update a tool that belongs to another organization.",
            why="The registration URL was made for one organization and pasted for another.",
            fix=Sentence(
                "Choose 'Register as a new external tool' in {lms}, or use a URL that was made for "
                "that organization.",
                lms=inspection.family.mention,
            ),
        )
    return own[0] if own else None


class EarlierIntegration(Struct, frozen=True):
    """An integration of the organization at this LMS.

    Attributes:
        integration: the stored integration.
        gone: whether the LMS has lost its client.
    """

    integration: Integration
    gone: bool


def earlier_ones(
    context: Context,
    policy: "GuardPolicy",
    organization: str,
    inspection: Inspection,
    known_gone: dict[str, bool] | None = None,
) -> tuple[EarlierIntegration, ...]:
    """Ask the LMS for their clients, and return the earlier integrations, oldest first.

    Args:
        context: the profile.
        policy: the limits of the requests.
        organization: slug.
        inspection: the LMS.
        known_gone: whether the client of an integration is gone, by its id; new answers are added.
    """
    known = {} if known_gone is None else known_gone
    found = earlier_integrations(context, organization, inspection)
    unknown = [each for each in found if each.id not in known]
    # Each client is asked about once, while the person reads the page.
    gone = find_gone_clients(context, policy, unknown)
    known.update({each.id: each.id in gone for each in unknown})
    return tuple(EarlierIntegration(each, known[each.id]) for each in found)


class RegistrationTarget(Struct, frozen=True):
    """The integration that a registration without a page changes.

    Attributes:
        replaces: id of the integration, empty to add one.
        new_client: the place of a client that the LMS makes instead of updating.
        warnings: one sentence each.
    """

    replaces: str = ""
    new_client: NewClient = NewClient.BESIDE
    warnings: tuple[str, ...] = ()


def choose_target(
    context: Context,
    policy: "GuardPolicy",
    organization: str,
    inspection: Inspection,
    *,
    wanted: str = "",
    replace_client: bool = False,
) -> RegistrationTarget:
    """Decide which integration a registration without a page changes.

    Args:
        context: the profile.
        policy: the limits of the requests.
        organization: slug.
        inspection: the LMS.
        wanted: id that a person named, empty for none.
        replace_client: whether a person accepts a new client, though the former may be in use.

    Raises:
        NotFoundError: the organization has no such integration at this LMS.
        LtictlError: ``update_mismatch``: the LMS asks to update another one; ``client_in_use``.
        RefusedError: ``other_organization``.
    """
    meant = meant_by_lms(context, organization, inspection)
    if meant is not None and wanted not in {"", meant.id}:
        raise LtictlError(
            "update_mismatch",
            f"The LMS asks to update {meant.id!r}, and not {wanted!r}.",
            fix=f"Give --update {meant.id}, or choose the other tool in the LMS.",
        )
    # The LMS keeps the client_id in an update, so no question about a new one arises.
    if inspection.hint.is_update:
        return RegistrationTarget(meant.id if meant else "")
    earlier = earlier_ones(context, policy, organization, inspection)
    if not wanted:
        return RegistrationTarget(warnings=_addition_warnings(organization, inspection, earlier))
    for each in earlier:
        if each.integration.id == wanted:
            return RegistrationTarget(
                wanted, _new_client(each, inspection, replace_client=replace_client)
            )
    known = ", ".join(each.integration.id for each in earlier)
    raise NotFoundError(
        "nothing_to_update",
        f"{organization!r} has no integration {wanted[:80]!r} at this LMS.",
        fix=f"Those are there: {known}." if known else "Leave out --update.",
    )


def _addition_warnings(
    organization: str, inspection: Inspection, earlier: tuple[EarlierIntegration, ...]
) -> tuple[str, ...]:
    if not earlier:
        return ()
    ids = ", ".join(each.integration.id for each in earlier)
    warning = f"{organization!r} has {ids} at this LMS already; another is added beside it."
    gone = [each.integration.id for each in earlier if each.gone]
    title = inspection.family.title
    if gone:
        warning += (
            f" The tool of {gone[0]} is gone from {title}; --update {gone[0]} lets it take over"
        )
        return (f"{warning} the new one.",)
    if inspection.family.again is Again.ANNOUNCED_UPDATE:
        warning += f" To change the tool that is there instead, choose Update in {title}."
    return (warning,)


def _new_client(
    earlier: EarlierIntegration, inspection: Inspection, *, replace_client: bool
) -> NewClient:
    if earlier.gone:
        return NewClient.FORMER_GONE
    if replace_client:
        return NewClient.INSTEAD
    if inspection.family.again is Again.LMS_DECIDES:
        return NewClient.BESIDE
    # Activities work only with the client_id of the tool they were made with.
    raise _client_in_use(earlier.integration, inspection)


def _client_in_use(integration: Integration, inspection: Inspection) -> LtictlError:
    family = inspection.family
    instead = "Leave out --update to add another one beside it."
    if family.again is Again.ANNOUNCED_UPDATE:
        instead += f" To change the tool that is there, choose Update in {family.title}."
    return LtictlError(
        "client_in_use",
        f"{family.subject} would make a second tool, and {integration.id!r} may be in use with the "
        "first one.",
        why="Activities that were made with a tool work with its client_id only, and the LMS did "
        "not say that this one is gone.",
        fix=f"{instead} To give {integration.id} the new client_id all the same: --update "
        f"{integration.id} --replace-client. Exports then keep the former one too, until it is "
        "seen to be gone.",
        data={"integration": integration.id},
    )
