"""Find the outcome of an update whose answer was not read, by reading only."""

import asyncio
from typing import TYPE_CHECKING, Any

from ltictl.errors import NeedsRecoveryError, RefusedError, UnreadableError
from ltictl.lti.client_configuration import compare_client
from ltictl.model.attempt import Answer, Attempt
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.client_registration.client_endpoint import (
    ClientEndpoint,
    keep_fresh_token,
    registration_in,
    require_own_host,
)
from ltictl.operations.client_registration.settle_update import settle_update
from ltictl.operations.context import Context
from ltictl.platforms.table import family_of
from ltictl.store.own_json import parse_own

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy


def probe_update(context: Context, policy: "GuardPolicy", attempt: Attempt) -> Registered | None:
    """Read the registration, and store it where it shows the update.

    Args:
        context: the profile.
        policy: the limits of the requests.
        attempt: the update.

    Returns:
        The stored integration, ``None`` where the LMS does not show the change.

    Raises:
        NeedsRecoveryError: the LMS does not let the tool read it any more.
        LtictlError: the integration is gone here, or the LMS could not be reached.
    """
    integration = context.profile.integrations.get(attempt.id)
    # The request carries the registration access token.
    require_own_host(integration)
    answer = asyncio.run(_read(context, policy, integration))
    # RFC 7592, 3: each answer may replace the token, and the former one stops then.
    keep_fresh_token(context, attempt.id, answer)
    try:
        current = registration_in(answer, integration)
    except RefusedError as error:
        raise _undecided(attempt, error) from error
    # The LMS shows other values, so the request did not arrive or was not accepted yet.
    if compare_client(current, _read_request(attempt)):
        return None
    return settle_update(context, attempt.answered(answer))


def _read_request(attempt: Attempt) -> dict[str, Any]:
    try:
        return parse_own(attempt.request)
    except ValueError as error:
        raise UnreadableError(
            "damaged_attempt",
            f"The record of the update {attempt.id!r} does not hold what was asked for: {error}.",
            why="It was edited, or a disk or copy went wrong.",
            fix="Look into the LMS whether the tool was changed there, and put the record aside: "
            f"{hint('recover', attempt.id, '--forget')}",
        ) from error


async def _read(context: Context, policy: "GuardPolicy", integration: Integration) -> Answer:
    from ltictl.net.client import GuardedClient

    async with GuardedClient(policy) as client:
        endpoint = ClientEndpoint(context, client, integration)
        return await endpoint.read(await endpoint.token())


def _undecided(attempt: Attempt, error: RefusedError) -> NeedsRecoveryError:
    family = family_of(attempt.platform.family)
    return NeedsRecoveryError(
        "probe_undecided",
        error.message,
        why="The answer that was lost may have replaced the token that opens the registration, or "
        "the tool was deleted there.",
        fix=f"In the LMS: {family.place}. If the tool is there, launches go on, and only changes "
        f"have to be made there by hand. Then: 'ltictl recover {attempt.id} --forget'.",
        attempt=attempt.id,
    )
