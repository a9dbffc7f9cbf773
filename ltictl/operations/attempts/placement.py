"""Store a registration as a new integration, or in place of a stored one."""

from msgspec import Struct

from ltictl.lti.answer import ACCESS_TOKEN
from ltictl.model.attempt import Attempt, NewClient
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.operations.attempts.from_answer import updated_by
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import add_under_free_id, numbered
from ltictl.operations.organizations import integrations_of


class Placed(Struct, frozen=True):
    """The stored outcome of a registration.

    Attributes:
        stored: the integration.
        before: the integration before its change, ``None`` where it was added.
        client_id: the registration's; the integration may keep another one.
    """

    stored: Integration
    before: Integration | None
    client_id: str


def place(context: Context, attempt: Attempt, fresh: Integration, access_token: str = "") -> Placed:
    """Store a registration.

    Args:
        context: the profile.
        attempt: the attempt that brought it.
        fresh: the registration as a new integration.
        access_token: ``registration_access_token``, a secret, empty if none.

    Raises:
        LtictlError: it could not be stored.
    """
    target = _target(context, attempt, fresh.client_id)
    if not target:
        return Placed(_add(context, fresh, access_token), None, fresh.client_id)
    integrations = context.profile.integrations
    before = integrations.get(target)
    # The token of a former client would overwrite the one that changes the present client.
    if fresh.client_id not in {each.client_id for each in before.former}:
        _keep_token(context, target, access_token)
    gone = attempt.new_client is NewClient.FORMER_GONE
    stored = integrations.change(target, lambda now: updated_by(now, fresh, former_gone=gone))
    return Placed(stored, before, fresh.client_id)


def _target(context: Context, attempt: Attempt, client_id: str) -> str:
    """Return the id of the integration that a registration changes, empty if it adds one."""
    integrations = context.profile.integrations
    if attempt.replaces and integrations.exists(attempt.replaces):
        # A new client replaces one that is in use only where a person chose that: activities in the
        # LMS belong to the client_id with which they were made.
        chosen = attempt.new_client is not NewClient.BESIDE
        if chosen or _has_client(integrations.get(attempt.replaces), client_id):
            return attempt.replaces
    return _same_client(context, attempt, client_id)


def _same_client(context: Context, attempt: Attempt, client_id: str) -> str:
    """Return the id of an integration that has this client already, empty if none."""
    for known in integrations_of(context, attempt.organization):
        # Canvas answers an update request with the registration that it knows; and after a crash
        # the attempt's own integration may be stored already.
        if known.platform.issuer == attempt.platform.issuer and _has_client(known, client_id):
            return known.id
    return ""


def _has_client(integration: Integration, client_id: str) -> bool:
    return client_id in {integration.client_id, *(each.client_id for each in integration.former)}


def _keep_token(context: Context, identifier: str, access_token: str) -> None:
    """Store the token that allows later changes, before the integration."""
    if access_token:
        context.profile.secrets.keep(identifier, {ACCESS_TOKEN: access_token})


def _add(context: Context, fresh: Integration, access_token: str) -> Integration:
    """Add an integration under its id, or under the next free one."""

    def keep(identifier: str) -> None:
        # Before the integration, which then never lacks its token.
        _keep_token(context, identifier, access_token)

    # Not ``free_ids``: the attempt that is being stored holds the first id.
    free = (each for each in numbered(fresh.id) if not context.profile.integrations.exists(each))
    return add_under_free_id(context, free, lambda each: replace(fresh, id=each), keep)
