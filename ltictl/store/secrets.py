"""The secrets of a profile: one document in ``secrets/`` for each integration that has any."""

import contextlib
from typing import TYPE_CHECKING, Final

from ltictl.errors import UnreadableError
from ltictl.store.folder import ConflictError, Folder, MissingError
from ltictl.store.layout import SECRETS

if TYPE_CHECKING:
    from ltictl.store.bucket.bucket import Bucket
    from ltictl.store.bucket.secrets import SealedDocuments

# Member of a sealed document with the names of the secrets in it, in the clear.
HOLDS: Final = "holds"


class Secrets:
    """The documents ``secrets/ID.toml`` of one profile.

    Args:
        documents: gives and takes the secrets in the clear.
        stored: the same documents as they are stored, sealed or not.
    """

    def __init__(self, documents: "Folder | SealedDocuments", stored: "Folder | Bucket") -> None:
        self._documents = documents
        self._stored = stored

    def get(self, identifier: str, member: str) -> str:
        """Return one member of ``secrets/ID.toml``, empty where there is none.

        Raises:
            UnreadableError: the document is damaged.
        """
        try:
            document, _ = self._documents.read(_path(identifier))
        except MissingError:
            return ""
        value = document.get(member, "")
        # A person may have edited the file: a secret that is no text counts as missing.
        return value if isinstance(value, str) else ""

    def has(self, identifier: str, member: str) -> bool:
        """Return whether ``secrets/ID.toml`` has a member, without the passphrase.

        Raises:
            UnreadableError: the document is damaged.
        """
        try:
            # As it is stored: to open it would ask a person for the passphrase.
            document, _ = self._stored.read(_path(identifier))
        except MissingError:
            return False
        names = document.get(HOLDS, ())
        return bool(document.get(member)) or (isinstance(names, list) and member in names)

    def keep(self, identifier: str, members: dict[str, str]) -> None:
        """Write ``secrets/ID.toml`` over an earlier one.

        Raises:
            LtictlError: it could not be written.
        """
        try:
            self._documents.create(_path(identifier), members)
        except ConflictError:
            # Other members stay: the document may hold more secrets than this one.
            self._documents.change(_path(identifier), lambda former: {**former, **members})

    def keep_first(self, identifier: str, members: dict[str, str]) -> None:
        """Write ``secrets/ID.toml`` unless it exists.

        Raises:
            LtictlError: it could not be written.
        """
        # Another run may write its own at the same time; the first one counts.
        with contextlib.suppress(ConflictError):
            self._documents.create(_path(identifier), members)

    def damaged(self) -> tuple[UnreadableError, ...]:
        """Return the error of each document in ``secrets/`` that cannot be read."""
        documents = self._documents.read_many(self._documents.list(SECRETS))
        return tuple(each for _, each in documents if isinstance(each, UnreadableError))

    def remove(self, identifier: str) -> None:
        """Move ``secrets/ID.toml`` to ``removed/``, if it exists.

        Raises:
            LtictlError: the operating system refused.
        """
        # A removal wants the secrets gone in any state, so that another writer does not end it.
        while True:
            try:
                # As it is stored: a sealed one needs no passphrase, and stays sealed in 'removed/'.
                _, version = self._stored.read(_path(identifier))
                self._stored.delete(_path(identifier), version)
            except MissingError:
                return
            except ConflictError:
                continue


def _path(identifier: str) -> str:
    return f"{SECRETS}/{identifier}"
