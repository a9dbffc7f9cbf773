"""Check the LMS's own switch, where an administrator's token is at hand."""

import asyncio
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration
from ltictl.model.lms_side import LmsState, LmsSwitch
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.context import Context
from ltictl.operations.lms_side.status import Sites, seen_switch, target_of
from ltictl.platforms.administration import interface_of
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_NAME = "lms_activation"
_NO_TOKEN = ("lms_token_missing", "lms_address_unknown")


class Activation(Struct, frozen=True):
    """The check of a switch, and its position, ``None`` where nobody could see it."""

    check: Check
    switch: LmsSwitch | None = None


async def check_activation(
    context: Context,
    sites: Sites,
    store: Executor,
    client: "GuardedClient",
    integration: Integration,
) -> Activation:
    """Ask an LMS whether the tool is switched on there.

    Args:
        context: the profile.
        sites: the LMSs' interfaces.
        store: the one thread that reads the profile's files.
        client: the guarded HTTP client.
        integration: the stored integration.
    """
    family = family_of(integration.platform.family)
    if interface_of(family.slug) is None:
        return Activation(_unknown(integration))
    loop = asyncio.get_running_loop()
    try:
        # The profile's reader is not made for several threads.
        asker = await loop.run_in_executor(store, sites.asker, integration, client)
        state = await sites.state(asker, target_of(integration, update=False))
    except LtictlError as error:
        reason = "" if error.code in _NO_TOKEN else f"{error.message} "
        return Activation(_unknown(integration, reason))
    return Activation(_judge(integration, state), seen_switch(integration, state, context))


def _judge(integration: Integration, state: LmsState) -> Check:
    host = integration.platform.host
    if not state.found:
        detail = f"{host} has no tool with this client_id"
        fix = f"Register it again: ltictl register --org {integration.organization} --via-lms"
        return Check(_NAME, Verdict.FAIL, detail, fix)
    # The interface answered, but this LMS's version does not say.
    if state.active is None:
        return _unknown(integration)
    if state.active:
        return Check(_NAME, Verdict.PASS, f"on in the LMS ({state.word})")
    detail = f"the LMS's own switch is off ({state.word})"
    return Check(_NAME, Verdict.FAIL, detail, f"ltictl lms activate {integration.id}")


def _unknown(integration: Integration, reason: str = "") -> Check:
    """Return the check that leaves the question open."""
    family = family_of(integration.platform.family)
    # A token proves nothing: Moodle gives one to rejected tools too (recordings, fact 6).
    why = reason or "cannot be checked from outside; look in the LMS"
    return Check(
        _NAME, Verdict.UNKNOWN, why.strip(), f"In {family.title}: {family.switch}.", decides=False
    )
