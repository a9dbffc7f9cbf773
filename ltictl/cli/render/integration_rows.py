"""Integrations as rows of a table."""

from collections.abc import Iterable

from ltictl.model.integration import Integration
from ltictl.model.moment import rfc3339
from ltictl.platforms.table import family_of


def integration_rows(integrations: Iterable[Integration]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows."""
    headings = [
        "ID",
        "Organization",
        "Status",
        "LMS",
        "Host",
        "Client ID",
        "Deployments",
        "Created",
    ]
    rows = [
        [
            each.id,
            each.organization,
            each.status.value,
            family_of(each.platform.family).title,
            each.platform.host,
            each.client_id,
            ",".join(deployment.id for deployment in each.deployments),
            rfc3339(each.created_at).partition("T")[0],
        ]
        for each in integrations
    ]
    return headings, rows
