"""Documents and the things they describe: organizations, invitations, integrations, keys.

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
from ltictl.model.platform import Platform
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.store.fields import Fields, present
from ltictl.store.folder import Document


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
    return {
        name: value for name in Platform.__dataclass_fields__ if (value := getattr(platform, name))
    }


def platform_of(fields: Fields) -> Platform:
    """The platform that a table describes."""
    return Platform(
        issuer=fields.text("issuer"),
        authorization_endpoint=fields.text("authorization_endpoint"),
        token_endpoint=fields.text("token_endpoint"),
        jwks_uri=fields.text("jwks_uri"),
        audience=fields.text("audience", "") or fields.text("token_endpoint"),
        registration_endpoint=fields.text("registration_endpoint", ""),
        configuration_url=fields.text("configuration_url", ""),
        family=fields.text("family", ""),
        version=fields.text("version", ""),
        name=fields.text("name", ""),
        guid=fields.text("guid", ""),
    )


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
    return Integration(
        id=identifier,
        organization=fields.text("organization"),
        status=fields.choice("status", Status),
        platform=platform_of(fields.table("platform")),
        client_id=fields.text("client_id"),
        created_at=fields.moment("created_at"),
        updated_at=fields.moment("updated_at"),
        deployments=tuple(_deployment_of(each) for each in fields.tables("deployments")),
        scopes=_scopes_of(fields.table("scopes")),
        activated_at=fields.moment_or_none("activated_at"),
        updatable=fields.choice("updatable", Updatable, Updatable.NO),
        client_uri=fields.text("client_uri", ""),
        invitation=fields.text("invitation", ""),
        signing_key=fields.text("signing_key", ""),
        token_sha256=fields.text("token_sha256", ""),
        answer=fields.text("answer", ""),
        problems=fields.texts("problems"),
        former_client_ids=fields.texts("former_client_ids"),
        verified_at=fields.moment_or_none("verified_at"),
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


def signing_key_document(key: SigningKey) -> Document:
    """The document of a signing key: public half and dates."""
    return present(
        state=key.state.value,
        created_at=key.created_at,
        promote_after=key.promote_after,
        withdraw_after=key.withdraw_after,
        promoted_at=key.promoted_at,
        retired_at=key.retired_at,
        stopped_at=key.stopped_at,
        missed_at=key.missed_at,
        published_at=key.published_at,
        handed_on_at=key.handed_on_at,
        confirmed_at=key.confirmed_at,
        promotion=key.promotion or None,
        refetch_with=key.refetch_with,
        unannounced=key.unannounced or None,
        n=key.n,
        e=key.e,
    )


def signing_key_of(kid: str, document: Document) -> SigningKey:
    """The signing key that ``keys/KID.toml`` describes."""
    fields = Fields(document)
    return SigningKey(
        kid=kid,
        state=fields.choice("state", KeyState),
        n=fields.text("n"),
        e=fields.text("e"),
        created_at=fields.moment("created_at"),
        promote_after=fields.moment_or_none("promote_after"),
        withdraw_after=fields.moment_or_none("withdraw_after"),
        promoted_at=fields.moment_or_none("promoted_at"),
        retired_at=fields.moment_or_none("retired_at"),
        stopped_at=fields.moment_or_none("stopped_at"),
        missed_at=fields.moment_or_none("missed_at"),
        published_at=fields.moment_or_none("published_at"),
        handed_on_at=fields.moment_or_none("handed_on_at"),
        confirmed_at=fields.moment_or_none("confirmed_at"),
        promotion=fields.integer("promotion", 0),
        refetch_with=fields.text("refetch_with", ""),
        unannounced=fields.flag("unannounced"),
    )
