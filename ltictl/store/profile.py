"""A profile: a folder of documents, the attempts in flight and the private keys, under one roof."""

import contextlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ltictl.errors import InvalidValueError, LtictlError, UnreadableError
from ltictl.model.integration import Integration
from ltictl.model.invitation import Invitation
from ltictl.model.organization import Organization
from ltictl.store.collection import Collection, DocumentKind
from ltictl.store.folder import ConflictError, Folder, MissingError
from ltictl.store.layout import attempts_folder
from ltictl.store.lock import LOCK_TIMEOUT
from ltictl.store.private_keys import PrivateKeys

if TYPE_CHECKING:
    from ltictl.model.integration import StoredProblems
    from ltictl.model.profile import Settings
    from ltictl.model.signing_key import SigningKey
    from ltictl.store.inspection import FileFindings
    from ltictl.store.journal import Attempts
    from ltictl.store.logins import Logins

_SETTINGS = "profile"  # the one document that people write

ORGANIZATIONS = DocumentKind(
    "organizations",
    "organization",
    "ltictl org list",
    Organization,
    "slug",
)
INVITATIONS = DocumentKind(
    "invitations",
    "invitation",
    "ltictl invitation list",
    Invitation,
    "id",
)
INTEGRATIONS = DocumentKind(
    "integrations",
    "integration",
    "ltictl list",
    Integration,
    "id",
)


class Profile:
    """The profile in the folder ``root``.

    Args:
        root: absolute path.
        lock_timeout: seconds to wait for another writer.
    """

    def __init__(self, root: Path, lock_timeout: float = LOCK_TIMEOUT.total_seconds()) -> None:
        self.root = root
        self.lock_timeout = lock_timeout
        self._folder = Folder(root, lock_timeout)
        self.organizations: Collection[Organization] = Collection(self._folder, ORGANIZATIONS)
        self.invitations: Collection[Invitation] = Collection(self._folder, INVITATIONS)
        self.integrations: Collection[Integration] = Collection(self._folder, INTEGRATIONS)
        self.private_keys = PrivateKeys(root)

    @property
    def place(self) -> str:
        """The place of the profile, to be shown and to be handed to hooks."""
        return str(self.root)

    @cached_property
    def signing_keys(self) -> "Collection[SigningKey]":
        """The documents in ``keys/``."""
        from ltictl.model.signing_key import SigningKey  # 'list' needs no keys

        kind = DocumentKind("keys", "signing key", "ltictl keys list", SigningKey, "kid")
        return Collection(self._folder, kind)

    @cached_property
    def stored_problems(self) -> "Collection[StoredProblems]":
        """The documents in ``integrations/``, read for what stands in them."""
        from ltictl.model.integration import StoredProblems

        kind = DocumentKind("integrations", "integration", "ltictl list", StoredProblems, "id")
        return Collection(self._folder, kind)

    @cached_property
    def attempts(self) -> "Attempts":
        """The registrations in flight."""
        from ltictl.store.journal import Attempts  # nor, mostly, attempts

        return Attempts(self.root, self.lock_timeout)

    @cached_property
    def logins(self) -> "Logins":
        """The administrators' tokens that a person asked to keep."""
        from ltictl.store.logins import Logins  # nor any of them

        return Logins(self._folder)

    def has_attempts(self) -> bool:
        """Whether there may be attempts, or whether even the question fails."""
        try:
            return bool(os.listdir(attempts_folder(self.root)))  # noqa: PTH208  names only
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def stranger_to_root(self, environment: Mapping[str, str]) -> str:
        """See ``trust.stranger_to_root``."""
        from ltictl.store.trust import stranger_to_root

        return stranger_to_root(self.root, environment)

    def file_findings(self) -> "FileFindings":
        """Return the oddities of the files: modes and leftovers."""
        from ltictl.store.inspection import inspect_files  # only 'doctor' asks

        return inspect_files(self.root)

    def prepare_to_write(self) -> None:
        """Import what every writing needs and no reading does (10 ms)."""
        import filelock  # noqa: F401
        import tomli_w  # noqa: F401

        import ltictl.store.journal  # noqa: F401

    def exists(self) -> bool:
        """Whether there is a profile in that folder."""
        return self._folder.exists(_SETTINGS)

    def require(self) -> None:
        """Stop unless there is a profile.

        Raises:
            UnreadableError: there is none.
        """
        if not self.exists():
            raise UnreadableError(
                "no_profile",
                f"There is no profile in {self.place}.",
                why="Nothing was set up here yet, or another place is meant.",
                fix="Run 'ltictl init', or name a profile with --profile or LTICTL_PROFILE.",
            )

    def require_new(self) -> None:
        """Stop if there is a profile.

        Raises:
            LtictlError: ``profile_exists``.
        """
        if self.exists():
            raise self._present()

    def _present(self) -> LtictlError:
        return LtictlError(
            "profile_exists",
            f"There is a profile in {self.place} already; it is never overwritten.",
            fix="Edit its profile.toml, or name another place with --profile.",
        )

    def settings(self) -> "Settings":
        """Return the content of ``profile.toml``.

        Raises:
            UnreadableError: it is missing or says something impossible.
        """
        from ltictl.store.settings import settings_of  # 'list' needs no settings

        try:
            document, _ = self._folder.read(_SETTINGS)
        except MissingError:
            self.require()
            raise
        try:
            return settings_of(document)
        except (InvalidValueError, ValueError) as error:
            fix = error.fix if isinstance(error, InvalidValueError) else ""
            raise UnreadableError(
                "invalid_setting",
                f"{self._folder.place(_SETTINGS)}: {error}",
                why="The file was edited and now says something that ltictl cannot use.",
                fix=fix or "Correct the setting; docs/reference/profile.md lists them all.",
            ) from error

    def written_settings(self) -> frozenset[str]:
        """Dotted names of the settings that ``profile.toml`` itself holds, ``tool.name`` say."""
        document, _ = self._folder.read(_SETTINGS)
        return frozenset(
            f"{table}.{member}"
            for table, members in document.items()
            if isinstance(members, dict)
            for member in members
        )

    def create(self, text: str) -> None:
        """Make the profile's folder with ``text`` as its ``profile.toml``.

        Raises:
            LtictlError: ``profile_exists``, or it could not be written.
        """
        self.require_new()
        try:
            self._folder.set_up(_SETTINGS, text)
        except ConflictError:
            raise self._present() from None

    def keep_secret(self, identifier: str, members: dict[str, str]) -> None:
        """Write ``secrets/ID.toml`` over an earlier one.

        Raises:
            LtictlError: it could not be written.
        """
        path = f"secrets/{identifier}"
        try:
            self._folder.create(path, members)
        except ConflictError:
            self._folder.change(path, lambda former: {**former, **members})

    def keep_first_secret(self, identifier: str, members: dict[str, str]) -> None:
        """Write ``secrets/ID.toml`` unless it is there, maybe by another run at the same time.

        Raises:
            LtictlError: it could not be written.
        """
        with contextlib.suppress(ConflictError):
            self._folder.create(f"secrets/{identifier}", members)

    def secret(self, identifier: str, member: str) -> str:
        """One member of ``secrets/ID.toml``, empty where there is none.

        Raises:
            UnreadableError: the document is damaged.
        """
        try:
            document, _ = self._folder.read(f"secrets/{identifier}")
        except MissingError:
            return ""
        value = document.get(member, "")
        return value if isinstance(value, str) else ""

    def damaged_secrets(self) -> tuple[UnreadableError, ...]:
        """The errors of the documents in ``secrets/`` that cannot be read."""
        documents = self._folder.read_many(self._folder.list("secrets"))
        return tuple(each for _, each in documents if isinstance(each, UnreadableError))

    def remove_secrets(self, identifier: str) -> None:
        """Move ``secrets/ID.toml`` to ``removed/``, if there is one.

        Raises:
            LtictlError: the operating system refused.
        """
        path = f"secrets/{identifier}"
        while True:
            try:
                _, version = self._folder.read(path)
                self._folder.delete(path, version)
            except MissingError:
                return
            except ConflictError:
                continue
