"""Register without a browser: the two parameters that an LMS would send are handed in."""

import asyncio
import time

from ltictl.errors import InterruptedRunError
from ltictl.net.client import GuardedClient, GuardPolicy
from ltictl.operations.attempt import Plan, Registered
from ltictl.operations.attempt_thread import ANSWER_DEADLINE, AttemptThread
from ltictl.operations.context import Context
from ltictl.operations.events import Finished, Inbox, StopRequest
from ltictl.operations.inspect_platform import Inspection, inspect_platform, require_settled


def inspect_headless(
    context: Context,
    policy: GuardPolicy,
    *,
    organization: str,
    configuration_url: str,
    token: str,
    platform: str | None,
) -> Inspection:
    """Look at the LMS; everything that can be checked beforehand is.

    Args:
        context: the profile.
        policy: what the way out allows.
        organization: slug.
        configuration_url: value of ``openid_configuration``; its query may be a secret.
        token: value of ``registration_token``, empty if none.
        platform: the only LMS that is expected, ``None`` for any.

    Raises:
        NotFoundError: there is no such organization.
        NeedsRecoveryError: an earlier attempt there is not settled.
        RefusedError, UnreachableError: the LMS cannot be used.
    """
    tool = context.profile.settings().tool
    context.profile.organizations.get(organization)

    async def inspection() -> Inspection:
        async with GuardedClient(policy) as client:
            return await inspect_platform(
                client, tool, configuration_url=configuration_url, token=token, pinned=platform
            )

    found = asyncio.run(inspection())
    require_settled(context, organization, found)
    return found


def register_headless(
    context: Context, policy: GuardPolicy, plan: Plan, inbox: Inbox
) -> Registered:
    """Carry out one registration, and do not let a first signal cut it after it was sent.

    Raises:
        LtictlError: as ``register_once``.
        InterruptedRunError: a signal came before the request was sent, or a second one after.
    """
    thread = AttemptThread(context, policy)
    future = thread.submit(plan)
    future.add_done_callback(lambda _: inbox.put(Finished()))
    stop: StopRequest | None = None
    deadline = time.monotonic() + 2 * ANSWER_DEADLINE
    while not future.done() and time.monotonic() < deadline:
        item = inbox.get(timeout=2 * ANSWER_DEADLINE)
        if not isinstance(item, StopRequest):
            continue
        outstanding = thread.stop()
        if stop is not None and outstanding:
            raise InterruptedRunError(
                item.exit_code,
                "Stopped while an answer was outstanding.",
                fix="'ltictl list' names the registration; settle it with 'ltictl recover'.",
            )
        stop = item
    try:
        return future.result(timeout=1)
    except InterruptedRunError as error:
        if stop is not None:
            error.exit_code = stop.exit_code
        raise
