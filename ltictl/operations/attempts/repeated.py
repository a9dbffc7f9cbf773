"""A registration that changes a stored one: what the answer keeps, and the warnings about it."""

from ltictl.model.attempt import Attempt
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.platforms.table import family_of


def without_taken(context: Context, fresh: Integration) -> tuple[Integration, tuple[str, ...]]:
    """A new answer without deployments that another organization has at the same registration.

    Only an LMS that answers with a registration which it knows already can name one, and only then
    are all integrations read.
    """
    if not family_of(fresh.platform.family).updates_wait:
        return fresh, ()
    taken = {
        deployment.id: other.id
        for other in context.profile.integrations.all()
        if other.organization != fresh.organization
        and (other.platform.issuer, other.client_id) == (fresh.platform.issuer, fresh.client_id)
        for deployment in other.deployments
    }
    kept = tuple(each for each in fresh.deployments if each.id not in taken)
    told = tuple(
        f"The deployment {each.id!r} stays with {taken[each.id]!r}, which shares the client_id."
        for each in fresh.deployments
        if each.id in taken
    )
    return replace(fresh, deployments=kept), told


def waits(attempt: Attempt, former: Integration | None, stored: Integration) -> bool:
    """Whether the LMS answered with what it knew before (Canvas, C-UPD)."""
    if former is None or former.client_id != stored.client_id:
        return False
    crashed_after_storing = stored.id == attempt.id and not attempt.replaces
    return family_of(stored.platform.family).updates_wait and not crashed_after_storing


def told_of_change(
    former: Integration | None, stored: Integration, *, waiting: bool
) -> tuple[str, ...]:
    """What a person has to know of a registration that was changed, one sentence each."""
    if waiting:
        told = f"The update was submitted to {stored.platform.host}."
        return (f"{told} It takes effect when an administrator accepts it there.",)
    if former is None or former.client_id == stored.client_id:
        return ()
    told = (
        f"The client_id of {stored.id!r} is {stored.client_id!r} now, and was "
        f"{former.client_id!r}: the LMS made a second tool. Remove the former one there, and here "
        f"the deployment ids that belong to it: ltictl deployment remove {stored.id} DEPLOYMENT_ID"
    )
    return (told,)
