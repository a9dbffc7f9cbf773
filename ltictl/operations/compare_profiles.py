"""Compare two profiles, such as staging and production: settings, organizations, services.

No secret, key, client id or LMS address is compared: these belong to one environment.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct, to_builtins

from ltictl.lti.vocabulary import short_scope
from ltictl.operations.context import Context

# A command that prints a secret may hold its address.
_NOT_COMPARED: Final = frozenset({"keys.passphrase_command", "lms.token_command"})


class Kind(StrEnum):
    """The kinds of difference."""

    SETTING = "setting"
    ORGANIZATION = "organization"
    SERVICES = "services"


class ProfileDifference(Struct, frozen=True):
    """One difference.

    Attributes:
        kind: of thing.
        name: of the setting, the organization's slug, or the integration's id.
        first: the value in the first profile, ``None`` where it has none.
        second: the value in the second profile.
    """

    kind: Kind
    name: str
    first: Any
    second: Any


class Contents(Struct, frozen=True):
    """The comparable contents of a profile, by kind and name, and its damaged documents."""

    values: Mapping[Kind, Mapping[str, Any]]
    damaged: tuple[str, ...]


def contents_of(context: Context) -> Contents:
    """Return what a profile has to compare.

    Raises:
        UnreadableError: there is no profile, or its settings cannot be read.
    """
    context.profile.require()
    settings = to_builtins(context.profile.settings(), str_keys=True)
    organizations = context.profile.organizations.all()
    integrations = context.profile.integrations.all()
    values: dict[Kind, Mapping[str, Any]] = {
        Kind.SETTING: dict(_flat(settings, "")),
        Kind.ORGANIZATION: {each.slug: each.name for each in organizations},
        Kind.SERVICES: {
            each.id: sorted(map(short_scope, each.scopes.requested)) for each in integrations
        },
    }
    damaged = (*organizations.damaged, *integrations.damaged)
    return Contents(values, tuple(error.message for error in damaged))


def _flat(table: Mapping[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        whole = f"{place}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{whole}.")
        elif whole not in _NOT_COMPARED:
            yield whole, value


def compare_profiles(first: Contents, second: Contents) -> tuple[ProfileDifference, ...]:
    """Return the differences, by kind and then by name."""
    return tuple(_differences(first, second))


def _differences(first: Contents, second: Contents) -> Iterator[ProfileDifference]:
    for kind in Kind:
        one, other = first.values[kind], second.values[kind]
        for name in _names(kind, one, other):
            if one.get(name) != other.get(name):
                yield ProfileDifference(kind, name, one.get(name), other.get(name))


def _names(kind: Kind, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterable[str]:
    # Staging and production have integrations of their own. Those that only one of them has are no
    # difference in their services.
    return sorted(one.keys() & other.keys() if kind is Kind.SERVICES else one.keys() | other.keys())
