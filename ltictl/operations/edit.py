"""Edit members of an integration that a person entered, with the checks of ``add``."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from ltictl.errors import UsageError
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.record import replace
from ltictl.model.suggestion import did_you_mean
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_records import check_platform
from ltictl.operations.member_edits import MemberEdit, edits_between
from ltictl.platforms.query_endpoints import query_warning

EDITABLE: Final = (*ENDPOINTS, "audience", "name")
# Members that have a command of their own, and that command.
_ELSEWHERE: Final = {
    "issuer": ("move", "ID", "--issuer", "URL"),
    "client_id": ("add", "--help"),
    "status": ("activate", "ID"),
    "deployments": ("deployment", "add", "ID", "DEPLOYMENT_ID"),
    "organization": ("add", "--help"),
}


class Edited(Struct, frozen=True):
    """An integration as an edit leaves it, what that changed, and warnings."""

    integration: Integration
    changes: tuple[MemberEdit, ...]
    warnings: tuple[str, ...] = ()


def parse_assignments(texts: Sequence[str]) -> dict[str, str]:
    """Return the members that ``--set NAME=VALUE`` names.

    Raises:
        UsageError: one has no value, is named twice, or cannot be edited.
    """
    wanted: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name in wanted:
            raise UsageError(
                "invalid_assignment",
                f"{name[:80]!r} has no value." if not equals else f"{name!r} is set twice.",
                fix="Write each member once: --set audience=https://lms.example/token",
            )
        if name not in EDITABLE:
            raise _not_editable(name)
        wanted[name] = value.strip()
    return wanted


def plan_edit(context: Context, identifier: str, wanted: Mapping[str, str]) -> Edited:
    """Return what an edit would change; nothing is written.

    Raises:
        NotFoundError: there is no such integration.
        InvalidValueError: an address is none.
    """
    return _edited(context.profile.integrations.get(identifier), wanted)


def edit_integration(context: Context, identifier: str, wanted: Mapping[str, str]) -> Edited:
    """Change members of an integration.

    Raises:
        NotFoundError, InvalidValueError: as in ``plan_edit``; nothing was changed.
        LtictlError: it could not be written.
    """
    now = context.now()
    seen: list[Edited] = []

    def edit(integration: Integration) -> Integration:
        # A shared store may call this again with a newer document; the last one counts.
        seen.append(_edited(integration, wanted))
        if not seen[-1].changes:
            return integration
        # The former proof says nothing about other addresses.
        return replace(seen[-1].integration, updated_at=now, verified_at=None, problems=())

    with changed(context, Action.EDIT) as change:
        stored = context.profile.integrations.change(identifier, edit)
        # Without a change the hook must not run.
        if seen[-1].changes:
            change.note(identifier)
    return replace(seen[-1], integration=stored)


def _edited(integration: Integration, wanted: Mapping[str, str]) -> Edited:
    before = integration.platform
    members = dict(wanted)
    if before.audience == before.token_endpoint and "token_endpoint" in wanted:
        members.setdefault("audience", "")  # it follows the token endpoint, as at 'add'
    after = check_platform(replace(before, **members))
    changes = edits_between(before, after, EDITABLE)
    warnings = query_warning(after.authorization_endpoint) if _moves(before, after) else ()
    return Edited(replace(integration, platform=after), changes, tuple(warnings))


def _moves(before: Platform, after: Platform) -> bool:
    return before.authorization_endpoint != after.authorization_endpoint


def _not_editable(name: str) -> UsageError:
    elsewhere = _ELSEWHERE.get(name)
    if elsewhere:
        return UsageError(
            "not_editable",
            f"{name!r} cannot be edited.",
            why="It says which registration this is, or it has a command of its own.",
            fix=f"See: {hint(*elsewhere)}",
        )
    return UsageError(
        "not_editable",
        f"An integration has no member {name[:80]!r} that can be edited.",
        fix=f"{did_you_mean(name, EDITABLE)}These can: {', '.join(EDITABLE)}.",
    )
