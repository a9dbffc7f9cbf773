"""Read the LMS's own side of many integrations, and store their switches."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.client_configuration import Difference
from ltictl.lti.vocabulary import SCOPES, TOOL_CONFIGURATION
from ltictl.model.integration import Integration
from ltictl.model.lms_side import LmsState, LmsSwitch, Target
from ltictl.model.record import replace
from ltictl.model.tool import Tool
from ltictl.operations.context import Context
from ltictl.operations.lms_side.interface_reads import MOST_BYTES, Asker
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.requests import request_for
from ltictl.platforms.administration import interface_of
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_MANY_AT_ONCE: Final = 20
# Asked for only where the LMS lists them, so that their presence is no difference.
_LMS_OWN: Final = {"openid", SCOPES["registration"], SCOPES["registration.readonly"]}


class Side(Struct, frozen=True):
    """The LMS's side of one integration.

    Attributes:
        integration: the stored integration.
        state: the LMS's side, ``None`` where it could not be read.
        differences: the LMS's records that differ from the tool's settings.
        error: the error of the reading.
        offered: whether the LMS has an interface.
    """

    integration: Integration
    state: LmsState | None = None
    differences: tuple[Difference, ...] = ()
    error: LtictlError | None = None
    offered: bool = True


def target_of(integration: Integration, *, update: bool = True) -> Target:
    """Return the registration of an integration in the form that interfaces take.

    Args:
        integration: the stored integration.
        update: whether to look for a waiting change, at an LMS where changes wait.
    """
    deployments = tuple(each.id for each in integration.deployments)
    waits = update and family_of(integration.platform.family).updates_wait
    return Target(integration.client_id, deployments, update=waits)


def read_sides(keyring: Keyring, identifiers: Sequence[str]) -> tuple[Side, ...]:
    """Read the LMS's side of each integration, in the order of the ids.

    Raises:
        NotFoundError: one of the integrations does not exist.
    """
    context = keyring.context
    context.profile.require()
    chosen = [context.profile.integrations.get(each) for each in dict.fromkeys(identifiers)]
    found = asyncio.run(_Round(keyring).run(chosen))
    _note(context, found)
    return found


class _Round:
    """One run over many integrations."""

    def __init__(self, keyring: Keyring) -> None:
        self._context = keyring.context
        self._policy = keyring.policy
        self._sites = Sites(keyring)
        self._tool = keyring.context.profile.settings().tool
        self._done = 0

    async def run(self, chosen: Sequence[Integration]) -> tuple[Side, ...]:
        """Read all integrations, some at a time, and keep their order."""
        from ltictl.net.client import GuardedClient

        found: list[Side | None] = [None] * len(chosen)
        waiting = iter(enumerate(chosen))
        async with (
            GuardedClient(self._policy, reuse=True, most_bytes=MOST_BYTES) as client,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(min(_MANY_AT_ONCE, len(chosen))):
                group.create_task(self._work(client, waiting, found))
        return tuple(each for each in found if each is not None)

    async def _work(
        self,
        client: "GuardedClient",
        waiting: Iterator[tuple[int, Integration]],
        found: list[Side | None],
    ) -> None:
        for position, integration in waiting:
            found[position] = await self._side(client, integration)
            self._done += 1
            self._context.progress(f"{self._done} of {len(found)} asked for ...")

    async def _side(self, client: "GuardedClient", integration: Integration) -> Side:
        family = family_of(integration.platform.family)
        if interface_of(family.slug) is None:
            return Side(integration, offered=False)
        try:
            asker = self._sites.asker(integration, client)
            state = await self._sites.state(asker, target_of(integration))
        except LtictlError as error:
            return Side(integration, error=error)
        return Side(integration, state, recorded_otherwise(self._tool, integration, state))


class Sites:
    """The interfaces of LMSs, each with one token for the run; a list is read once."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._askers: dict[tuple[str, str], Asker] = {}
        self._lists: dict[int, asyncio.Task[Mapping[str, LmsState]]] = {}

    def asker(self, integration: Integration, client: "GuardedClient") -> Asker:
        """Return the interface of an integration's LMS.

        Raises:
            LtictlError: there is no token for it, or no interface.
        """
        site = self._keyring.site_of(integration)
        return self._askers.setdefault((integration.organization, site.base), Asker(site, client))

    async def state(self, asker: Asker, target: Target) -> LmsState:
        """Return the LMS's side of one registration, from the LMS's list if it has one.

        Raises:
            LtictlError: the LMS refused, or could not be reached.
        """
        listing = asker.site.interface.listing
        if listing is None:
            return await asker.run(asker.site.interface.status(target))
        reading = self._lists.get(id(asker))
        if reading is None:
            # Kept as a task: all integrations of this LMS wait for one list.
            reading = asyncio.ensure_future(asker.run(listing()))
            self._lists[id(asker)] = reading
        return (await reading).get(target.client_id, LmsState(found=False))


def recorded_otherwise(
    tool: Tool, integration: Integration, state: LmsState
) -> tuple[Difference, ...]:
    """Return the LMS's records that differ from the tool's settings."""
    family = family_of(integration.platform.family)
    shaped = request_for(tool, family, integration.id)
    wanted = _wanted(shaped.request)
    return tuple(
        Difference(name, now, wanted[name])
        for name, now in state.recorded.items()
        if name in wanted and _words(now) != _words(wanted[name])
    )


def _wanted(request: Mapping[str, object]) -> dict[str, str]:
    tool = request.get(TOOL_CONFIGURATION)
    uris = request.get("redirect_uris")
    return {
        "client_name": str(request.get("client_name", "")),
        "initiate_login_uri": str(request.get("initiate_login_uri", "")),
        "jwks_uri": str(request.get("jwks_uri", "")),
        "redirect_uris": " ".join(map(str, uris)) if isinstance(uris, list) else "",
        "scope": str(request.get("scope", "")).replace("openid", "", 1).strip(),
        "target_link_uri": str(tool.get("target_link_uri", "")) if isinstance(tool, dict) else "",
    }


# Neither scopes nor addresses have an order of their own.
def _words(text: str) -> tuple[str, ...]:
    """Return the words of a member in alphabetical order."""
    return tuple(sorted(set(text.split()) - _LMS_OWN))


def seen_switch(integration: Integration, state: LmsState, context: Context) -> LmsSwitch | None:
    """Return the switch to store; an unchanged position keeps its first time."""
    if state.active is None and state.found:
        return integration.lms_switch
    active, word = bool(state.active), state.word
    known = integration.lms_switch
    if known is not None and (known.active, known.word) == (active, word):
        # With its time: people read since when the switch has been in this position.
        return known
    return LmsSwitch(active, word, context.now())


def _note(context: Context, sides: Sequence[Side]) -> None:
    """Store the switches that changed."""

    def noting(switch: LmsSwitch | None) -> Callable[[Integration], Integration]:
        return lambda stored: replace(stored, lms_switch=switch)

    edits = {}
    for each in sides:
        if each.state is None:
            continue
        switch = seen_switch(each.integration, each.state, context)
        if switch != each.integration.lms_switch:
            edits[each.integration.id] = noting(switch)
    if edits:
        context.profile.integrations.change_each(edits)
