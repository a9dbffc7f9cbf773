"""A profile: its documents, its attempts in flight and its private keys."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ltictl.errors import UnreadableError
from ltictl.model.author import Author
from ltictl.store.collection import Collection
from ltictl.store.document_kinds import INTEGRATIONS, INVITATIONS, ORGANIZATIONS, DocumentKind
from ltictl.store.folder import ConflictError, Folder, MissingError
from ltictl.store.layout import SETTINGS, attempts_folder
from ltictl.store.lock import LOCK_TIMEOUT
from ltictl.store.private_keys import PrivateKeys
from ltictl.store.refusals import profile_exists

if TYPE_CHECKING:
    from ltictl.model.integration import Integration, StoredProblems
    from ltictl.model.invitation import Invitation
    from ltictl.model.organization import Organization
    from ltictl.model.profile import Settings
    from ltictl.model.signing_key import SigningKey
    from ltictl.store.attempt_file import Journal as FileJournal
    from ltictl.store.attempts import Attempts
    from ltictl.store.bucket.attempts import SharedAttempts, SharedJournal
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.bucket.log import SharedLog
    from ltictl.store.bucket.secrets import SealedDocuments, SharedKeys
    from ltictl.store.bucket.shared import Shared
    from ltictl.store.inspection import FileFindings
    from ltictl.store.log.file_log import FileLog
    from ltictl.store.log.recorder import Recorder
    from ltictl.store.logins import Logins
    from ltictl.store.secrets import Secrets

Journal: TypeAlias = "FileJournal | SharedJournal"


class Profile:
    """One profile, in a folder or in a shared store.

    Args:
        root: absolute path.
        lock_timeout: seconds to wait for another writer.
        shared: the store of the documents, where they do not lie in ``root``.
        settings_root: the folder of ``profile.toml``, where it is another one.
    """

    def __init__(
        self,
        root: Path,
        lock_timeout: float = LOCK_TIMEOUT.total_seconds(),
        shared: "Shared | None" = None,
        settings_root: Path | None = None,
    ) -> None:
        self.root = root
        self._settings_root = settings_root or root
        self.lock_timeout = lock_timeout
        self._shared = shared
        own = Folder(root, lock_timeout)
        self._folder: Folder | Bucket = shared.bucket if shared else own
        # People keep profile.toml in git, wherever the other documents lie.
        self._settings: Folder | Bucket = (
            shared.bucket if shared and shared.whole else Folder(self._settings_root, lock_timeout)
        )
        self._secret_documents: Folder | SealedDocuments = shared.secrets if shared else own
        self.author: Callable[[], Author] = Author  # whose changes the log tells of
        self.organizations: Collection[Organization] = self._collection(ORGANIZATIONS)
        self.invitations: Collection[Invitation] = self._collection(INVITATIONS)
        self.integrations: Collection[Integration] = self._collection(INTEGRATIONS)
        self.private_keys: PrivateKeys | SharedKeys = (
            shared.private_keys if shared else PrivateKeys(root)
        )

    @property
    def place(self) -> str:
        """The place of the profile, to be shown and to be handed to hooks."""
        return (
            self._shared.place if self._shared and self._shared.whole else str(self._settings_root)
        )

    @property
    def shared(self) -> "Shared | None":
        """The shared store of the documents, ``None`` for a folder; only for the room ``store``."""
        return self._shared

    @property
    def documents(self) -> "Folder | Bucket":
        """The documents by path; only for the room ``store``."""
        return self._folder

    @property
    def settings_documents(self) -> "Folder | Bucket":
        """The documents with ``profile.toml`` among them; only for the room ``store``."""
        return self._settings

    @property
    def secret_documents(self) -> "Folder | SealedDocuments":
        """The opened secrets by path; only for the room ``store``."""
        return self._secret_documents

    @property
    def documents_place(self) -> str:
        """The place of all documents but ``profile.toml``, to be shown."""
        return self._shared.place if self._shared else str(self.root)

    @property
    def seals_secrets(self) -> bool:
        """Whether secrets are encrypted as a whole, because others can read the store."""
        return self._shared is not None

    @cached_property
    def signing_keys(self) -> "Collection[SigningKey]":
        """The documents in ``keys/``."""
        from ltictl.model.signing_key import SigningKey  # 'list' needs no keys

        kind = DocumentKind("keys", "signing key", "ltictl keys list", SigningKey, "kid")
        return self._collection(kind)

    @cached_property
    def recorder(self) -> "Recorder":
        """The recorder of every change."""
        from ltictl.store.log.recorder import Recorder  # 'list' changes nothing

        return Recorder(self.log, self._folder, self.author)

    @cached_property
    def log(self) -> "FileLog | SharedLog":
        """The log of changes."""
        if self._shared:
            return self._shared.log
        from ltictl.store.log.file_log import FileLog

        return FileLog(self.root, self.lock_timeout)

    def _collection(self, kind: DocumentKind[Any]) -> Collection[Any]:
        # Not made here: a command that changes nothing must not import the log.
        return Collection(self._folder, kind, lambda: self.recorder)

    @cached_property
    def stored_problems(self) -> "Collection[StoredProblems]":
        """The documents in ``integrations/``, read for their problems alone."""
        from ltictl.model.integration import StoredProblems

        kind = DocumentKind("integrations", "integration", "ltictl list", StoredProblems, "id")
        return self._collection(kind)

    @cached_property
    def attempts(self) -> "Attempts | SharedAttempts":
        """The registrations in flight."""
        if self._shared:
            return self._shared.attempts
        from ltictl.store.attempts import Attempts  # nor, mostly, attempts

        return Attempts(self.root, self.lock_timeout)

    @cached_property
    def secrets(self) -> "Secrets":
        """The secrets of integrations, and the relay page's key."""
        from ltictl.store.secrets import Secrets  # 'list' needs no secrets

        return Secrets(self._secret_documents, self._folder)

    @cached_property
    def logins(self) -> "Logins":
        """The administrators' tokens that a person asked to keep."""
        from ltictl.store.logins import Logins  # nor any of them

        return Logins(self._secret_documents)

    def has_attempts(self) -> bool:
        """Return whether there may be attempts."""
        if self._shared:
            return True  # to know it would cost the request that the caller wants to save
        try:
            return bool(os.listdir(attempts_folder(self.root)))  # noqa: PTH208  names only
        except FileNotFoundError:
            return False
        except OSError:
            return True  # reading them names the cause

    def stranger_to_root(self, environment: Mapping[str, str]) -> str:
        """Return the account that controls the profile's commands; see ``trust``."""
        if self._shared and self._shared.whole:
            return self._shared.stranger_to_root(environment)
        from ltictl.store.trust import stranger_to_root

        return stranger_to_root(self._settings_root, environment)

    def file_findings(self) -> "FileFindings":
        """Return wrong modes and leftovers of the files, none for a shared store."""
        from ltictl.store.inspection import FileFindings, inspect_files  # only 'doctor' asks

        if self._shared and self._shared.whole:
            return FileFindings((), "", ())
        return inspect_files(self.root)

    def prepare_to_write(self) -> None:
        """Import the modules that only writing needs (10 ms)."""
        import filelock  # noqa: F401
        import tomli_w  # noqa: F401

        import ltictl.store.attempts  # noqa: F401
        from ltictl.store.log import file_log, recorder  # noqa: F401

    def side_by_side(self, *calls: Callable[[], object]) -> tuple[Any, ...]:
        """Return the results of calls that do not wait for each other in a shared store."""
        return self._folder.side_by_side(*calls)

    def look_again(self, kind: str = "") -> None:
        """Forget what this run has seen of one kind of documents, or of all.

        A folder is read each time. Of a shared store a run remembers for a minute what it saw.
        """
        if self._shared:
            self._shared.bucket.look_again(kind)

    def require_passphrase(self) -> None:
        """Stop where secrets could not be sealed; a folder seals none as a whole.

        Raises:
            LtictlError: ``passphrase_needed`` or ``wrong_passphrase``.
        """
        if self._shared:
            self._shared.sealer.require()

    def exists(self) -> bool:
        """Return whether the profile exists."""
        return self._settings.exists(SETTINGS)

    def require(self) -> None:
        """Raise an error unless the profile exists.

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
        """Raise an error if the profile exists.

        Raises:
            LtictlError: ``profile_exists``.
        """
        if self.exists():
            raise profile_exists(self.place)

    def settings(self) -> "Settings":
        """Return the settings in ``profile.toml``.

        Raises:
            UnreadableError: it is missing or says something impossible.
        """
        from ltictl.store.settings import usable_settings  # 'list' needs no settings

        try:
            document, _ = self._settings.read(SETTINGS)
        except MissingError:
            self.require()
            raise
        return usable_settings(document, self._settings.place(SETTINGS))

    def written_settings(self) -> frozenset[str]:
        """Return the dotted names of the settings in ``profile.toml``, such as ``tool.name``."""
        # As a person wrote them: 'config' tells a setting from a default of the same value.
        tables = self._settings.read(SETTINGS)[0].items()
        named = ((table, members) for table, members in tables if isinstance(members, dict))
        return frozenset(f"{table}.{member}" for table, members in named for member in members)

    def create(self, text: str) -> None:
        """Make the profile's folder with ``text`` as its ``profile.toml``.

        Raises:
            LtictlError: ``profile_exists``, or it could not be written.
        """
        self.require_new()
        self.require_passphrase()  # the first key follows at once
        try:
            self._settings.set_up(SETTINGS, text)
        except ConflictError:
            raise profile_exists(self.place) from None
