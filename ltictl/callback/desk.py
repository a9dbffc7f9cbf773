"""The caller's side of the callback server: admission, pages to show, and the registration.

The server knows nothing of platforms and profiles beyond these types.
"""

from concurrent.futures import Future
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from ltictl.errors import LtictlError


class Outcome(StrEnum):
    """How a visit ended; also ``data-outcome`` of the result page."""

    REGISTERED = "registered"
    UPDATED = "updated"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Choice(Struct, frozen=True):
    """One thing to choose from.

    Attributes:
        value: in the form.
        label: what people read.
        chosen: whether it is, before a person chooses.
    """

    value: str
    label: str
    chosen: bool = False


class Offer(Struct, frozen=True):
    """The content of the confirmation page.

    Attributes:
        tool: name of the tool.
        lms: name of the product.
        version: of the product, empty if unknown.
        host: of the LMS.
        school: where the LMS says so, else empty.
        hosts: every host of the LMS that will receive something.
        registers_at: the one that gets the registration, with the LMS's token.
        tool_hosts: the tool's own, which the LMS sends people to with their data.
        services: what each requested service gives, in plain words.
        messages: what people will do with the tool in the LMS, in plain words.
        data: personal data asked for, in plain words.
        organization: label of the fixed organization, empty where the page asks.
        organizations: to choose from; empty where the slug is typed.
        updates: id of the integration that the LMS asked to update, empty for none.
        lms_decides: whether the LMS itself updates a tool that it has, or adds one.
        warnings: one sentence each.
    """

    tool: str
    lms: str
    version: str
    host: str
    school: str
    hosts: tuple[str, ...]
    registers_at: str
    services: tuple[str, ...]
    data: tuple[str, ...]
    organization: str
    organizations: tuple[Choice, ...] = ()
    tool_hosts: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    updates: str = ""
    lms_decides: bool = False
    warnings: tuple[str, ...] = ()


class Result(Struct, frozen=True):
    """The content of a result page.

    Attributes:
        outcome: how it ended.
        message: what happened, one sentence.
        why, fix: empty on success.
        steps: what comes next in the LMS, in order.
        integration: id, empty if none came of it.
        warnings: one sentence each.
        title: heading, where that of the outcome would say too much; else empty.
    """

    outcome: Outcome
    message: str
    why: str = ""
    fix: str = ""
    steps: tuple[str, ...] = ()
    integration: str = ""
    warnings: tuple[str, ...] = ()
    title: str = ""


class Admission(Struct, frozen=True):
    """Whose invitation a ``t`` parameter is.

    Attributes:
        invitation: its id.
        problem: why it cannot be used (any more), ``None`` if it can.
    """

    invitation: str
    problem: LtictlError | None = None


class Visitor(Protocol):
    """One LMS administrator who came in, together with the LMS that sent them."""

    @property
    def offer(self) -> Offer:
        """Return the content of the confirmation page."""
        ...

    def organization(self, typed: str) -> str:
        """Return the organization's slug for what the form says; raises ``LtictlError``."""
        ...

    def earlier(self, organization: str) -> tuple[Choice, ...]:
        """Return the choices if the organization has integrations at this LMS already, else none.

        Each value is the id of an integration that gives way, empty for none.
        """
        ...

    def register(self, organization: str, replaces: str) -> "Future[Result]":
        """Begin the registration; the future never raises.

        Raises:
            LtictlError: the invitation's former registration has not ended.
        """
        ...

    def cancel(self) -> Result:
        """Note that the administrator pressed Cancel."""
        ...


class Desk(Protocol):
    """Decides about every visitor."""

    def admit(self, token: str) -> Admission:
        """Return the invitation that a ``t`` parameter opens.

        Raises:
            UnusableLinkError: it cannot be used here, and the page may not tell why.
        """
        ...

    async def open(
        self, invitation: str, configuration_url: str, token: str, program: str
    ) -> Visitor:
        """Look at the LMS that sent somebody.

        Args:
            invitation: id.
            configuration_url: value of ``openid_configuration``.
            token: value of ``registration_token``, empty for none.
            program: name of a program that came instead of a browser, else empty.

        Raises:
            LtictlError: the LMS cannot be used.
        """
        ...

    def note_click(self, invitation: str) -> str:
        """Note that a person opened the URL directly; say where one LMS wants it pasted."""
        ...

    def close(self, invitation: str) -> None:
        """Revoke an invitation whose holder guesses names of organizations, and tell of it."""
        ...

    def defect(self, error: Exception) -> LtictlError:
        """Report an unexpected error, and explain it."""
        ...

    def key_set(self) -> dict[str, Any]:
        """Return the published key set."""
        ...


class UnusableLinkError(Exception):
    """The ``t`` parameter opens nothing here.

    It was never issued, or for another organization: the two look alike from outside.
    """
