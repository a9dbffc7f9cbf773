"""The events of a ``register`` run: a closed set of facts, shown as they happen.

The tag of each is its name in the JSON lines that scripts read (docs/reference/json.md). No event
holds a secret.
"""

from enum import StrEnum
from queue import SimpleQueue

from msgspec import UNSET, Struct, UnsetType

from ltictl.errors import ExitCode, LtictlError


class VisitFacts(Struct, frozen=True):
    """One opening of the page by an LMS.

    Attributes:
        invitation: id.
        organization: slug, ``None`` while the page still asks.
        platform: host of the LMS.
        family: product code as the LMS announced it.
        lms: name of the product.
        version: of the product, empty if unknown.
        services: short names of the scopes that will be asked for.
    """

    invitation: str
    organization: str | None
    platform: str
    family: str
    lms: str
    version: str
    services: tuple[str, ...]


class ListeningBegan(Struct, frozen=True, kw_only=True, tag_field="event", tag="listening"):
    """The callback server has its address.

    Attributes:
        url: a registration URL made for this run, ``None`` where open invitations exist.
        address: the URL's part before ``t``.
        open_invitations: number of invitations that can be used here.
        elsewhere: other addresses in the URLs of some of them.
        organization: the only one whose invitations count, ``None`` for all.
        host, port: the server's address.
        invitation: id of the one behind ``url``.
        timeout_seconds: time until the run ends, ``None`` for no end.
        warnings: reasons for which LMSs may not reach the tool.
    """

    url: str | None
    address: str
    open_invitations: int
    elsewhere: tuple[str, ...] = ()
    organization: str | None = None
    host: str
    port: int
    invitation: str | UnsetType = UNSET
    timeout_seconds: int | None
    warnings: tuple[str, ...] = ()


class PageOpened(Struct, frozen=True, tag_field="event", tag="opened"):
    """An LMS opened the page, and its configuration is good.

    Attributes:
        visit: the LMS.
        warnings: for the operator; the page shows those that an LMS administrator needs.
        program: the ``User-Agent`` of a program that fetched the page, empty for a browser.
    """

    visit: VisitFacts
    warnings: tuple[str, ...] = ()
    program: str = ""


class RegisterPressed(Struct, frozen=True, tag_field="event", tag="registering"):
    """The administrator pressed Register."""

    visit: VisitFacts


class IntegrationRegistered(Struct, frozen=True, tag_field="event", tag="registered"):
    """A new integration is stored."""

    visit: VisitFacts
    integration: str
    organization: str
    client_id: str
    warnings: tuple[str, ...]


class IntegrationUpdated(Struct, frozen=True, tag_field="event", tag="updated"):
    """A stored integration has changed.

    Attributes:
        visit: the LMS.
        integration: id.
        organization: slug.
        client_id: the present one.
        warnings: one sentence each.
        new_client: whether the LMS made another tool, which has to be switched on there.
    """

    visit: VisitFacts
    integration: str
    organization: str
    client_id: str
    warnings: tuple[str, ...]
    new_client: bool


class RegistrationRefused(Struct, frozen=True, tag_field="event", tag="refused"):
    """The LMS refused the registration."""

    error: LtictlError
    visit: VisitFacts | None = None


class RegistrationFailed(Struct, frozen=True, tag_field="event", tag="failed"):
    """Something else went wrong, before or after Register was pressed."""

    error: LtictlError
    visit: VisitFacts | None = None


class CancelPressed(Struct, frozen=True, tag_field="event", tag="cancelled"):
    """The administrator pressed Cancel."""

    visit: VisitFacts


class LinkClicked(Struct, frozen=True, tag_field="event", tag="clicked"):
    """A person opened the registration URL directly, without an LMS."""

    invitation: str


class LinkRefusal(StrEnum):
    """The reasons for which a run refuses a registration URL."""

    UNKNOWN = "unknown"
    ALTERED = "altered"
    OTHER_ORGANIZATION = "other_organization"
    SPENT = "spent"
    REVOKED = "revoked"
    EXPIRED = "expired"
    GUESSED = "guessed"
    DAMAGED = "damaged"


class LinkRefused(Struct, frozen=True, tag_field="event", tag="link_refused"):
    """A person opened a registration URL that this run refuses.

    Attributes:
        reason: the reason.
        invitation: id, ``None`` where the profile has no such invitation.
        organization: of the invitation, ``None`` where it leaves the choice open or is unknown.
        expected: the only organization whose links this run takes, ``None`` for all.
        integration: id of the integration of a spent invitation, ``None`` for none.
    """

    reason: LinkRefusal
    invitation: str | None
    organization: str | None
    expected: str | None
    integration: str | None = None


class IntegrationActivated(Struct, frozen=True, tag_field="event", tag="activated"):
    """An integration was activated at once, as ``--activate`` asked."""

    integration: str


class WarningRaised(Struct, frozen=True, tag_field="event", tag="warning"):
    """A warning that belongs to the whole run, such as a hook's failure."""

    message: str


class AttemptUnsettled(Struct, frozen=True, tag_field="event", tag="unsettled"):
    """A registration of an earlier run has no known outcome."""

    message: str


class SilenceNoticed(Struct, frozen=True, tag_field="event", tag="waiting"):
    """No request came for a while."""

    seconds: int


class FinishingBegan(Struct, frozen=True, tag_field="event", tag="finishing"):
    """The run should end, and waits ``seconds`` at most for an outstanding answer."""

    seconds: int


class MonitorBegan(Struct, frozen=True, tag_field="event", tag="monitor"):
    """A service answers about its health at ``address``, on this computer alone."""

    address: str


class SettingsReloaded(Struct, frozen=True, tag_field="event", tag="reloaded"):
    """A service read ``profile.toml`` again and goes on at ``address``."""

    address: str
    open_invitations: int


class ReloadRefused(Struct, frozen=True, tag_field="event", tag="reload_failed"):
    """A service could not use what ``profile.toml`` now says, and keeps its address."""

    error: LtictlError


Event = (
    ListeningBegan
    | PageOpened
    | RegisterPressed
    | IntegrationRegistered
    | IntegrationUpdated
    | RegistrationRefused
    | RegistrationFailed
    | CancelPressed
    | LinkClicked
    | LinkRefused
    | IntegrationActivated
    | WarningRaised
    | AttemptUnsettled
    | SilenceNoticed
    | FinishingBegan
    | MonitorBegan
    | SettingsReloaded
    | ReloadRefused
)


class SecondPassed(Struct, frozen=True):
    """A second went by; for a terminal's status line alone.

    Attributes:
        left: seconds until the timeout, ``None`` where there is none.
    """

    left: int | None


class KeyPressed(Struct, frozen=True):
    """A person at the terminal pressed a key while the run waits."""

    key: str


class StopRequest(Struct, frozen=True):
    """A signal asked the run to end.

    Attributes:
        exit_code: the exit code of the signal.
    """

    exit_code: ExitCode


class ReloadRequest(Struct, frozen=True):
    """A signal asked a service to read its settings again."""


class Finished(Struct, frozen=True):
    """The expected registration has ended."""


# Signal handlers may put into a SimpleQueue at any moment: its put is reentrant.
Inbox = SimpleQueue[Event | StopRequest | ReloadRequest | Finished | KeyPressed]
