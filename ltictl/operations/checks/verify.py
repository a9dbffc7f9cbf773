"""Verify integrations from outside: their addresses, both key sets, and a token."""

import asyncio
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import SimpleQueue

from ltictl.errors import LtictlError
from ltictl.model.integration import Integration, filled
from ltictl.model.lms_side import LmsSwitch
from ltictl.model.profile import KeyManager
from ltictl.model.record import replace
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy
from ltictl.operations.ask_token import Signer, ready_signer
from ltictl.operations.checks.background import in_background
from ltictl.operations.checks.check_activation import check_activation
from ltictl.operations.checks.check_addresses import Addresses
from ltictl.operations.checks.check_former import check_former
from ltictl.operations.checks.check_token import (
    TokenFindings,
    check_token,
    tool_holds_key,
)
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.findings import Verification, checks_named, problems_in_words
from ltictl.operations.checks.pace import pace
from ltictl.operations.checks.record_findings import Findings
from ltictl.operations.context import Context
from ltictl.operations.keys.publication import known_address
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.status import Sites
from ltictl.operations.served_set import expected_keys
from ltictl.operations.signing import current_key
from ltictl.platforms.table import family_of

_MANY_AT_ONCE = 20


def verify(
    context: Context,
    policy: GuardPolicy,
    identifiers: Sequence[str],
    keyring: Keyring | None = None,
) -> Generator[Verification]:
    """Check integrations while the results are read, and store the findings.

    The findings are the granted scopes, the problems and the time. The first result that is read
    begins the work, and ``close`` ends it.

    Args:
        context: the profile.
        policy: the limits of the requests.
        identifiers: ids; the results have their order.
        keyring: administrators' tokens for the LMSs' own switches, where there are any.

    Raises:
        NotFoundError: one does not exist.
        LtictlError: there is no signing key, or it cannot be used.
    """
    context.profile.require()
    chosen = list(dict.fromkeys(identifiers))
    for identifier in chosen:
        if not context.profile.integrations.exists(identifier):
            # It raises the usual error, with the ids that are like this one.
            context.profile.integrations.get(identifier)
    return _verify(context, policy, chosen, keyring or Keyring(context, policy, only_bound=True))


def _verify(
    context: Context, policy: GuardPolicy, chosen: Sequence[str], keyring: Keyring
) -> Generator[Verification]:
    # All files belong to one thread of their own, so that no request waits for a disk.
    with ThreadPoolExecutor(1, "ltictl-store") as store:
        findings = Findings(context.profile.integrations, store)
        round_ = _Round(context, policy, findings, Sites(keyring), store)
        results: SimpleQueue[Verification | None] = SimpleQueue()
        with in_background(round_.run(chosen, results.put)) as running:
            running.add_done_callback(lambda _: results.put(None))
            try:
                yield from iter(results.get, None)
            finally:
                if round_.done < len(chosen):
                    kept = f"{round_.done} of {len(chosen)} were verified; their results are kept."
                    context.warn(kept)
            running.result()


class _InOrder:
    """Hands on results in their order, and holds only those that wait for an earlier one."""

    def __init__(self, hand_on: Callable[[Verification], object]) -> None:
        self._hand_on = hand_on
        self._early: dict[int, Verification] = {}
        self._next = 0

    def add(self, position: int, result: Verification) -> None:
        self._early[position] = result
        while self._next in self._early:
            self._hand_on(self._early.pop(self._next))
            self._next += 1


class _Round:
    """One run over many integrations."""

    def __init__(
        self,
        context: Context,
        policy: GuardPolicy,
        findings: Findings,
        sites: Sites,
        store: ThreadPoolExecutor,
    ) -> None:
        settings = context.profile.settings()
        self._context = context
        self._policy = policy
        self._findings = findings
        self._sites = sites
        self._store = store
        self._jwks_uri = settings.tool.jwks_uri
        self.done = 0
        self._began = time.monotonic()
        self._checks: dict[Check, Check] = {}
        self._signer: Signer | None = None
        if settings.keys.managed_by is KeyManager.LTICTL:
            self._signer = ready_signer(context, current_key(context))

    async def run(self, chosen: Sequence[str], hand_on: Callable[[Verification], object]) -> None:
        """Verify all integrations, some at a time, and hand on the results in their order."""
        results = _InOrder(hand_on)
        waiting = iter(enumerate(chosen))
        async with GuardedClient(self._policy, reuse=True) as client, asyncio.TaskGroup() as group:
            addresses = self._addresses(client)
            # The tasks share one iterator: a slow LMS holds up one of them only.
            for _ in range(min(_MANY_AT_ONCE, len(chosen))):
                group.create_task(self._work(client, addresses, waiting, results, len(chosen)))

    def _addresses(self, client: GuardedClient) -> Addresses:
        return Addresses(client, expected_keys(self._context))

    async def _work(
        self,
        client: GuardedClient,
        addresses: Addresses,
        waiting: Iterator[tuple[int, str]],
        results: "_InOrder",
        total: int,
    ) -> None:
        """Verify one integration after the other until none is left."""
        for position, identifier in waiting:
            result = await self._verify(client, addresses, identifier)
            self.done += 1
            self._context.progress(pace(self.done, total, time.monotonic() - self._began))
            results.add(position, result)

    async def _verify(
        self, client: GuardedClient, addresses: Addresses, identifier: str
    ) -> Verification:
        try:
            integration = await self._findings.read(identifier)
        except LtictlError as error:  # damaged, or removed a moment ago
            check = Check("document", Verdict.FAIL, error.message, error.fix)
            return Verification(identifier, (check,))
        checks = await self._look_at(addresses, integration)
        found = await self._token(client, integration, checks)
        former, gone = await check_former(self._context, client, integration)
        switch = await check_activation(
            self._context, self._sites, self._store, client, integration
        )
        checks += [*found.checks, *former, switch.check]
        noting = _noting(tuple(checks), found, gone, switch.switch, self._context.now())
        unwritten = await self._findings.write(identifier, noting)
        if unwritten is not None:
            checks.append(Check("document", Verdict.WARN, unwritten.message, unwritten.fix))
        return Verification(identifier, tuple(map(self._shared, checks)))

    def _shared(self, check: Check) -> Check:
        """Return the first equal check of the run, so that thousands of results share one."""
        return self._checks.setdefault(check, check)

    async def _token(
        self, client: GuardedClient, integration: Integration, seen: Sequence[Check]
    ) -> TokenFindings:
        if self._signer is None:
            return TokenFindings((tool_holds_key(),))
        results = {check.id: check.result for check in seen}
        return await check_token(
            self._context,
            client,
            integration,
            self._signer,
            key_set_passes=results["tool_key_set"] is Verdict.PASS,
            authorization_answers=results["authorization_endpoint"] is Verdict.PASS,
        )

    async def _look_at(self, addresses: Addresses, integration: Integration) -> list[Check]:
        platform, family = integration.platform, family_of(integration.platform.family)
        own = known_address(integration) or filled(self._jwks_uri, integration.id)
        looks = [
            addresses.authorization(platform.authorization_endpoint, family.bare_authorization),
            addresses.platform_key_set(platform.jwks_uri),
            addresses.tool_key_set(own),
        ]
        if family.configuration_again and platform.configuration_url:
            looks.insert(0, addresses.configuration(platform))
        return list(await asyncio.gather(*looks))


def _noting(
    checks: tuple[Check, ...],
    found: TokenFindings,
    gone: frozenset[str],
    switch: LmsSwitch | None,
    now: datetime,
) -> Callable[[Integration], Integration]:
    """Return the change of a document after a run."""
    failed = [each for each in checks if each.result is Verdict.FAIL and each.id != "document"]
    problems = problems_in_words(each for each in failed if not each.of_this_run)
    unseen = {each.id for each in failed if each.of_this_run}

    def noted(stored: Integration) -> Integration:
        scopes, platform = stored.scopes, stored.platform
        # Without a token nothing is known about the grant, and the former one stays.
        if found.granted is not None:
            scopes = replace(scopes, granted=found.granted)
        if found.audience:
            platform = replace(platform, audience=found.audience)
        # This run could not look there, so it knows nothing better than the run before it.
        unseen_problems = tuple(each for each in stored.problems if unseen & checks_named(each))
        return replace(
            (stored.seen_gone(gone, now) if gone else stored).accepting(now),
            platform=platform,
            scopes=scopes,
            problems=(*problems, *(each for each in unseen_problems if each not in problems)),
            # The time of the last proof stays: it shows since when something is wrong.
            verified_at=stored.verified_at if failed else now,
            lms_switch=switch or stored.lms_switch,
        )

    return noted
