"""Write records as JSON (docs/reference/json.md), with offsets in times and without secrets."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from ltictl.model.integration import Integration
from ltictl.model.invitation import Invitation
from ltictl.model.moment import rfc3339

if TYPE_CHECKING:
    from ltictl.model.attempt import Attempt
    from ltictl.model.organization import Organization
    from ltictl.model.signing_key import SigningKey
    from ltictl.operations.checks.checks import Check
    from ltictl.operations.keys.rotation import Rotation


def moment(value: datetime | None) -> str | None:
    """Write a time as in RFC 3339, in UTC and to the second."""
    return None if value is None else rfc3339(value)


def integration_view(integration: Integration) -> dict[str, Any]:
    """Return an integration as JSON."""
    platform, scopes = integration.platform, integration.scopes
    return {
        "id": integration.id,
        "organization": integration.organization,
        "status": integration.status,
        "platform": {
            "issuer": platform.issuer,
            "family": platform.family or None,
            "version": platform.version or None,
            "name": platform.name or None,
            "host": platform.host,
        },
        "client_id": integration.client_id,
        "deployments": [
            {"id": each.id, "label": each.label or None, "source": each.source}
            for each in integration.deployments
        ],
        "scopes": {
            "requested": list(scopes.requested),
            "answered": None if scopes.answered is None else list(scopes.answered),
            "granted": None if scopes.granted is None else list(scopes.granted),
        },
        "created_at": moment(integration.created_at),
        "updated_at": moment(integration.updated_at),
        "verified_at": moment(integration.verified_at),
        "activated_at": moment(integration.activated_at),
        "registration": {
            "updatable": integration.updatable,
            "lms_step": _lms_step(platform.family),
            "lms_switch": integration.lms_switch
            and {
                "active": integration.lms_switch.active,
                "state": integration.lms_switch.word or None,
                "since": moment(integration.lms_switch.since),
            },
        },
        "problems": list(integration.problems),
    }


def correspondence_view(integration: Integration) -> dict[str, Any]:
    """Return the last request for a registration and the LMS's answer, ``None`` if not kept."""
    return {"request": _document(integration.request), "answer": _document(integration.answer)}


def _document(text: str) -> Any:
    import json  # 'list' shows no answer

    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):  # a person edited it
        return text


@cache
def _lms_step(family: str) -> str:
    from ltictl.platforms.table import family_of  # 4 ms, saved by commands about keys

    return family_of(family).switch


def attempt_view(attempt: "Attempt") -> dict[str, Any]:
    """Return an unsettled attempt as JSON."""
    return {
        "id": attempt.id,
        "kind": attempt.kind,
        "organization": attempt.organization,
        "platform": {"issuer": attempt.platform.issuer, "host": attempt.platform.host},
        "stage": attempt.stage,
        "created_at": moment(attempt.created_at),
        "sent_at": moment(attempt.sent_at),
        "token_subject": attempt.token_subject or None,
        "fix": f"ltictl recover {attempt.id}",
    }


def invitation_view(invitation: Invitation, now: datetime) -> dict[str, Any]:
    """Return an invitation as JSON."""
    return {
        "id": invitation.id,
        "organization": invitation.organization,
        "platform": invitation.platform,
        "state": invitation.state(now),
        "created_at": moment(invitation.created_at),
        "expires_at": moment(invitation.expires_at),
        "spent_by": invitation.spent_by,
    }


def organization_view(organization: "Organization") -> dict[str, Any]:
    """Return an organization as JSON."""
    return {
        "slug": organization.slug,
        "name": organization.name or None,
        "created_at": moment(organization.created_at),
    }


def key_view(key: "SigningKey") -> dict[str, Any]:
    """Return the public facts of a signing key as JSON."""
    return {
        "kid": key.kid,
        "state": key.state,
        "created_at": moment(key.created_at),
        "promote_after": moment(key.promote_after),
        "withdraw_after": moment(key.withdraw_after),
    }


def rotation_view(rotation: "Rotation") -> dict[str, Any]:
    """Return the data of ``rotate-keys`` and ``keys list``."""
    return {
        "keys": [key_view(key) for key in rotation.keys],
        "next_run": moment(rotation.next_run),
    }


def check_view(check: "Check") -> dict[str, Any]:
    """Return a check of ``verify`` or ``doctor`` as JSON."""
    return {
        "id": check.id,
        "result": check.result,
        "detail": check.detail,
        "fix": check.fix or None,
    }
