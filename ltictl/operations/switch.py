"""Activate, deactivate and remove integrations: ltictl's own switch, not the LMS's."""

from collections.abc import Sequence

from msgspec import Struct

from ltictl.model.integration import Integration, Status
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context


class Switched(Struct, frozen=True):
    """Integrations after a run, and the ids of those that it changed."""

    integrations: tuple[Integration, ...]
    changed: tuple[str, ...]


def activate(context: Context, identifiers: Sequence[str]) -> Switched:
    """Let the application serve these integrations; activating twice is fine.

    Raises:
        NotFoundError: one does not exist; then none is changed.
    """
    return _switch_and_note(context, identifiers, Action.ACTIVATE, Status.ACTIVE)


def deactivate(context: Context, identifiers: Sequence[str]) -> Switched:
    """Stop the application from serving these integrations.

    Raises:
        NotFoundError: one does not exist; then none is changed.
    """
    return _switch_and_note(context, identifiers, Action.DEACTIVATE, Status.DISABLED)


def _switch_and_note(
    context: Context, identifiers: Sequence[str], action: Action, wanted: Status
) -> Switched:
    with changed(context, action) as change:
        switched = switch(context, identifiers, wanted)
        if switched.changed:
            change.note(*switched.changed)
    return switched


def switch(context: Context, identifiers: Sequence[str], wanted: Status) -> Switched:
    """Store the state of integrations, as a part of a larger change.

    Raises:
        NotFoundError: one does not exist; then none is changed.
    """
    context.profile.require()
    unique = list(dict.fromkeys(identifiers))
    for identifier in unique if len(unique) > 1 else ():  # of a single one the change tells
        context.profile.integrations.get(identifier)
    now = context.now()
    different: dict[str, bool] = {}

    def edit(integration: Integration) -> Integration:
        # A shared store may call this again with a newer document; the last one counts.
        different[integration.id] = integration.status is not wanted
        if integration.status is wanted:
            return integration
        active = wanted is Status.ACTIVE
        return integration.activated(now) if active else integration.disabled(now)

    after = tuple(context.profile.integrations.change(each, edit) for each in unique)
    return Switched(after, tuple(each for each, is_so in different.items() if is_so))


def remove_integration(context: Context, identifier: str) -> Integration:
    """Forget an integration; its document and secrets move to ``removed/``.

    Raises:
        NotFoundError: there is none of that id.
    """
    context.profile.require()
    with changed(context, Action.REMOVE) as change:
        removed = remove_records(context, identifier)
        change.note(identifier)
    return removed


def remove_records(context: Context, identifier: str) -> Integration:
    """Move the documents of an integration to ``removed/``, as a part of a larger change.

    Raises:
        NotFoundError: there is none of that id.
    """
    context.profile.integrations.get(identifier)
    # The secrets first: a run that is cut off between the two can do the same once more.
    context.profile.secrets.remove(identifier)
    return context.profile.integrations.remove(identifier)
