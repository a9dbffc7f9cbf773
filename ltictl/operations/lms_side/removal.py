"""Delete a tool at its LMS and forget the integration, by the right that suffices there.

The tool's own token (RFC 7592) deletes it at some LMSs. Elsewhere an administrator's token does so
through the LMS's interface, and the deletion is durable as every change by that interface is.
"""

from msgspec import Struct

from ltictl.errors import NotFoundError
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.model.lms_side import LmsAction
from ltictl.operations.attempts.exchange import busy, free
from ltictl.operations.changes import Action, changed
from ltictl.operations.client_registration.delete_at_lms import (
    removal_not_offered,
    remove_with_lms,
    require_unshared,
    tool_may_delete,
)
from ltictl.operations.lms_side.change_intent import PlannedCall, Run, intent_of
from ltictl.operations.lms_side.interface_changes import changes_at
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.site import Site
from ltictl.operations.lms_side.status import target_of
from ltictl.operations.lms_side.tool_changes import SeenTool
from ltictl.operations.switch import remove_records
from ltictl.platforms.administration import interface_of
from ltictl.platforms.table import family_of


class Removal(Struct, frozen=True):
    """A removal that ltictl has the right for.

    Attributes:
        integration: as stored.
        seen: the LMS's side of it, ``None`` where the tool's own token deletes it.
    """

    integration: Integration
    seen: SeenTool | None = None

    @property
    def gone(self) -> bool:
        """Whether the LMS has deleted the tool already."""
        return self.seen is not None and not self.seen.state.found

    @property
    def uses(self) -> int:
        """How many activities in the LMS use the tool, as far as the LMS says so."""
        return self.seen.state.uses if self.seen is not None else 0


def find_removal(keyring: Keyring, identifier: str) -> Removal:
    """Find the right that deletes a tool; a token that came with this run goes first.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: ``removal_not_offered``, ``registration_shared``; the LMS refused or could not
            be reached.
    """
    context = keyring.context
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    if tool_may_delete(context, integration) and not keyring.given.text:
        require_unshared(context, integration)
        return Removal(integration)
    site = _site(keyring, integration)
    require_unshared(context, integration)
    state = ask(site, site.interface.status(target_of(integration, update=False)))
    return Removal(integration, SeenTool(integration, site, state))


def _site(keyring: Keyring, integration: Integration) -> Site:
    """Return the way to the interface that deletes a tool.

    Raises:
        LtictlError: ``removal_not_offered``: there is no such interface, or no token for it.
    """
    interface = interface_of(family_of(integration.platform.family).slug)
    if interface is None or interface.remove is None:
        raise removal_not_offered(integration)
    try:
        return keyring.site_of(integration)
    except NotFoundError as error:
        if error.code != "lms_token_missing":
            raise
        command = hint("remove", integration.id, "--at-lms", "--token-file", "PATH")
        way = f"With an administrator's token ltictl deletes it there: {command}. "
        raise removal_not_offered(integration, way) from error


def remove_there(keyring: Keyring, removal: Removal, run: Run) -> None:
    """Have the LMS delete the tool, then forget the integration; a dry run does neither.

    Raises:
        LtictlError: the LMS refused or could not be reached; nothing is forgotten then.
        NeedsRecoveryError: the outcome is not known, or that of an earlier change is not.
    """
    integration = removal.integration
    if removal.seen is not None:
        _delete_through(removal.seen, run)
    elif run.dry is None:
        remove_with_lms(keyring.context, keyring.policy, integration.id)
    else:
        url = integration.client_uri.partition("?")[0]  # its query may be a secret
        run.dry.append(PlannedCall(integration.id, "Delete the registration", "DELETE", url))


def _delete_through(seen: SeenTool, run: Run) -> None:
    """Delete through the interface; a tool that is gone there is only forgotten here."""
    context, integration = seen.site.context, seen.integration
    remove = seen.site.interface.remove
    if remove is None:
        raise AssertionError("find_removal takes an interface that removes")
    cut_off = integration.id in context.profile.attempts.ids()
    if cut_off and not free(context, integration.id):  # perhaps an earlier deletion: settle it
        raise busy(integration.id)
    intent = intent_of(context, integration, LmsAction.REMOVE, {})
    with changed(context, Action.REMOVE) as change, changes_at(seen.site, intent, run) as changes:
        if seen.state.found:
            changes.make(remove(target_of(integration, update=False), seen.state))
        if run.dry is None:
            remove_records(context, integration.id)
            change.note(integration.id)
