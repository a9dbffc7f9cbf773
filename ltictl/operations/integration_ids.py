"""The ids of integrations: their form, and the search for a free one."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count

from ltictl.errors import AlreadyExistsError
from ltictl.model.integration import Integration
from ltictl.operations.context import Context
from ltictl.platforms.family import Family

_MAX_ORGANIZATION = 50  # letters of a slug; an id has a length that a file name can have


def id_stem(organization: str) -> str:
    """Return the beginning of the ids of an organization's integrations and attempts."""
    return f"{organization[:_MAX_ORGANIZATION]}-"


def proposed_id(organization: str, family: Family) -> str:
    """Return the id of a new integration, unless another one has it."""
    return f"{id_stem(organization)}{family.slug}"


def numbered(name: str) -> Iterator[str]:
    """Yield ``name``, then ``name-2``, ``name-3`` and so on without end."""
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def free_ids(context: Context, name: str) -> Iterator[str]:
    """Yield the forms of ``name`` that neither an integration nor an attempt has."""
    # A hint alone: another run may take one meanwhile, and only storing under it decides.
    attempts = set(context.profile.attempts.ids())
    for identifier in numbered(name):
        if identifier not in attempts and not context.profile.integrations.exists(identifier):
            yield identifier


def add_under_free_id(
    context: Context, identifiers: Iterable[str], build: Callable[[str], Integration]
) -> Integration:
    """Store an integration under the first of ``identifiers`` that no other run takes meanwhile.

    Args:
        context: the profile.
        identifiers: ids in the order in which they are tried, without end.
        build: makes the integration of an id.

    Raises:
        LtictlError: ``build`` refused, or the document could not be written.
    """
    for identifier in identifiers:
        candidate = build(identifier)
        try:
            context.profile.integrations.add(candidate)
        except AlreadyExistsError:
            continue  # another run took the id after we looked
        return candidate
    raise AssertionError("identifiers ended")


def taken_ids(context: Context) -> set[str]:
    """Return the ids that a new integration cannot have."""
    return {*context.profile.integrations.ids(), *context.profile.attempts.ids()}


def claim_id(name: str, taken: set[str]) -> str:
    """Return the first free form of ``name``, and add it to ``taken``."""
    identifier = next(each for each in numbered(name) if each not in taken)
    taken.add(identifier)
    return identifier
