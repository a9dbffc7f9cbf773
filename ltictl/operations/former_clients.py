"""Find clients that an LMS has lost, and make a former client the present one again."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError, NotFoundError
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.integration import FormerClient, Integration, Scopes
from ltictl.model.record import replace
from ltictl.operations.ask_token import request_token
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.signing import current_key
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.policy import GuardPolicy

_PATIENCE = 5.0  # a person waits for the page meanwhile


def find_gone_clients(
    context: Context, policy: "GuardPolicy", integrations: Sequence[Integration]
) -> frozenset[str]:
    """Ask LMSs for tokens, and return the ids of integrations whose clients they have lost.

    Args:
        context: the profile.
        policy: the limits of the requests.
        integrations: the integrations whose present clients are looked for.
    """
    able = [each for each in integrations if family_of(each.platform.family).unknown_client]
    if not able:
        return frozenset()

    async def run() -> list[bool]:
        from ltictl.net.client import GuardedClient

        async with GuardedClient(policy) as client:
            return await asyncio.gather(*(ask_whether_gone(context, client, each) for each in able))

    answers = asyncio.run(run())
    return frozenset(each.id for each, gone in zip(able, answers, strict=True) if gone)


async def ask_whether_gone(
    context: Context, client: "GuardedClient", integration: Integration
) -> bool:
    """Ask for a token, and return whether the LMS has lost the client."""
    gone = family_of(integration.platform.family).unknown_client
    if not gone or not integration.platform.has_services:
        return False
    # The LMS looks for the client before it looks at services; without any there is no request.
    requested = integration.scopes.requested or (SCOPES["score"],)
    asking = replace(integration, scopes=Scopes(requested=requested))
    # An LMS that cannot be asked has lost nothing.
    with suppress(LtictlError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            answer = await request_token(context, client, asking, current_key(context))
            # Only the family's own word for it counts. After any other refusal the client is in
            # use, and dropping it would end its launches.
            return answer.granted is None and answer.error == gone
    return False


def back_to_former(context: Context, identifier: str, client_id: str) -> Integration:
    """Make a former client of an integration its present one, and the present one former.

    Nothing changes in the LMS. Repeating it changes nothing.

    Raises:
        NotFoundError: there is no such integration, or it never had that client.
        LtictlError: it could not be stored.
    """
    context.profile.require()

    def back(integration: Integration) -> Integration:
        if integration.client_id == client_id:
            return integration
        return integration.back_to(_former(integration, client_id), context.now())

    with changed(context, Action.UPDATE) as change:
        before = context.profile.integrations.get(identifier)
        stored = context.profile.integrations.change(identifier, back)
        if stored.client_id != before.client_id:
            change.note(identifier)
    return stored


def _former(integration: Integration, client_id: str) -> FormerClient:
    for each in integration.former:
        if each.client_id == client_id:
            return each
    known = ", ".join(each.client_id for each in integration.former)
    raise NotFoundError(
        "no_former_client",
        f"{integration.id!r} never had the client {client_id[:80]!r}.",
        fix=f"Its former clients: {known}." if known else "It has no former client.",
    )
