"""The place of a registration: a new integration, or a stored one.

A new client never takes the place of one that is in use, unless a person chose that: activities
in the LMS hang on the client_id with which they were made.
"""

from msgspec import Struct

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
        before: the same before it was changed, ``None`` where it was added.
        client_id: the one that the registration is about; the integration may keep another.
    """

    stored: Integration
    before: Integration | None
    client_id: str


def place(context: Context, attempt: Attempt, fresh: Integration, access_token: str = "") -> Placed:
    """Store a registration.

    Args:
        context: the profile.
        attempt: what it came of.
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
    if fresh.client_id not in {each.client_id for each in before.former}:
        _keep_token(context, target, access_token)
    gone = attempt.new_client is NewClient.FORMER_GONE
    stored = integrations.change(target, lambda now: updated_by(now, fresh, former_gone=gone))
    return Placed(stored, before, fresh.client_id)


def _target(context: Context, attempt: Attempt, client_id: str) -> str:
    """Id of the integration that the registration changes, empty if it adds one."""
    integrations = context.profile.integrations
    if attempt.replaces and integrations.exists(attempt.replaces):
        chosen = attempt.new_client is not NewClient.BESIDE
        if chosen or _has_client(integrations.get(attempt.replaces), client_id):
            return attempt.replaces
    return _same_client(context, attempt, client_id)


def _same_client(context: Context, attempt: Attempt, client_id: str) -> str:
    """Id of an integration that has this client already, empty if none.

    Canvas answers an update request with the registration that it knows; and after a crash the
    attempt's own integration may be stored already.
    """
    for known in integrations_of(context, attempt.organization):
        if known.platform.issuer == attempt.platform.issuer and _has_client(known, client_id):
            return known.id
    return ""


def _has_client(integration: Integration, client_id: str) -> bool:
    return client_id in {integration.client_id, *(each.client_id for each in integration.former)}


def _keep_token(context: Context, identifier: str, access_token: str) -> None:
    """Store what allows changes later, before the integration, which then never lacks it."""
    if access_token:
        context.profile.keep_secret(identifier, {"registration_access_token": access_token})


def _add(context: Context, fresh: Integration, access_token: str) -> Integration:
    """Add an integration; under the next free id if its own is taken."""

    def build(identifier: str) -> Integration:
        _keep_token(context, identifier, access_token)
        return replace(fresh, id=identifier)

    # Not ``free_ids``: the attempt that is being stored holds the first id.
    free = (each for each in numbered(fresh.id) if not context.profile.integrations.exists(each))
    return add_under_free_id(context, free, build)
