"""Find integrations that lack something of the tool's present settings.

Only stored facts count: the request, and the LMS's answer. No LMS is asked.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from ltictl.lti.vocabulary import TOOL_CONFIGURATION, short_scope
from ltictl.model.integration import Integration
from ltictl.model.tool import Tool
from ltictl.operations.context import Context
from ltictl.operations.requests import request_for
from ltictl.platforms.table import family_of


class Lag(Struct, frozen=True):
    """The settings that one integration lacks.

    Attributes:
        id: id of the integration.
        scopes: short names of services that the registration did not request.
        messages: types of messages that the LMS did not record.
        placements: names of placements that the LMS did not record.
        fix: the next command.
    """

    id: str
    scopes: tuple[str, ...]
    messages: tuple[str, ...]
    placements: tuple[str, ...]
    fix: str

    @property
    def summary(self) -> str:
        """The missing settings in one line."""
        parts = {
            "services": self.scopes,
            "messages": self.messages,
            "placements": self.placements,
        }
        return "; ".join(f"{name}: {', '.join(found)}" for name, found in parts.items() if found)


def lagging(context: Context, integrations: Iterable[Integration]) -> tuple[Lag, ...]:
    """Return the integrations that lack something, in their order.

    Raises:
        UnreadableError: ``profile.toml`` says something impossible.
    """
    tool = context.profile.settings().tool
    found = (_lag(tool, each) for each in integrations)
    return tuple(each for each in found if each is not None)


def _lag(tool: Tool, integration: Integration) -> Lag | None:
    family = family_of(integration.platform.family)
    shaped = request_for(tool, family, integration.id)
    known = {*integration.scopes.requested, *(integration.scopes.answered or ())}
    scopes = [short_scope(each) for each in shaped.scopes if each not in known]
    messages, placements = _unrecorded(shaped.request, integration)
    if not scopes and not messages and not placements:
        return None
    fix = f"ltictl update {integration.id}"
    return Lag(integration.id, tuple(scopes), messages, placements, fix)


# An LMS that lists no messages or placements says nothing about them.
def _unrecorded(
    request: Mapping[str, Any], integration: Integration
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the messages and placements that the answer lacks."""
    recorded = _messages(_answer(integration))
    if not recorded:
        return (), ()
    wanted = _messages(request)
    types = {str(each.get("type")) for each in recorded}
    places = {name for each in recorded for name in _placements(each)}
    messages = dict.fromkeys(str(each.get("type")) for each in wanted)
    placements = dict.fromkeys(name for each in wanted for name in _placements(each))
    return (
        tuple(each for each in messages if each not in types),
        tuple(each for each in placements if places and each not in places),
    )


def _answer(integration: Integration) -> Mapping[str, Any]:
    try:
        value = json.loads(integration.answer) if integration.answer else {}
    except ValueError:  # a person edited it
        return {}
    return value if isinstance(value, dict) else {}


def _messages(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tool = document.get(TOOL_CONFIGURATION)
    found = tool.get("messages") if isinstance(tool, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _placements(message: Mapping[str, Any]) -> list[str]:
    """Return the names of placements without an LMS's own prefix."""
    found = message.get("placements")
    names = [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
    return [each.rpartition("/")[2] for each in names]
