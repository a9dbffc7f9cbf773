"""Integrations as rows of a table."""

from collections.abc import Iterable

from ltictl.model.integration import Integration
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
            each.created_at.strftime("%Y-%m-%d"),
        ]
        for each in integrations
    ]
    return headings, rows
