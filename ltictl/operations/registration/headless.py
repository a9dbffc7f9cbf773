"""Register without a browser, with the two parameters that an LMS would send."""

import asyncio
from collections.abc import Callable
from functools import partial

from ltictl.errors import LtictlError
from ltictl.model.integration import Status
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy
from ltictl.operations.attempts.carry_out import carry_out
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.events import Event, Inbox
from ltictl.operations.hooks import require_hook
from ltictl.operations.lms_facts.moved_lms import name_registered
from ltictl.operations.registration.inspect_platform import (
    Inspection,
    inspect_platform,
    require_settled_lms,
)
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan, register_once
from ltictl.operations.requests import require_families
from ltictl.operations.served_set import expected_keys
from ltictl.operations.switch import switch


def inspect_headless(
    context: Context,
    reach: Reach,
    *,
    organization: str,
    configuration_url: str,
    token: str,
) -> Inspection:
    """Inspect the LMS, and make every check that needs no registration.

    Args:
        context: the profile.
        reach: the LMSs that may be asked, and the limits of the requests.
        organization: slug.
        configuration_url: value of ``openid_configuration``; its query may be a secret.
        token: value of ``registration_token``, empty if none.

    Raises:
        NotFoundError: there is no such organization.
        NeedsRecoveryError: an earlier attempt there is not settled.
        RefusedError, UnreachableError: the LMS cannot be used.
    """
    settings = context.profile.settings()
    # Before the LMS's link, which may work only once, is opened.
    require_hook(context)
    context.profile.require_passphrase()
    require_families(settings)
    tool = settings.tool
    context.profile.organizations.get(organization)
    context.progress("Asking the LMS for its description ...")

    async def inspection() -> Inspection:
        async with GuardedClient(reach.policy) as client:
            return await inspect_platform(
                client,
                tool,
                expected_keys(context),
                configuration_url=configuration_url,
                token=token,
                reach=reach,
                aliases=settings.aliases,
            )

    try:
        found = asyncio.run(inspection())
    except LtictlError as error:
        name_registered(context, error, configuration_url)
        raise
    require_settled_lms(context, organization, found)
    return found


def register_headless(
    context: Context,
    policy: GuardPolicy,
    plan: Plan,
    inbox: Inbox,
    show: Callable[[Event], None] = lambda _: None,
    *,
    activate: bool = False,
) -> Registered:
    """Carry out one registration (see ``carry_out``).

    Args:
        context: the profile.
        policy: the limits of the requests.
        plan: the confirmed registration.
        inbox: receives the signals.
        show: receives one event if the run waits for an answer in spite of a signal.
        activate: whether to activate the integration as soon as it is stored.

    Raises:
        LtictlError: as ``register_once`` and ``carry_out``.
    """
    context.progress(f"Waiting for the answer of {plan.inspection.configuration.platform.host} ...")
    with changed(context, Action.REGISTER) as change:
        done = carry_out(policy, partial(register_once, context, plan), plan.lane, inbox, show)
        change.note(done.integration.id)
        if done.updated:
            # Only the answer shows whether the LMS made a tool or changed one.
            change.action = Action.UPDATE
        if activate:
            switch(context, [done.integration.id], Status.ACTIVE)
    return done
