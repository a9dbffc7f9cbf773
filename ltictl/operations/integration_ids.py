"""The ids of integrations: their form, and the search for a free one."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from ltictl.errors import AlreadyExistsError, InvalidValueError
from ltictl.model.integration import Integration
from ltictl.operations.context import Context

if TYPE_CHECKING:
    from ltictl.platforms.family import Family

_MAX_ORGANIZATION = 50  # letters of a slug; an id has a length that a file name can have


def id_stem(organization: str) -> str:
    """Return the beginning of the ids of an organization's integrations and attempts."""
    return f"{organization[:_MAX_ORGANIZATION]}-"


def require_own_id(identifier: str, organization: str) -> None:
    """Raise an error for an id that does not begin with its organization's slug.

    Raises:
        InvalidValueError: it does not.
    """
    if not identifier.startswith(id_stem(organization)):
        raise InvalidValueError(
            "id",
            f"must begin with {id_stem(organization)!r}, not {identifier!r}",
            fix=f"Write {id_stem(organization)}{identifier}, or leave out the id.",
        )


def possible_ids(context: Context, organization: str) -> list[str]:
    """Return, sorted, the ids that an organization's integrations may have.

    Their documents decide: the slug of another organization may begin in the same way.
    """
    ids = context.profile.integrations.ids()
    # Earlier versions let 'apply' and 'import' give any id. Such an id is left out only if it
    # begins with the slug of another organization.
    slugs = {*context.profile.organizations.ids(), organization}
    found = ids[slice(*_span(ids, id_stem(organization)))]
    at = 0
    for start, stop in sorted(_span(ids, id_stem(each)) for each in slugs):
        found += ids[at:start]
        at = max(at, stop)
    return sorted(found + ids[at:])


def _span(ids: Sequence[str], stem: str) -> tuple[int, int]:
    """Return the bounds of the sorted ids that begin with ``stem``."""
    # U+10FFFF sorts behind every character of an id.
    return bisect_left(ids, stem), bisect_left(ids, f"{stem}\U0010ffff")


def proposed_id(organization: str, family: "Family") -> str:
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
    context: Context,
    identifiers: Iterable[str],
    build: Callable[[str], Integration],
    first: Callable[[str], object] = lambda _: None,
) -> Integration:
    """Store an integration under the first of ``identifiers`` that no other run takes meanwhile.

    Args:
        context: the profile.
        identifiers: ids in the order in which they are tried, without end.
        build: makes the integration of an id.
        first: stores what has to be there before the integration of an id.

    Raises:
        LtictlError: ``build`` refused, or the document could not be written.
    """
    for identifier in identifiers:
        candidate = build(identifier)
        try:
            context.profile.integrations.add(candidate, partial(first, identifier))
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
