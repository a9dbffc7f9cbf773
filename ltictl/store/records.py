"""Documents and the things they describe: organizations, invitations, integrations.

Each kind is a pair of pure functions; a document that says something impossible raises
``InvalidValueError`` with the member's name.
"""

from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    Updatable,
)
from ltictl.model.invitation import Invitation
from ltictl.model.organization import Organization
from ltictl.model.platform import FACTS, Platform
from ltictl.store.fields import Fields, present
from ltictl.store.folder import Document

_ALWAYS_KNOWN = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
_MAYBE_KNOWN = tuple(name for name in FACTS if name not in _ALWAYS_KNOWN)
_MORE_TEXTS = ("client_uri", "invitation", "signing_key", "token_sha256", "answer")


def organization_document(organization: Organization) -> Document:
    """The document of an organization."""
    return {"name": organization.name, "created_at": organization.created_at}


def organization_of(slug: str, document: Document) -> Organization:
    """The organization that ``organizations/SLUG.toml`` describes."""
    fields = Fields(document)
    return Organization(slug, fields.text("name", ""), fields.moment("created_at"))


def invitation_document(invitation: Invitation) -> Document:
    """The document of an invitation; it never holds the secret."""
    return present(
        secret_sha256=invitation.secret_sha256,
        organization=invitation.organization,
        platform=invitation.platform,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        spent_by=invitation.spent_by,
        revoked_at=invitation.revoked_at,
        opened_at=invitation.opened_at,
    )


def invitation_of(identifier: str, document: Document) -> Invitation:
    """The invitation that ``invitations/ID.toml`` describes."""
    fields = Fields(document)
    return Invitation(
        id=identifier,
        secret_sha256=fields.text("secret_sha256"),
        organization=fields.text("organization", "") or None,
        platform=fields.text("platform", "") or None,
        created_at=fields.moment("created_at"),
        expires_at=fields.moment("expires_at"),
        spent_by=fields.text("spent_by", "") or None,
        revoked_at=fields.moment_or_none("revoked_at"),
        opened_at=fields.moment_or_none("opened_at"),
    )


def platform_table(platform: Platform) -> dict[str, str]:
    """The platform's table, without what is empty."""
    return {name: value for name in FACTS if (value := getattr(platform, name))}


def platform_of(fields: Fields) -> Platform:
    """The platform that a table describes."""
    texts = fields.several_texts(_ALWAYS_KNOWN, _MAYBE_KNOWN)
    texts["audience"] = texts["audience"] or texts["token_endpoint"]
    return Platform(**texts)


def integration_document(integration: Integration) -> Document:
    """The document of an integration."""
    scopes = integration.scopes
    known = {"answered": scopes.answered, "granted": scopes.granted}
    return present(
        organization=integration.organization,
        status=integration.status.value,
        client_id=integration.client_id,
        created_at=integration.created_at,
        updated_at=integration.updated_at,
        activated_at=integration.activated_at,
        updatable=integration.updatable.value,
        client_uri=integration.client_uri,
        invitation=integration.invitation,
        signing_key=integration.signing_key,
        token_sha256=integration.token_sha256,
        problems=list(integration.problems),
        verified_at=integration.verified_at,
        former_client_ids=list(integration.former_client_ids),
        answer=integration.answer,
        platform=platform_table(integration.platform),
        scopes={"requested": list(scopes.requested)}
        | {name: list(value) for name, value in known.items() if value is not None},
        deployments=[
            present(id=each.id, label=each.label, source=each.source.value)
            for each in integration.deployments
        ],
    )


def integration_of(identifier: str, document: Document) -> Integration:
    """The integration that ``integrations/ID.toml`` describes."""
    fields = Fields(document)
    texts = fields.several_texts(("organization", "client_id"), _MORE_TEXTS)
    return Integration(
        id=identifier,
        status=fields.choice("status", Status),
        platform=platform_of(fields.table("platform")),
        created_at=fields.moment("created_at"),
        updated_at=fields.moment("updated_at"),
        deployments=tuple(_deployment_of(each) for each in fields.tables("deployments")),
        scopes=_scopes_of(fields.table("scopes")),
        activated_at=fields.moment_or_none("activated_at"),
        updatable=fields.choice("updatable", Updatable, Updatable.NO),
        problems=fields.texts("problems"),
        former_client_ids=fields.texts("former_client_ids"),
        verified_at=fields.moment_or_none("verified_at"),
        **texts,
    )


def _deployment_of(fields: Fields) -> Deployment:
    return Deployment(
        fields.text("id"),
        fields.text("label", ""),
        fields.choice("source", DeploymentSource, DeploymentSource.MANUAL),
    )


def _scopes_of(fields: Fields) -> Scopes:
    return Scopes(
        requested=fields.texts("requested"),
        answered=fields.texts("answered") if fields.has("answered") else None,
        granted=fields.texts("granted") if fields.has("granted") else None,
    )
