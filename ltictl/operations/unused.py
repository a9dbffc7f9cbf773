"""Integrations of which no launch is known. Only stored facts count; asks nobody."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from ltictl.model.integration import Integration, Status


class Unused(Struct, frozen=True):
    """One integration without a known launch.

    Attributes:
        id: of the integration.
        detail: the known facts.
        fix: the next command.
    """

    id: str
    detail: str
    fix: str


def unused(integrations: Iterable[Integration], now: datetime) -> Iterator[Unused]:
    """Return those without a launch, in their order; disabled ones are left out."""
    # Launches do not pass through ltictl: it knows those that 'deployment add --from-launch' read.
    for each in integrations:
        if each.status is not Status.DISABLED and not any(d.launched for d in each.deployments):
            yield Unused(each.id, _detail(each, now), _fix(each))


def _detail(each: Integration, now: datetime) -> str:
    # A pending one was never activated.
    since = each.activated_at or each.created_at
    number = len(each.deployments)
    deployments = f"{number} deployment{'' if number == 1 else 's'}" if number else "no deployment"
    return f"{each.status.value} for {max((now - since).days, 0)} days, {deployments}"


def _fix(each: Integration) -> str:
    if each.status is Status.PENDING:
        return f"ltictl activate {each.id}"
    return f"ltictl deployment add {each.id} --from-launch FILE"
