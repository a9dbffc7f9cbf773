"""Removed documents: found again, and put back in place."""

import re
from contextlib import suppress
from typing import Final

from msgspec import Struct

from ltictl.model.integration import Integration
from ltictl.store.folder import ConflictError, MissingError
from ltictl.store.layout import REMOVED, SECRETS
from ltictl.store.profile import Profile
from ltictl.store.records import record_of

_MARK: Final = re.compile(r"(.+)\.[0-9a-f]{8}")


class RemovedIntegration(Struct, frozen=True):
    """One removed integration, and the path at which it is kept."""

    integration: Integration
    path: str


def removed_ids(profile: Profile) -> list[str]:
    """Return the ids of the integrations that can be restored, sorted, each once.

    Raises:
        LtictlError: they cannot be listed.
    """
    return sorted({name for name, _ in _kept(profile, "integrations")})


def newest_removed(profile: Profile, identifier: str) -> RemovedIntegration | None:
    """Return the copy of an integration that was changed last, ``None`` where there is none.

    Raises:
        UnreadableError: a copy is damaged.
    """
    found = []
    for name, path in _kept(profile, "integrations", identifier):
        document, _ = profile.documents.read(path)
        record = record_of(Integration, {**document, "id": name})
        found.append(RemovedIntegration(record, path))
    return max(found, key=lambda each: each.integration.updated_at, default=None)


def restore_secrets(profile: Profile, identifier: str) -> bool:
    """Put the secrets of an integration back, where exactly one copy is kept.

    Returns:
        Whether they are in place; of several copies none says which is the newest.

    Raises:
        LtictlError: they could not be written.
    """
    copies = [path for _, path in _kept(profile, SECRETS, identifier)]
    if len(copies) != 1:  # a secret has no date: an old token in place would look like a good one
        return False
    # A sealed one is sealed for the place to which it goes back.
    with suppress(ConflictError):  # an earlier run was cut off behind it
        profile.documents.create_raw(f"{SECRETS}/{identifier}", profile.documents.raw(copies[0]))
    # Last: a stop before it leaves a secret twice, never lost.
    clear(profile, copies[0])
    return True


def has_secrets(profile: Profile, identifier: str) -> bool:
    """Return whether secrets of a removed integration are kept."""
    return bool(_kept(profile, SECRETS, identifier))


def clear(profile: Profile, path: str) -> None:
    """Remove a copy for good.

    Raises:
        LtictlError: it could not be removed.
    """
    try:
        _, version = profile.documents.read(path)
        profile.documents.clear(path, version)
    except MissingError:
        return


def _kept(profile: Profile, kind: str, identifier: str = "") -> list[tuple[str, str]]:
    """Return id and path of each copy."""
    beginning = f"{identifier}." if identifier else ""
    found = []
    for path in profile.documents.list(f"{REMOVED}/{kind}", beginning):
        match = _MARK.fullmatch(path.rpartition("/")[2])
        if match and (not identifier or match[1] == identifier):
            found.append((match[1], path))
    return found
