"""The interface between the callback server and its caller: admission, pages, registration.

The server knows nothing of platforms and profiles beyond these types.
"""

from concurrent.futures import Future
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.model.web_address import WebAddress


class Outcome(StrEnum):
    """The end of a visit, also ``data-outcome`` of the result page."""

    REGISTERED = "registered"
    UPDATED = "updated"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Choice(Struct, frozen=True):
    """One option of a question on the page.

    Attributes:
        value: its value in the form.
        label: the text that people read.
        chosen: whether the page preselects it.
    """

    value: str
    label: str
    chosen: bool = False


class Vendor(Struct, frozen=True):
    """The makers of the tool, as the profile describes them; empty where it does not.

    Attributes:
        logo: a ``data:`` URL.
        site: address of the tool's home page.
        contact: mail address for support.
        policy, terms: addresses of the privacy policy and the terms of use.
    """

    logo: str = ""
    site: str = ""
    contact: str = ""
    policy: str = ""
    terms: str = ""

    @property
    def site_host(self) -> str:
        """The host of the home page, by which people recognise it."""
        return WebAddress.parse(self.site).authority if self.site else ""


class Offer(Struct, frozen=True):
    """The content of the confirmation page.

    Attributes:
        tool: name of the tool.
        lms: name of the product, such as Moodle.
        version: of the product, empty if unknown.
        host: of the LMS.
        school: the account's name where the LMS says it, else empty.
        hosts: every host of the LMS that will receive something.
        registers_at: the host that gets the registration, with the LMS's token.
        tool_hosts: the tool's hosts, to which the LMS sends people with their data.
        services: the gain from each requested service, in plain words.
        messages: the things that people will do with the tool in the LMS, in plain words.
        data: personal data asked for, in plain words.
        organization: label of the fixed organization, empty where the page asks.
        organizations: to choose from; empty where the slug is typed.
        updates: id of the integration that the LMS asked to update, empty for none.
        lms_decides: whether the LMS itself updates a tool that it has, or adds one.
        warnings: one sentence each.
        vendor: who asks.
        valid_until: the end of the link's life.
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
    vendor: Vendor = Vendor()
    valid_until: str = ""


class Result(Struct, frozen=True):
    """The content of a result page.

    Attributes:
        outcome: the end of the visit.
        message: what happened, one sentence.
        why, fix: the cause and the remedy, empty on success.
        steps: the next clicks in the LMS, in order.
        integration: id of the integration, empty for none.
        warnings: one sentence each.
        title: heading in place of the outcome's own, empty for that one.
        code: of the error, by which the operator finds it; empty for none.
    """

    outcome: Outcome
    message: str
    why: str = ""
    fix: str = ""
    steps: tuple[str, ...] = ()
    integration: str = ""
    warnings: tuple[str, ...] = ()
    title: str = ""
    code: str = ""


class Admission(Struct, frozen=True):
    """The invitation that a ``t`` parameter opens.

    Attributes:
        invitation: its id.
        problem: why it cannot be used (any more), ``None`` if it can.
    """

    invitation: str
    problem: LtictlError | None = None


class Visitor(Protocol):
    """One LMS administrator at the page, and the LMS that sent them."""

    @property
    def offer(self) -> Offer:
        """Return the content of the confirmation page."""
        ...

    def organization(self, typed: str) -> str:
        """Return the slug of the organization that the form names.

        Args:
            typed: the form's field, empty where the invitation has an organization.

        Raises:
            LtictlError: no organization has that name.
        """
        ...

    def earlier(self, organization: str) -> tuple[Choice, ...]:
        """Return the choices where the organization has integrations at this LMS, else none.

        Each value is the id of the integration that would be replaced, empty to add another one.
        """
        ...

    def register(self, organization: str, replaces: str) -> "Future[Result]":
        """Begin the registration; the future never raises.

        Raises:
            LtictlError: the invitation's former registration has not ended.
        """
        ...

    def cancel(self) -> Result:
        """Record that the administrator pressed Cancel."""
        ...


class Desk(Protocol):
    """Decisions about every visitor, made by the caller."""

    def admit(self, token: str) -> Admission:
        """Return the invitation that a ``t`` parameter opens.

        Raises:
            UnusableLinkError: this run takes no such link; the page shows no reason.
        """
        ...

    async def open(
        self, invitation: str, configuration_url: str, token: str, program: str
    ) -> Visitor:
        """Fetch and judge the configuration of the LMS that sent a visitor.

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
        """Record that a person opened the URL directly; return where one LMS wants it pasted."""
        ...

    def close(self, invitation: str) -> None:
        """Revoke an invitation whose holder guesses names of organizations, and report it."""
        ...

    def defect(self, error: Exception) -> LtictlError:
        """Report an unexpected error to the operator, and return its explanation."""
        ...

    def key_set(self) -> dict[str, Any]:
        """Return the published key set."""
        ...


# One error for a link that was never issued and for one of another organization: a stranger may not
# learn which of the two it is.
class UnusableLinkError(Exception):
    """The ``t`` parameter opens no invitation of this run."""
