"""ltictl's own ``json``: everything but secrets (docs/reference/schemas/export.json)."""

from datetime import UTC, datetime
from typing import Any, Final

from msgspec.structs import asdict

from ltictl.errors import InvalidValueError
from ltictl.interchange.incoming import (
    ForeignDocument,
    Found,
    each_once,
    parse_json,
    rows,
    table,
    text,
    unreadable,
)
from ltictl.interchange.outgoing import ExportContent, File, Rendered, indented_json
from ltictl.interchange.registry import Format
from ltictl.lti.keys import key_set
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    FormerAddress,
    Integration,
    Scopes,
    Status,
    integration_uuid,
)
from ltictl.model.moment import rfc3339
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform, Recognition
from ltictl.model.signing_key import SigningKey
from ltictl.model.tool import Tool

_VERSION: Final = 1


def render(content: ExportContent) -> Rendered:
    """Return one document, the same bytes for the same profile: it holds no time of writing."""
    keys = [pair.key for pair in content.keys]
    signer = content.signer.key.kid if content.signer else ""
    document = {
        "format": "ltictl",
        "version": _VERSION,
        "tool": _tool(content.tool),
        "organizations": [_organization(each) for each in content.organizations],
        "integrations": [_integration(each, signer) for each in content.integrations],
        "keys": [_key(each) for each in keys],
        "jwks": key_set(keys),
    }
    return Rendered(File("ltictl.json", indented_json(document).encode()))


def _tool(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "url": tool.url,
        "initiate_login_uri": tool.initiate_login_uri,
        "target_link_uri": tool.target_link_uri,
        "redirect_uris": list(tool.redirect_uris),
        "jwks_uri": tool.jwks_uri,
        "scopes": list(tool.scopes),
    }


def _organization(organization: Organization) -> dict[str, Any]:
    return {
        "slug": organization.slug,
        "name": organization.name,
        "created_at": _moment(organization.created_at),
    }


def _integration(integration: Integration, signer: str) -> dict[str, Any]:
    scopes = integration.scopes
    return {
        "id": integration.id,
        "uuid": str(integration_uuid(integration.id)),
        "organization": integration.organization,
        "status": integration.status.value,
        "client_id": integration.client_id,
        "platform": _members(integration.platform),
        "deployments": [
            {"id": each.id, "label": each.label, "source": each.source.value}
            for each in integration.deployments
        ],
        "scopes": {
            "requested": list(scopes.requested),
            "answered": None if scopes.answered is None else list(scopes.answered),
            "granted": None if scopes.granted is None else list(scopes.granted),
        },
        "created_at": _moment(integration.created_at),
        "updated_at": _moment(integration.updated_at),
        "activated_at": _moment(integration.activated_at),
        "signing_key": signer,  # a key of the registration may be withdrawn by now
        "former_client_ids": [each.client_id for each in integration.former_in_use],
        "former_addresses": [_former_address(each) for each in integration.former_addresses],
        "problems": list(integration.problems),
    }


def _members(platform: Platform) -> dict[str, Any]:
    return asdict(platform)


def _former_address(former: FormerAddress) -> dict[str, Any]:
    return {
        "client_id": former.client_id,
        "platform": _members(former.platform),
        "moved_at": _moment(former.moved_at),
        "accepted_until": _moment(former.accepted_until),
    }


def _key(key: SigningKey) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "state": key.state.value,
        "created_at": _moment(key.created_at),
        "promote_after": _moment(key.promote_after),
        "withdraw_after": _moment(key.withdraw_after),
    }


def _moment(value: datetime | None) -> str | None:
    return rfc3339(value) if value else None


def read(data: bytes) -> ForeignDocument:
    """Return the organizations and integrations of another profile."""
    document = table(parse_json(data), "the document")
    if document.get("format") != "ltictl" or document.get("version") != _VERSION:
        raise unreadable("it does not say 'format': 'ltictl', 'version': 1")
    names = {
        text(each, "slug", "an organization", needed=True): text(each, "name", "an organization")
        for each in (
            table(one, "an organization")
            for one in rows(document.get("organizations"), "organizations")
        )
    }
    integrations = rows(document.get("integrations"), "integrations")
    try:
        found = [_found(table(each, "an integration"), names) for each in integrations]
    # An unknown status or an odd time is a fault of the document, not of ltictl.
    except (InvalidValueError, ValueError) as error:
        raise unreadable(str(error)) from error
    return ForeignDocument(
        each_once(found), ("Keys are not in it: 'ltictl keys import' takes them over.",)
    )


def _found(members: dict[str, Any], names: dict[str, str]) -> Found:
    identifier = text(members, "id", "an integration", needed=True)
    organization = text(members, "organization", identifier, needed=True)
    return Found(
        platform=_platform(table(members.get("platform"), f"platform of {identifier}"), identifier),
        client_id=text(members, "client_id", identifier, needed=True),
        deployments=tuple(
            _deployment(table(each, "a deployment"), identifier)
            for each in rows(members.get("deployments"), f"deployments of {identifier}")
        ),
        status=Status(text(members, "status", identifier, needed=True)),
        id=identifier,
        organization=organization,
        organization_name=names.get(organization, ""),
        scopes=_scopes(table(members.get("scopes"), f"scopes of {identifier}"), identifier),
        created_at=_time(members, "created_at", identifier),
        former_client_ids=tuple(
            str(each) for each in rows(members.get("former_client_ids", []), "former_client_ids")
        ),
        former_addresses=tuple(
            _former(table(each, "a former address"), identifier)
            for each in rows(members.get("former_addresses", []), "former_addresses")
        ),
    )


def _former(members: dict[str, Any], identifier: str) -> FormerAddress:
    where = f"a former address of {identifier}"
    return FormerAddress(
        client_id=text(members, "client_id", where, needed=True),
        platform=_platform(table(members.get("platform"), where), where),
        moved_at=_time(members, "moved_at", where),
        accepted_until=_time(members, "accepted_until", where),
    )


def _time(members: dict[str, Any], name: str, where: str) -> datetime:
    # Another program may write another offset.
    return datetime.fromisoformat(text(members, name, where, needed=True)).astimezone(UTC)


def _platform(members: dict[str, Any], identifier: str) -> Platform:
    needed = {"issuer", "authorization_endpoint", "jwks_uri"}  # an LMS may have no services
    values: dict[str, Any] = {
        name: text(members, name, identifier, needed=name in needed)
        for name in Platform.__struct_fields__
    }
    return Platform(**values | {"recognised_by": Recognition(values["recognised_by"])})


def _deployment(members: dict[str, Any], identifier: str) -> Deployment:
    return Deployment(
        text(members, "id", identifier, needed=True),
        text(members, "label", identifier),
        DeploymentSource(text(members, "source", identifier, needed=True)),
    )


def _scopes(members: dict[str, Any], identifier: str) -> Scopes:
    def uris(name: str) -> tuple[str, ...] | None:
        value = members.get(name)
        if value is None:
            return None
        return tuple(str(each) for each in rows(value, f"scopes.{name} of {identifier}"))

    return Scopes(uris("requested") or (), uris("answered"), uris("granted"))


FORMAT: Final = Format("json", "ltictl's own: everything but secrets.", render, read)
