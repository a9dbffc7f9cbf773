"""Integrations: an organization at a registration, the thing that ``list`` shows."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.moment import Moment
from ltictl.model.organization import check_slug
from ltictl.model.platform import Platform
from ltictl.model.record import replace

if TYPE_CHECKING:
    from uuid import UUID

# LTI Core 1.3, 5.3.3: at most 255 ASCII characters; a client_id is held to the same.
_MAX_IDENTIFIER = 255


class Status(StrEnum):
    """ltictl's own switch; the LMS has its own."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class DeploymentSource(StrEnum):
    """Where a deployment id came from."""

    REGISTRATION = "registration"
    LAUNCH = "launch"
    MANUAL = "manual"


class Updatable(StrEnum):
    """How the registration can be changed later."""

    NO = "no"
    RERUN = "rerun"
    CONFIGURATION_ENDPOINT = "configuration-endpoint"


def check_identifier(value: str, field: str) -> str:
    """Return ``value`` if it may be a client_id or deployment_id.

    Raises:
        InvalidValueError: empty, longer than 255 characters, or with control characters.
    """
    if not value or len(value) > _MAX_IDENTIFIER or not value.isprintable():
        raise InvalidValueError(field, "must be 1 to 255 printable characters")
    return value


def integration_uuid(identifier: str) -> "UUID":
    """The UUID of an integration, for tools whose login addresses hold one (django-lti).

    Version 5, so that it follows from the id and is known before the request is sent:
    ``uuid5(NAMESPACE_URL, "ltictl:integration:ID")``.
    """
    from uuid import NAMESPACE_URL, uuid5

    return uuid5(NAMESPACE_URL, f"ltictl:integration:{identifier}")


def filled(template: str, identifier: str) -> str:
    """A URI of the tool with the integration's id and UUID in their places."""
    if "{integration_uuid}" in template:
        template = template.replace("{integration_uuid}", str(integration_uuid(identifier)))
    return template.replace("{integration}", identifier)


class Deployment(Struct, frozen=True):
    """One deployment of the tool at a platform (LTI Core 1.3, 3.1.3)."""

    id: str
    label: str = ""
    source: DeploymentSource = DeploymentSource.MANUAL

    def __post_init__(self) -> None:
        check_identifier(self.id, "deployment_id")


class Scopes(Struct, frozen=True):
    """Scopes as full URIs: what was asked for, what the LMS wrote down, what its tokens carry.

    ``answered`` and ``granted`` are ``None`` until known. Only ``granted`` is proof: Moodle's
    answer lists more than its token endpoint grants (recordings, 06 score-only).
    """

    requested: tuple[str, ...] = ()
    answered: tuple[str, ...] | None = None
    granted: tuple[str, ...] | None = None


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
        invitation: the invitation that it came of, empty if none.
        signing_key: kid that was current when it was registered, empty if unknown.
        token_sha256: of the registration token that it came of, empty if there was none.
        answer: the LMS's answer as JSON text, without secrets; empty if registered by hand.
        problems: what failed at the last 'verify', one sentence each.
        verified_at: UTC, of the last 'verify' that found nothing failing.
        former_client_ids: client_ids that a repeated registration replaced, oldest first.
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

    def __post_init__(self) -> None:
        check_slug(self.id, "integration")
        check_slug(self.organization, "organization")
        check_identifier(self.client_id, "client_id")

    def activated(self, now: datetime) -> Self:
        """The same, active since ``now``."""
        return replace(self, status=Status.ACTIVE, activated_at=now, updated_at=now)

    def disabled(self, now: datetime) -> Self:
        """The same, switched off at ``now``."""
        return replace(self, status=Status.DISABLED, updated_at=now)
