"""Settle a change at an LMS whose answer was lost, by reading only."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ltictl.errors import NeedsRecoveryError
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.model.attempt import Attempt, AttemptKind
from ltictl.model.integration import Integration
from ltictl.model.lms_side import LmsAction, LmsState
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.changes import Action
from ltictl.operations.context import Context
from ltictl.operations.lms_side.creation import CREATED
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.site import Site, base_of, not_offered
from ltictl.operations.lms_side.status import target_of
from ltictl.operations.lms_side.tool_changes import note_accepted, note_deployments, note_switch
from ltictl.operations.lms_side.via_lms import STARTED
from ltictl.operations.registration.recover import note, put_aside, recovery, store_client
from ltictl.operations.switch import remove_records


class Removed(Struct, frozen=True):
    """An integration that is forgotten here, since its LMS deleted the tool."""

    id: str


def interface_shows_outcome(attempt: Attempt) -> bool:
    """Return whether an LMS's interface can show the outcome of an attempt."""
    return attempt.kind is AttemptKind.LMS_CHANGE or bool(attempt.handle)


def probe_at_lms(keyring: Keyring, identifier: str) -> Registered | Removed | None:
    """Ask the LMS's interface whether a change or a registration arrived.

    Returns:
        The integration that is stored or removed now, ``None`` where nothing arrived; the attempt
        is then put aside.

    Raises:
        NotFoundError: there is no such attempt, or no token.
        LtictlError: the LMS refused or could not be reached.
    """
    with recovery(keyring.context, identifier) as (attempt, change):
        done = _outcome(keyring, attempt)
        if isinstance(done, Removed):
            change.note(done.id)
            change.action = Action.REMOVE
            return done
        if done is None:
            put_aside(keyring.context, identifier)
            return None
        return note(change, done)


def _outcome(keyring: Keyring, attempt: Attempt) -> Registered | Removed | None:
    if attempt.kind is not AttemptKind.LMS_CHANGE:
        return _registration_made(keyring, attempt)
    facts = _facts(attempt)
    if facts.get("action") == LmsAction.REMOVE:
        return _removal_made(keyring, attempt)
    return _change_made(keyring, attempt, facts)


def _registration_made(keyring: Keyring, attempt: Attempt) -> Registered | None:
    base = keyring.given.base or base_of(attempt.platform)
    site = keyring.site_for(attempt.organization, attempt.platform, base, attempt.id)
    client_id = ask(site, _finding(site, attempt.handle))
    return store_client(site.context, attempt, client_id) if client_id else None


def _finding(site: Site, handle: str) -> Any:
    interface = site.interface
    ways = {STARTED: interface.find, CREATED: interface.find_created}
    for beginning, find in ways.items():
        if handle.startswith(beginning) and find is not None:
            return find(handle.removeprefix(beginning))
    raise not_offered(site, site.family.place)


def _removal_made(keyring: Keyring, attempt: Attempt) -> Removed | None:
    """Forget the integration where the LMS has deleted the tool; it may be forgotten already."""
    context = keyring.context
    if context.profile.integrations.exists(attempt.id):
        integration = context.profile.integrations.get(attempt.id)
        site = keyring.site_of(integration)
        if ask(site, site.interface.status(target_of(integration, update=False))).found:
            return None
        remove_records(context, attempt.id)
    context.profile.attempts.settle(attempt.id)
    return Removed(attempt.id)


def _change_made(keyring: Keyring, attempt: Attempt, facts: Mapping[str, Any]) -> Registered | None:
    context = keyring.context
    integration = context.profile.integrations.get(attempt.id)
    site = keyring.site_of(integration)
    state = ask(site, site.interface.status(target_of(integration)))
    stored = _store_outcome(context, integration, state, facts) if state.found else None
    if stored is None:
        return None
    context.profile.attempts.settle(attempt.id)
    return Registered(stored, updated=True, new_client=False)


def _facts(attempt: Attempt) -> dict[str, Any]:
    try:
        return parse_object(attempt.request.encode())
    except JsonError:  # a person edited it
        return {}


def _store_outcome(
    context: Context, integration: Integration, state: LmsState, facts: Mapping[str, Any]
) -> Integration | None:
    """Store the LMS's side, if the change was made."""
    action, identifier = facts.get("action"), integration.id
    if action in {LmsAction.ACTIVATE, LmsAction.DEACTIVATE}:
        wanted = bool(action == LmsAction.ACTIVATE)
        if state.active is not wanted:
            return None
        return note_switch(context, identifier, active=wanted, word=state.word)
    if action == LmsAction.DEPLOY:
        before = facts.get("before", ())
        fresh = tuple(each for each in state.deployments or () if each.id not in before)
        if not fresh and facts.get("place", {}).get("id"):
            raise _unseen(integration, facts["place"])
        return note_deployments(context, identifier, fresh) if fresh else None
    if action == LmsAction.ACCEPT_UPDATE and state.update != facts.get("update"):
        return note_accepted(context, identifier)
    return None


def _unseen(integration: Integration, place: Mapping[str, Any]) -> NeedsRecoveryError:
    """Return the error for a place whose deployments the LMS does not list."""
    identifier, where = integration.id, f"{place.get('kind')} {place.get('id')}"
    return NeedsRecoveryError(
        "probe_undecided",
        f"{integration.platform.host} lists no deployment in {where}.",
        why="Not every LMS lists those below its root, so the tool may be there all the same.",
        fix=f"Look there. If the tool is there, note its id: ltictl deployment add {identifier} "
        f"DEPLOYMENT_ID. Then: ltictl recover {identifier} --forget",
        attempt=identifier,
    )
