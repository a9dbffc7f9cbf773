"""Integrations: one organization's registration at one LMS, as ``list`` shows it."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import force_setattr

from ltictl.errors import InvalidValueError
from ltictl.model.lms_side import LmsSwitch
from ltictl.model.moment import Moment
from ltictl.model.organization import check_slug
from ltictl.model.platform import Platform
from ltictl.model.problem import may_hold_token, without_token
from ltictl.model.record import replace

if TYPE_CHECKING:
    from uuid import UUID

# LTI Core 1.3, 5.3.3 allows a deployment_id 255 ASCII characters; a client_id gets the same limit.
_MAX_IDENTIFIER = 255


class Status(StrEnum):
    """The states of ltictl's own switch; the LMS has a switch of its own."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class DeploymentSource(StrEnum):
    """The source of a deployment id."""

    REGISTRATION = "registration"
    LAUNCH = "launch"
    LMS = "lms"  # its interface for administrators
    MANUAL = "manual"


class Updatable(StrEnum):
    """The ways in which a registration can be changed later."""

    NO = "no"
    RERUN = "rerun"
    CONFIGURATION_ENDPOINT = "configuration-endpoint"


def check_identifier(value: str, field: str) -> str:
    """Return ``value`` if it may be a client_id or deployment_id.

    Raises:
        InvalidValueError: it is empty, longer than 255 characters, or has control characters.
    """
    if not value or len(value) > _MAX_IDENTIFIER or not value.isprintable():
        raise InvalidValueError(field, "must be 1 to 255 printable characters")
    return value


def integration_uuid(identifier: str) -> "UUID":
    """Return the UUID of an integration, for tools whose login URLs hold one (django-lti).

    It is ``uuid5(NAMESPACE_URL, "ltictl:integration:ID")``.
    """
    from uuid import NAMESPACE_URL, uuid5

    # Version 5 follows from the id, so the request can name it before the integration exists.
    return uuid5(NAMESPACE_URL, f"ltictl:integration:{identifier}")


def differs_by_integration(template: str) -> bool:
    """Return whether a URI of the tool holds a placeholder for the integration."""
    return "{integration" in template  # the beginning of both placeholders


def filled(template: str, identifier: str) -> str:
    """Return a URI of the tool with its placeholders filled by the integration's id and UUID."""
    if "{integration_uuid}" in template:
        template = template.replace("{integration_uuid}", str(integration_uuid(identifier)))
    return template.replace("{integration}", identifier)


class Deployment(Struct, frozen=True):
    """One deployment of the tool at a platform (LTI Core 1.3, 3.1.3).

    Attributes:
        id: the ``deployment_id``.
        label: what people call it.
        source: where the id came from.
        launched_at: UTC, when ltictl first read a launch from it, ``None`` if it never did.
    """

    id: str
    label: str = ""
    source: DeploymentSource = DeploymentSource.MANUAL
    launched_at: Moment | None = None

    def __post_init__(self) -> None:
        check_identifier(self.id, "deployment_id")

    @property
    def launched(self) -> bool:
        """Whether a launch from this deployment is known."""
        # Documents of older versions hold only the source.
        return self.launched_at is not None or self.source is DeploymentSource.LAUNCH


class Scopes(Struct, frozen=True):
    """Scopes as full URIs: those requested, those the LMS recorded, those its tokens carry.

    ``answered`` and ``granted`` are ``None`` until known. Only ``granted`` is proof: Moodle's
    answer lists more than its token endpoint grants (recordings, 06 score-only).
    """

    requested: tuple[str, ...] = ()
    answered: tuple[str, ...] | None = None
    granted: tuple[str, ...] | None = None


class FormerClient(Struct, frozen=True):
    """A client that a later registration replaced, and that activities in the LMS may still use.

    Attributes:
        client_id: as the LMS issued it.
        platform: the LMS as this client knows it; ``None`` where it equals the integration's. At
            Sakai each client has a token endpoint of its own.
        client_uri: ``registration_client_uri`` (RFC 7592), empty if none.
        replaced_at: UTC, ``None`` if unknown.
        gone_at: UTC, when ltictl first saw that the LMS no longer has it.
    """

    client_id: str
    platform: Platform | None = None
    client_uri: str = ""
    replaced_at: Moment | None = None
    gone_at: Moment | None = None

    def __post_init__(self) -> None:
        check_identifier(self.client_id, "client_id")


class FormerAddress(Struct, frozen=True):
    """A client at the address that its LMS had before it moved.

    Attributes:
        client_id: as the LMS issued it.
        platform: the LMS as it was at that address.
        moved_at: UTC.
        accepted_until: UTC; until then exports accept launches from that address too.
    """

    client_id: str
    platform: Platform
    moved_at: Moment
    accepted_until: Moment

    def __post_init__(self) -> None:
        check_identifier(self.client_id, "client_id")


class StoredProblems(Struct, frozen=True):
    """The problems of an integration exactly as its document has them."""

    id: str
    problems: tuple[str, ...] = ()


class Integration(Struct, frozen=True):
    """An organization at one registration.

    Attributes:
        id: readable slug, chosen before the request is sent.
        organization: slug of its organization.
        status: ltictl's switch.
        platform: the LMS.
        client_id: as the LMS issued it.
        deployments: may be empty; more may come later.
        scopes: requested, answered, granted.
        created_at, updated_at, activated_at: UTC.
        updatable: how the registration can be changed later.
        client_uri: ``registration_client_uri`` (RFC 7592), empty if none.
        invitation: the invitation that led to it, empty if none.
        signing_key: kid of the current key at registration, empty if unknown.
        token_sha256: of the registration token that was used, empty if there was none.
        answer: the LMS's answer as JSON text, without secrets; empty if registered by hand.
        problems: the failures of the last 'verify', one sentence each.
        verified_at: UTC, of the last 'verify' without a failure.
        former_client_ids: former clients known only by client_id, oldest first; ltictl 0.1.0 and
            other programs stored nothing else.
        former_clients: the other former clients, oldest first.
        lms_switch: the LMS's own switch as its interface last showed it, ``None`` if it never did.
        problem_announced: whether ``hooks.on_problem`` ran for the present problems.
        request: the last request for this registration as JSON text, without secrets; empty if it
            was not kept, or there was none.
        lms_url: the school's own address of the LMS, if its interface was reached there; hosted
            LMSs name one issuer for all schools.
        former_addresses: its clients at the addresses that a moved LMS had before.
    """

    id: str
    organization: str
    status: Status
    platform: Platform
    client_id: str
    created_at: Moment
    updated_at: Moment
    deployments: tuple[Deployment, ...] = ()
    scopes: Scopes = Scopes()
    activated_at: Moment | None = None
    updatable: Updatable = Updatable.NO
    client_uri: str = ""
    invitation: str = ""
    signing_key: str = ""
    token_sha256: str = ""
    answer: str = ""
    problems: tuple[str, ...] = ()
    former_client_ids: tuple[str, ...] = ()
    verified_at: Moment | None = None
    former_clients: tuple[FormerClient, ...] = ()
    lms_switch: LmsSwitch | None = None
    lms_url: str = ""
    problem_announced: bool = False
    request: str = ""
    former_addresses: tuple[FormerAddress, ...] = ()

    def __post_init__(self) -> None:
        check_slug(self.id, "integration")
        check_slug(self.organization, "organization")
        for client_id in (self.client_id, *self.former_client_ids):
            check_identifier(client_id, "client_id")
        if any(map(may_hold_token, self.problems)):
            # No command may show a token, and the next write must drop it.
            force_setattr(self, "problems", tuple(map(without_token, self.problems)))

    def activated(self, now: datetime) -> Self:
        """Return the integration as active since ``now``."""
        return replace(self, status=Status.ACTIVE, activated_at=now, updated_at=now)

    def disabled(self, now: datetime) -> Self:
        """Return the integration as switched off at ``now``."""
        return replace(self, status=Status.DISABLED, updated_at=now)

    @property
    def former(self) -> tuple[FormerClient, ...]:
        """All former clients, oldest first, without the present one."""
        if not self.former_clients and not self.former_client_ids:  # as nearly always
            return ()
        known = {each.client_id for each in self.former_clients}
        bare = (FormerClient(each) for each in self.former_client_ids if each not in known)
        found = {each.client_id: each for each in (*bare, *self.former_clients)}
        return tuple(each for each in found.values() if each.client_id != self.client_id)

    @property
    def former_in_use(self) -> tuple[FormerClient, ...]:
        """The former clients that the LMS may still have: the application must serve them."""
        return tuple(each for each in self.former if each.gone_at is None)

    @property
    def clients(self) -> "tuple[Self, ...]":
        """The integration once for each client that the tool serves, the present one first.

        A client of an LMS that moved is in it at the former address too.
        """
        present = (self, *map(self.of_former, self.former_in_use))
        if not self.former_addresses:
            return present
        known = {each.client_id for each in present}
        before = (
            replace(self, client_id=each.client_id, platform=each.platform)
            for each in self.former_addresses
            if each.client_id in known
        )
        return (*present, *before)

    def of_former(self, former: FormerClient) -> Self:
        """Return the integration with the ids and addresses of a former client."""
        return replace(
            self,
            client_id=former.client_id,
            platform=former.platform or self.platform,
            client_uri=former.client_uri,
        )

    def accepting(self, now: datetime) -> Self:
        """Return the integration without the former addresses whose time is over."""
        accepted = tuple(each for each in self.former_addresses if each.accepted_until > now)
        return (
            replace(self, former_addresses=accepted) if accepted != self.former_addresses else self
        )

    def became_former(self, now: datetime) -> tuple[FormerClient, ...]:
        """Return the ``former_clients`` after another client replaces the present one."""
        present = FormerClient(self.client_id, self.platform, self.client_uri, replaced_at=now)
        return (*self.former, present)

    def back_to(self, former: FormerClient, now: datetime) -> Self:
        """Return the integration with a former client and the present client exchanged."""
        former_clients = tuple(each for each in self.became_former(now) if each != former)
        return replace(
            self.of_former(former),
            former_client_ids=(),
            former_clients=former_clients,
            updated_at=now,
        )

    def seen_gone(self, client_ids: Collection[str], now: datetime) -> Self:
        """Return the integration after the LMS reported that it lacks some former clients."""
        gone = tuple(
            replace(each, gone_at=now)
            if each.client_id in client_ids and each.gone_at is None
            else each
            for each in self.former
        )
        return replace(self, former_client_ids=(), former_clients=gone)
