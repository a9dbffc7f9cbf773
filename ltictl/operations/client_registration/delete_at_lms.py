"""Let an LMS delete the tool, where it allows that."""

import asyncio
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError
from ltictl.lti.answer import ACCESS_TOKEN
from ltictl.model.integration import Integration
from ltictl.operations.changes import Action, changed
from ltictl.operations.client_registration.client_endpoint import (
    ClientEndpoint,
    require_own_host,
)
from ltictl.operations.context import Context
from ltictl.operations.switch import remove_records
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy


# No attempt: a deletion issues nothing, and may be repeated after a lost answer.
def remove_with_lms(context: Context, policy: "GuardPolicy", identifier: str) -> Integration:
    """Let the LMS delete the tool, then forget the integration.

    Raises:
        LtictlError: as ``delete_at_lms``; then nothing is forgotten.
    """
    with changed(context, Action.REMOVE) as change:
        delete_at_lms(context, policy, identifier)
        removed = remove_records(context, identifier)
        change.note(identifier)
    return removed


def delete_at_lms(context: Context, policy: "GuardPolicy", identifier: str) -> None:
    """Let the LMS delete the tool; the stored integration stays.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: ``removal_not_offered``, ``registration_shared``, or the LMS refused.
    """
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    if not tool_may_delete(context, integration):
        raise removal_not_offered(integration)
    require_unshared(context, integration)

    async def run() -> None:
        from ltictl.net.client import GuardedClient

        async with GuardedClient(policy) as client:
            await ClientEndpoint(context, client, integration).delete()

    asyncio.run(run())


def tool_may_delete(context: Context, integration: Integration) -> bool:
    """Return whether the LMS gave the tool an address and a token that delete its registration.

    Raises:
        LtictlError: ``client_uri_elsewhere``: the address is at another host than the LMS.
    """
    if not integration.client_uri or not context.profile.secrets.has(integration.id, ACCESS_TOKEN):
        return False
    require_own_host(integration)
    return True


def removal_not_offered(integration: Integration, way: str = "") -> LtictlError:
    """Return the error for an LMS that does not let ltictl delete the tool.

    Args:
        integration: as stored.
        way: the sentence about another way, with a blank at its end.
    """
    family = family_of(integration.platform.family)
    return LtictlError(
        "removal_not_offered",
        f"{family.subject} does not let a tool delete its registration; nothing was removed.",
        fix=f"{way}Activities that use the tool stop working with it. If none does, delete it by "
        f"hand: {family.removal}. Then: ltictl remove {integration.id}",
    )


def require_unshared(context: Context, integration: Integration) -> None:
    """Refuse to delete a client that another integration uses too.

    Raises:
        LtictlError: ``registration_shared``.
    """
    key = (integration.platform.issuer, integration.client_id)
    sharing = [
        each.id
        for each in context.profile.integrations.all()
        if each.id != integration.id and (each.platform.issuer, each.client_id) == key
    ]
    if sharing:
        raise LtictlError(
            "registration_shared",
            f"{', '.join(sharing)} shares this client_id, and would stop working.",
            fix=f"Forget it here only: ltictl remove {integration.id}",
        )
