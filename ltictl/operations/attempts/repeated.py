"""Registrations that change a stored integration: facts to keep, and warnings."""

from ltictl.errors import OperatorWarning
from ltictl.model.attempt import Attempt
from ltictl.model.hint import hint
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.model.sentence import Sentence
from ltictl.operations.attempts.placement import Placed
from ltictl.operations.context import Context
from ltictl.platforms.table import family_of


def without_taken(context: Context, fresh: Integration) -> tuple[Integration, tuple[str, ...]]:
    """Return a new integration without deployments that another organization has."""
    # Only an LMS that answers with a registration which it knows already can name such a
    # deployment; elsewhere nobody pays for reading all integrations.
    if not family_of(fresh.platform.family).updates_wait:
        return fresh, ()
    owners = {
        deployment.id: other.id
        for other in context.profile.integrations.all()
        if other.organization != fresh.organization
        and (other.platform.issuer, other.client_id) == (fresh.platform.issuer, fresh.client_id)
        for deployment in other.deployments
    }
    free = tuple(each for each in fresh.deployments if each.id not in owners)
    warnings = tuple(
        OperatorWarning(
            f"The deployment {each.id!r} stays with {owners[each.id]!r}, "
            "which shares the client_id."
        )
        for each in fresh.deployments
        if each.id in owners
    )
    return replace(fresh, deployments=free), warnings


def waits(attempt: Attempt, placed: Placed) -> bool:
    """Return whether a change waits in the LMS, which answered with its former registration."""
    before, stored = placed.before, placed.stored
    if before is None or before.client_id != stored.client_id:
        return False
    # Then the stored integration is this attempt's own, and nothing waits.
    crashed_after_storing = stored.id == attempt.id and not attempt.replaces
    return family_of(stored.platform.family).updates_wait and not crashed_after_storing


# The page shows a plain warning to the LMS's administrator; an OperatorWarning names commands or
# integrations of others, and appears on the terminal alone.
def change_warnings(attempt: Attempt, placed: Placed, *, waiting: bool) -> tuple[str, ...]:
    """Return the warnings about a repeated registration, one sentence each."""
    before, stored = placed.before, placed.stored
    if waiting:
        submitted = f"The update was submitted to {stored.platform.host}."
        accepted = "It takes effect when an administrator accepts it there."
        return (OperatorWarning(f"{submitted} {accepted}"),)  # the page's first sentence says it
    if before is None:
        return _addition_warnings(attempt, stored)
    if placed.client_id != stored.client_id:
        return _former_warnings(placed)
    if before.client_id != stored.client_id:
        return _client_warnings(before, stored)
    return ()


def _addition_warnings(attempt: Attempt, stored: Integration) -> tuple[str, ...]:
    if attempt.replaces in {"", stored.id}:
        return ()
    another_tool = Sentence(
        "{host} made another tool instead of updating the one that it had.",
        host=stored.platform.host,
    )
    both_stay = f"It is stored as {stored.id!r}; {attempt.replaces!r} stays as it was."
    return (another_tool, OperatorWarning(both_stay))


def _former_warnings(placed: Placed) -> tuple[str, ...]:
    stored = placed.stored
    updated = f"The LMS updated the tool {placed.client_id!r}, a former client of {stored.id!r}."
    back = hint("recover", stored.id, "--former-client", placed.client_id)
    present = f"The present one stays {stored.client_id!r}; to go back to that tool: {back}"
    return (OperatorWarning(f"{updated} {present}"),)


def _client_warnings(before: Integration, stored: Integration) -> tuple[str, ...]:
    change = f"The client_id of {stored.id!r} is {stored.client_id!r} now, and was "
    change += f"{before.client_id!r}"
    if before.client_id not in {each.client_id for each in stored.former_in_use}:
        return (OperatorWarning(f"{change}, which the LMS has no more."),)
    lms = family_of(stored.platform.family).mention
    two = Sentence(
        "The LMS has two tools now. Activities made with the former one, {client}, need it: delete "
        "it in {lms} only after no activity uses it.",
        client=repr(before.client_id),
        lms=lms,
    )
    change += f". Exports keep the former one until '{hint('verify', stored.id)}' sees that it is "
    back = hint("recover", stored.id, "--former-client", before.client_id)
    return (two, OperatorWarning(f"{change}gone. Back to it: {back}"))
