"""Activate, deactivate and remove integrations: ltictl's own switch, not the LMS's."""

from collections.abc import Sequence

from msgspec import Struct

from ltictl.model.integration import Integration, Status
from ltictl.operations.context import Context


class Switched(Struct, frozen=True):
    """Integrations as they now stand, and which of them this run changed."""

    integrations: tuple[Integration, ...]
    changed: tuple[str, ...]


def activate(context: Context, identifiers: Sequence[str]) -> Switched:
    """Let the running tool serve these integrations; activating twice is fine.

    Raises:
        NotFoundError: one does not exist; then none is changed.
    """
    return _switch(context, identifiers, Status.ACTIVE)


def deactivate(context: Context, identifiers: Sequence[str]) -> Switched:
    """Stop the running tool from serving these integrations.

    Raises:
        NotFoundError: one does not exist; then none is changed.
    """
    return _switch(context, identifiers, Status.DISABLED)


def _switch(context: Context, identifiers: Sequence[str], wanted: Status) -> Switched:
    context.profile.require()
    unique = list(dict.fromkeys(identifiers))
    for identifier in unique:
        context.profile.integrations.get(identifier)
    now = context.now()
    changed = []

    def switched(integration: Integration) -> Integration:
        if integration.status is wanted:
            return integration
        changed.append(integration.id)
        active = wanted is Status.ACTIVE
        return integration.activated(now) if active else integration.disabled(now)

    after = tuple(context.profile.integrations.change(each, switched) for each in unique)
    return Switched(after, tuple(dict.fromkeys(changed)))


def remove_integration(context: Context, identifier: str) -> Integration:
    """Forget an integration; its document and secrets move to ``removed/``.

    Raises:
        NotFoundError: there is none of that id.
    """
    context.profile.require()
    context.profile.integrations.get(identifier)
    # The secrets first: whoever is cut off between the two can ask for the same once more.
    context.profile.remove_secrets(identifier)
    return context.profile.integrations.remove(identifier)
