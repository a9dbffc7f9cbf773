"""Write everything about one organization as one JSON document."""

import json
from typing import TYPE_CHECKING, Any, Final

from ltictl.cli.render.json_views import attempt_view
from ltictl.cli.render.log_entries import entry_view

if TYPE_CHECKING:
    from ltictl.model.attempt import Attempt
    from ltictl.operations.data_protection.organization_data import OrganizationData

_VERSION: Final = 1


def organization_file(data: "OrganizationData") -> str:
    """Return the document (docs/reference/schemas/organization.json), in ASCII, with a line end."""
    holdings = data.holdings
    document = {
        "format": "ltictl-organization",
        "version": _VERSION,
        "organization": holdings.slug,
        "documents": [
            {"document": each.path, "members": dict(each.members)} for each in holdings.documents
        ],
        "attempts": [
            *(_attempt(each, aside=False) for each in holdings.attempts),
            *(_attempt(each, aside=True) for each in holdings.aside.values()),
        ],
        "log": [entry_view(each) for each in data.entries],
    }
    return json.dumps(document, indent=2) + "\n"


def _attempt(attempt: "Attempt", *, aside: bool) -> dict[str, Any]:
    # Of an answer that was not read yet only its status: it may hold secrets.
    answer = attempt.answer and {"status": attempt.answer.status, "bytes": len(attempt.answer.body)}
    view = {name: value for name, value in attempt_view(attempt).items() if name != "fix"}
    return {**view, "aside": aside, "request": attempt.request, "answer": answer}
