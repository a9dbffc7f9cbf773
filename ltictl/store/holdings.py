"""Everything that a profile holds on one organization, wherever it lies; secrets only by name."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any, Final

from msgspec import Struct

from ltictl.errors import UnreadableError
from ltictl.model.attempt import Attempt
from ltictl.model.moment import rfc3339
from ltictl.store.document_text import Document
from ltictl.store.layout import ATTEMPTS, REMOVED, SECRETS, TOKENS
from ltictl.store.own_json import parse_own
from ltictl.store.profile import Profile
from ltictl.store.secrets import HOLDS

_KINDS: Final = ("organizations", "integrations", "invitations")
# Marks of the store, and digests of secrets.
_UNTOLD: Final = frozenset({"schema", "write", "secret_sha256", "token_sha256"})
_OF_LOGIN: Final = ("base", "family", "name", "kept_at")  # a kept login beside its token
_JSON_TEXTS: Final = ("request", "answer")


class Holding(Struct, frozen=True):
    """One document.

    Attributes:
        path: such as ``integrations/acme-moodle``, or ``removed/integrations/acme-moodle.1a2b``.
        members: its members as JSON has them; of a secret only the names that it holds.
    """

    path: str
    members: Mapping[str, Any]


class Holdings(Struct, frozen=True):
    """Everything on one organization.

    Attributes:
        slug: its slug.
        documents: in order of their kinds, removed ones last.
        attempts: unsettled ones.
        aside: attempts that were put aside, by name.
        damaged: errors of documents that may be the organization's.
    """

    slug: str
    documents: tuple[Holding, ...]
    attempts: tuple[Attempt, ...]
    aside: Mapping[str, Attempt]
    damaged: tuple[UnreadableError, ...]

    @property
    def integrations(self) -> frozenset[str]:
        """The ids of its integrations, removed ones included."""
        return _ids(self.documents)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all of it, within the profile."""
        documents = (each.path for each in self.documents)
        attempts = (f"{ATTEMPTS}/{each.id}" for each in self.attempts)
        return (*documents, *attempts, *self.aside)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing."""
        return not (self.documents or self.attempts or self.aside or self.damaged)


def holdings_of(profile: Profile, slug: str) -> Holdings:
    """Return everything that a profile holds on an organization; nothing is changed.

    Raises:
        LtictlError: the profile cannot be read.
    """
    damaged: list[UnreadableError] = []
    found: list[Holding] = []
    for kind in (*_KINDS, *(f"{REMOVED}/{kind}" for kind in _KINDS)):
        for path, document in profile.documents.read_many(profile.documents.list(kind)):
            if isinstance(document, UnreadableError):
                damaged += [document] if _may_belong(path, slug) else []
            elif kind.endswith("integrations") and "organization" not in document:
                damaged += [_ownerless(profile, path)] if _may_belong(path, slug) else []
            elif _belongs(path, document, slug, _ids(found)):
                found.append(Holding(path, _members(document)))
    # Last, since a secret is named by an integration: these ids are all known by now.
    found += _secrets(profile, slug, _ids(found))
    attempts = []
    for identifier in profile.attempts.ids():
        with suppress(UnreadableError):  # 'list' names it, and it blocks what would end it
            attempts.append(profile.attempts.get(identifier))
    return Holdings(
        slug,
        tuple(found),
        tuple(each for each in attempts if each.organization == slug),
        {name: each for name, each in profile.attempts.aside() if each.organization == slug},
        tuple(damaged),
    )


def _secrets(profile: Profile, slug: str, identifiers: frozenset[str]) -> Iterator[Holding]:
    """Yield the secrets of an organization, and the digests of its tokens in a shared store."""
    for kind in (SECRETS, f"{REMOVED}/{SECRETS}", TOKENS):
        for path, document in profile.documents.read_many(profile.documents.list(kind)):
            name = path.rpartition("/")[2]
            if isinstance(document, UnreadableError):
                continue  # 'doctor' tells of it
            owner = str(document.get("attempt", "")) if kind == TOKENS else name
            if kind.startswith(REMOVED):
                owner = name.rpartition(".")[0]
            if owner in identifiers or owner.startswith(f"{slug}@"):
                # A sealed document lists its names; of an open one its members are the names.
                names = document.get(HOLDS) or [each for each in document if each not in _UNTOLD]
                login = {name: document[name] for name in _OF_LOGIN if name in document}
                yield Holding(path, {**_members(login), HOLDS: names})


def _belongs(path: str, document: Document, slug: str, identifiers: frozenset[str]) -> bool:
    kind, name = _kind_and_name(path)
    if kind == "organizations":
        return name == slug
    # The page let a person choose the organization of an open invitation.
    return document.get("organization") == slug or document.get("spent_by") in identifiers


def _may_belong(path: str, slug: str) -> bool:
    kind, name = _kind_and_name(path)
    return kind == "invitations" or name == slug or name.startswith(f"{slug}-")


def _ownerless(profile: Profile, path: str) -> UnreadableError:
    return UnreadableError(
        "damaged_document",
        f"{profile.documents.place(path)} names no organization.",
        why="The document was edited by hand, or a disk or copy went wrong.",
        fix="Add the member 'organization', or delete the file.",
    )


def _kind_and_name(path: str) -> tuple[str, str]:
    *_, kind, name = path.split("/")
    return kind, name.rpartition(".")[0] if path.startswith(REMOVED) else name


def _ids(found: tuple[Holding, ...] | list[Holding]) -> frozenset[str]:
    names = (_kind_and_name(each.path) for each in found)
    return frozenset(name for kind, name in names if kind == "integrations")


def _members(document: Document) -> dict[str, Any]:
    found = {name: _plain(value) for name, value in document.items() if name not in _UNTOLD}
    for name in _JSON_TEXTS:
        if isinstance(found.get(name), str):
            with suppress(ValueError):  # a person edited it
                found[name] = parse_own(found[name])
    return found


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        usual = value.tzinfo is not None and MINYEAR < value.year < MAXYEAR
        return rfc3339(value) if usual else value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if name not in _UNTOLD}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
