"""A document for ``ltictl apply``, for another profile: organizations and integrations as TOML."""

import json
from collections.abc import Iterator
from typing import Any, Final

from ltictl.interchange.outgoing import ExportContent, File, Rendered
from ltictl.interchange.registry import Format
from ltictl.model.integration import Deployment, Integration, Status
from ltictl.model.organization import Organization
from ltictl.model.platform import ENDPOINTS

_OF_PLATFORM: Final = ("issuer", *ENDPOINTS, "audience", "family")


def render(content: ExportContent) -> Rendered:
    """Return the document."""
    tables = [
        *(_table("organizations", _organization(each)) for each in content.organizations),
        *(_table("integrations", _integration(each)) for each in content.integrations),
    ]
    data = "\n".join(tables).encode()
    return Rendered(File("wanted.toml", data), warnings=tuple(_warnings(content)))


def _organization(organization: Organization) -> dict[str, Any]:
    return {"slug": organization.slug, "name": organization.name}


def _integration(integration: Integration) -> dict[str, Any]:
    platform = integration.platform
    # A document knows no 'pending': that is how a new integration begins.
    pending = integration.status is Status.PENDING
    return {
        "id": integration.id,
        "organization": integration.organization,
        "client_id": integration.client_id,
        **{name: getattr(platform, name) for name in _OF_PLATFORM},
        "status": "" if pending else integration.status.value,
        "deployments": list(integration.deployments),
    }


def _table(name: str, members: dict[str, Any]) -> str:
    # An empty token endpoint says that the LMS has no services; without it 'apply' would refuse.
    needed = {"token_endpoint"}
    lines = (
        f"{member} = {_toml(value)}\n"
        for member, value in members.items()
        if value or member in needed
    )
    return f"[[{name}]]\n{''.join(lines)}"


def _toml(value: str | list[Deployment]) -> str:
    if isinstance(value, str):
        # A string of JSON is one of TOML too, but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    entries = (f"{{ id = {_toml(each.id)}, label = {_toml(each.label)} }}" for each in value)
    return f"[{', '.join(entries)}]"


def _warnings(content: ExportContent) -> Iterator[str]:
    for each in content.integrations:
        # Such a document can name one client and one address of an integration.
        if len(each.clients) > 1:
            yield (
                f"Former clients and addresses of {each.id} are not in it, since a document names "
                "one registration: 'ltictl export json' has them."
            )


FORMAT: Final = Format("apply", "A document for 'ltictl apply' in another profile.", render)
