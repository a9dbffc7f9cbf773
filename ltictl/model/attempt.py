"""Attempts: the durable record of one registration, or of its change, while it happens."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from msgspec import Struct

from ltictl.model.organization import check_slug
from ltictl.model.platform import Platform
from ltictl.model.record import replace


class AttemptKind(StrEnum):
    """The kind of request to the LMS."""

    REGISTRATION = "registration"
    UPDATE = "update"  # of a registration, at its own address (RFC 7592, 2.2)
    LMS_CHANGE = "lms-change"  # by the LMS's interface for administrators


class Stage(StrEnum):
    """How far an attempt came; only what is durable counts."""

    INTENDED = "intended"
    SENT = "sent"
    ANSWERED = "answered"
    STORED = "stored"


class NewClient(StrEnum):
    """The place of a new client that the LMS made instead of updating an integration."""

    BESIDE = "beside"  # another integration: activities may use the client that is there
    INSTEAD = "instead"  # into the integration: a person chose that
    FORMER_GONE = "former-gone"  # into the integration: the LMS had its client no more


class Answer(Struct, frozen=True):
    """The answer of the LMS, byte for byte.

    Attributes:
        status: HTTP status.
        content_type: header as given, empty if none.
        body: the body after content decoding.
        complete: whether the whole answer was read.
        date: the ``Date`` header, empty if none.
    """

    status: int
    content_type: str
    body: bytes
    complete: bool = True
    date: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the LMS did what it was asked for (RFC 9110, 15.3)."""
        return 200 <= self.status < 300  # noqa: PLR2004  the very numbers


class Attempt(Struct, frozen=True):
    """One registration, or one change of it, while it happens.

    Attributes:
        id: the integration's id, chosen beforehand, so that no two attempts can claim it.
        organization: slug.
        invitation: id, empty for a headless registration.
        platform: the LMS as judged before the request.
        registration_endpoint: where the request goes, without its query, for people.
        replaces: id of the integration that the answer updates, empty for a new one.
        request: the request's JSON body.
        scopes: full URIs that were asked for.
        signing_key: kid of the key that was current.
        token_sha256: of the registration token; empty where the LMS gave none.
        token_length: of the registration token; 0 where there was none, or it was not noted.
        token_subject: the client_id to be where the LMS's token tells it, else its ``sub``.
        token_expires_at: ``exp`` of a token that is a JWT.
        created_at: UTC.
        kind: what is asked of the LMS.
        new_client: where a new client goes if ``replaces`` names an integration.
        handle: the name by which the LMS's interface finds the outcome, empty if there is none.
        stage: how far it came.
        sent_at: UTC.
        answer: from stage ``answered`` on.
    """

    id: str
    organization: str
    invitation: str
    platform: Platform
    registration_endpoint: str
    replaces: str
    request: str
    scopes: tuple[str, ...]
    signing_key: str
    token_sha256: str
    token_subject: str
    token_expires_at: datetime | None
    created_at: datetime
    kind: AttemptKind = AttemptKind.REGISTRATION
    new_client: NewClient = NewClient.BESIDE
    token_length: int = 0
    handle: str = ""
    stage: Stage = Stage.INTENDED
    sent_at: datetime | None = None
    answer: Answer | None = None

    def __post_init__(self) -> None:
        check_slug(self.id, "attempt")

    def sent(self, now: datetime) -> Self:
        """The same, after the moment at which the request may have left."""
        return replace(self, stage=Stage.SENT, sent_at=now)

    def answered(self, answer: Answer) -> Self:
        """The same, with the LMS's answer."""
        return replace(self, stage=Stage.ANSWERED, answer=answer)
