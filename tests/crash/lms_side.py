"""A Canvas of its own for each run, whose administrator's token the run has: its books and ours."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from ltictl.model.login import Login
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.lms_side.change_intent import Run
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.site import Site
from ltictl.operations.lms_side.tokens import GivenToken
from ltictl.operations.lms_side.tool_changes import find_at_lms, switch_at_lms
from ltictl.operations.lms_side.via_lms import Order, register_via_lms, site_of_order
from ltictl.operations.requests import request_for
from ltictl.platforms.table import family_named
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.canvas import CanvasLms
from ltictl.sandbox.family import FamilyCode
from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import ToolState
from tests.support.processes import Finished

ID = "acme-canvas"
POLICY = GuardPolicy(allow_private=True)
_KEPT = 16  # more than all runs at a time have, with those that were tried again

Ltictl = Callable[..., Finished]


@dataclass(frozen=True)
class Wanted:
    """The state of the LMS and of the profile after a finished command.

    Attributes:
        tools: how many it has.
        on: whether the tool is switched on; None where the command leaves that alone.
        deployments: at least so many are known here.
        waits: whether a change still waits to be accepted.
    """

    tools: int = 1
    on: bool | None = None
    deployments: int = 0
    waits: bool = False


@dataclass(frozen=True)
class Account:
    """One Canvas and the run that may administer it."""

    sandbox: Sandbox
    administrator: Administrator
    wanted: Wanted

    @property
    def base(self) -> str:
        return self.sandbox.base_url

    @property
    def token(self) -> str:
        return self.administrator.token

    @property
    def clients(self) -> set[str]:
        return {each.client_id for each in self.sandbox.lms.tools()}

    def site(self, context: Context) -> tuple[Keyring, Site]:
        keyring = Keyring(context, POLICY, GivenToken(self.token, self.base))
        return keyring, site_of_order(keyring, Order("acme", self.base))

    def in_the_books(self, finished: Finished, listed: Any, recover: Any) -> list[str]:
        """The LMS's books against what the profile knows."""
        sent = Counter(call for call in self.administrator.calls if call[0] != "GET")
        found = [f"sent again: {call}" for call, times in sent.items() if times > 1]
        known = {each["client_id"] for each in listed["integrations"]}
        named = bool(listed["attempts"]) and bool(recover["attempts"])
        if len(self.clients) > 1:
            found.append(f"made more than once: {self.clients}")
        if not self.clients <= known and not named:
            found.append(f"lost: {self.clients - known} {finished}")
        if not known <= self.clients and not named:
            found.append(f"made up: {known - self.clients}")
        if finished.code == 0:
            found += self._undone(listed)
        return found

    def _undone(self, listed: Any) -> list[str]:
        """The work that a successful command leaves."""
        (integration,) = listed["integrations"] or (None,)
        found = [f"unsettled: {each}" for each in listed["attempts"]]
        if bool(integration) != bool(self.wanted.tools) or len(self.clients) != self.wanted.tools:
            return [*found, f"success was claimed: {self.clients} {listed}"]
        if integration is None:
            return found
        switch = integration["registration"]["lms_switch"] or {"active": None}
        on = self.sandbox.lms.tools()[0].state is ToolState.ACTIVE
        if self.wanted.on is not None and (on, switch["active"]) != (self.wanted.on,) * 2:
            found.append(f"switch: {on} there, {switch} here")
        if len(integration["deployments"]) < self.wanted.deployments:
            found.append(f"deployments: {integration['deployments']}")
        return found + (["the change still waits"] if self._waits() != self.wanted.waits else [])

    def _waits(self) -> bool:
        lms = self.sandbox.lms
        assert isinstance(lms, CanvasLms)
        return any(lms.has_update(each.deployment_id) for each in lms.tools())

    def settle(self, ltictl: Ltictl, arguments: tuple[str, ...]) -> list[str]:
        """Ask about the interrupted change, and run the command again: each step happens once."""
        for each in ltictl("recover", "--json").data["attempts"]:
            asked = ("recover", each["id"], "--probe", "--platform", "URL", "--yes", "--json")
            done = ltictl(*self.completed(asked), given=self.token)
            if done.code != 0:
                return [f"cannot be settled: {done}"]
        done = ltictl(*self.completed(arguments), given=self.token)
        if done.code not in {0, 4}:  # 4: there was nothing left to do
            return [f"after a second time: {done}"]
        listed = ltictl("list", "--json").data
        return [f"after a second time: {each}" for each in self._undone(listed)]

    def completed(self, arguments: tuple[str, ...]) -> tuple[str, ...]:
        """The arguments of a command that reads the token from stdin."""
        words = (self.base if each == "URL" else each for each in arguments)
        return (*words, "--token-file", "-", "--allow-private")


Before = Callable[[Context, Account], None]


def leave_empty(context: Context, account: Account) -> None:
    """Nothing is registered yet."""
    del context, account


def register_tool(context: Context, account: Account) -> None:
    """The tool is registered, and switched off there."""
    _, site = account.site(context)
    register_via_lms(site, Order("acme", account.base), Run())


def propose_change(context: Context, account: Account) -> None:
    """The tool is registered and on, and a change of it waits there."""
    register_tool(context, account)
    keyring, _ = account.site(context)
    switch_at_lms(find_at_lms(keyring, ID), Run(), active=True)
    lms = account.sandbox.lms
    assert isinstance(lms, CanvasLms)
    ticket = lms.issue(lms.tools()[0].deployment_id, "https://tool.invalid/register")
    settings, family = context.profile.settings(), family_named("canvas")
    httpx.post(
        context.profile.integrations.get(ID).platform.registration_endpoint,
        headers={"Authorization": f"Bearer {ticket.secret}"},
        json=dict(request_for(settings.tool, family, ID).request),
    ).raise_for_status()


@dataclass
class Accounts:
    """Makes the Canvas of each run.

    Args:
        features: of the account, on which the ways of the interface depend.
        before: the state before the command.
        wanted: the state after it.
    """

    features: frozenset[str]
    before: Before
    wanted: Wanted
    _open: "deque[Sandbox]" = field(default_factory=deque)

    def start(self, context: Context) -> Account:
        """A Canvas, and the profile as it is before the command."""
        while len(self._open) >= _KEPT:
            self._open.popleft().__exit__(None, None, None)
        sandbox = Sandbox(family=FamilyCode.CANVAS).__enter__()
        self._open.append(sandbox)
        administrator = sandbox.lms.administration
        assert administrator is not None
        administrator.features = set(self.features)
        account = Account(sandbox, administrator, self.wanted)
        # With a login the kind of LMS is known, and nothing is tried side by side to recognise it.
        login = Login("acme", account.base, "canvas", account.token, context.now())
        context.profile.logins.keep(login)
        self.before(context, account)
        administrator.calls.clear()
        return account

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        while self._open:
            self._open.pop().__exit__(None, None, None)
