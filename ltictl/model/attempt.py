"""Attempts: the durable record of one registration, or of one change to it, in progress."""

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
    """The stages of an attempt; it has reached a stage once the record of it is durable."""

    INTENDED = "intended"
    SENT = "sent"
    ANSWERED = "answered"
    STORED = "stored"


class NewClient(StrEnum):
    """The places for a new client that the LMS made instead of updating an integration."""

    BESIDE = "beside"  # in another integration: activities may still use the present client
    INSTEAD = "instead"  # in the integration: a person chose that
    FORMER_GONE = "former-gone"  # in the integration: the LMS no longer had its client


class Answer(Struct, frozen=True):
    """The answer of the LMS, byte for byte.

    Attributes:
        status: HTTP status.
        content_type: the ``Content-Type`` header, empty if none.
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
        """Whether the LMS reports success (RFC 9110, 15.3)."""
        return 200 <= self.status < 300  # noqa: PLR2004  the very numbers

    @property
    def lms_failed(self) -> bool:
        """Whether the LMS failed (RFC 9110, 15.6), so that it may have acted before."""
        return self.status >= 500  # noqa: PLR2004  the very number


class TokenClaim(Struct, frozen=True):
    """The attempts that had a registration token, as far as a store tells by itself.

    Attributes:
        holder: the unsettled attempt that has it, empty for none.
        former: the settled attempts that had it.
        is_first: whether no attempt of the store ever had it: nothing else needs to be searched.
    """

    holder: str = ""
    former: tuple[str, ...] = ()
    is_first: bool = False


class Attempt(Struct, frozen=True):
    """One registration, or one change to it, in progress.

    Attributes:
        id: the integration's id, chosen beforehand, so that no two attempts can claim it.
        organization: slug.
        invitation: id, empty for a headless registration.
        platform: the LMS as judged before the request.
        registration_endpoint: the address of the request without its query, for people.
        replaces: id of the integration that the answer updates, empty for a new one.
        request: the request's JSON body.
        scopes: full URIs of the requested scopes.
        signing_key: kid of the current key at that time.
        token_sha256: of the registration token; empty where the LMS gave none.
        token_length: of the registration token; 0 where there was none, or it was not noted.
        token_subject: the future client_id where the LMS's token names it, else its ``sub``.
        token_expires_at: ``exp`` of a token that is a JWT.
        created_at: UTC.
        kind: the kind of request.
        new_client: where a new client is stored if ``replaces`` names an integration.
        handle: the name by which the LMS's interface finds the outcome, empty if there is none.
        stage: the last stage that it reached.
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
        """Return the attempt as sent: from now on the LMS may have received the request."""
        return replace(self, stage=Stage.SENT, sent_at=now)

    def answered(self, answer: Answer) -> Self:
        """Return the attempt with the LMS's answer."""
        return replace(self, stage=Stage.ANSWERED, answer=answer)
