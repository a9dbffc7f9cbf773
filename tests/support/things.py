"""Sample records: an organization, an integration and an attempt with every member set."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ltictl.model.attempt import Answer, Attempt
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    Updatable,
)
from ltictl.model.invitation import Invitation, secret_digest
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LMS = "https://lms.example"
PLATFORM = Platform(
    LMS,
    f"{LMS}/auth",
    f"{LMS}/token",
    f"{LMS}/jwks",
    f"{LMS}/audience",
    registration_endpoint=f"{LMS}/register",
    configuration_url=f"{LMS}/c",
    family="moodle",
    version='4.5 "quoted" \\ ü 🎓',
    name="Schule <b>",
    guid="g",
)


def organization(slug: str = "acme", name: str = "Acme 'Ü' School") -> Organization:
    return Organization(slug, NOW, name)


def invitation() -> Invitation:
    whole = Invitation("1a2b", secret_digest("s"), NOW, NOW + timedelta(days=7), "acme", LMS)
    return replace(whole, spent_by="acme-moodle", revoked_at=NOW)


def integration(identifier: str = "acme-moodle", **changes: Any) -> Integration:
    whole = Integration(
        identifier,
        "acme",
        Status.ACTIVE,
        PLATFORM,
        "client-1",
        NOW,
        NOW + timedelta(hours=1),
        deployments=(Deployment("7", "course", DeploymentSource.LAUNCH), Deployment("8")),
        scopes=Scopes(("a",), (), ("a", "b")),
        activated_at=NOW,
        updatable=Updatable.RERUN,
        client_uri=f"{LMS}/r/1",
        invitation="1a2b",
        signing_key="kid-1",
        answer='{"client_id": "client-1", "x": "\\u0000 \\ud83c\\udf93\\n\'\'\'"}',
        problems=("one", "two"),
        former_client_ids=("client-0",),
        request='{"client_name": "ü"}',
    )
    return replace(whole, **changes)


def signing_key(kid: str = "kid-1") -> SigningKey:
    return SigningKey(kid, KeyState.RETIRING, "n", "AQAB", NOW, NOW, NOW, NOW, NOW)


def attempt(identifier: str = "acme-moodle", **changes: Any) -> Attempt:
    whole = Attempt(
        identifier,
        "acme",
        "1a2b",
        PLATFORM,
        f"{LMS}/register",
        "",
        '{"client_name": "ü"}',
        ("a", "b"),
        "kid-1",
        "ab" * 32,
        "subject",
        NOW + timedelta(hours=1),
        NOW,
    )
    return replace(whole, **changes)


ANSWER = Answer(201, "text/html", b'{"client_id": "c1"}\n\x00\xff', date="Sat, 31 Jan 2026")
