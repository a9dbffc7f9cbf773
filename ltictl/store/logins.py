"""The kept logins of a profile: documents in ``secrets/``, readable by their owner only."""

import contextlib
import hashlib
from typing import TYPE_CHECKING

from ltictl.model.login import Login
from ltictl.store.folder import ConflictError, Folder, MissingError
from ltictl.store.layout import SECRETS
from ltictl.store.records import document_of, record_of

if TYPE_CHECKING:
    from ltictl.store.bucket.secrets import SealedDocuments

# No integration can have such an id, so that no login takes the place of an integration's secret.
_MARK = "@"
_DIGITS = 12


class Logins:
    """The logins of one profile; each organization has one for each LMS.

    Args:
        folder: the secrets of the profile.
    """

    def __init__(self, folder: "Folder | SealedDocuments") -> None:
        self._folder = folder

    def organizations(self) -> frozenset[str]:
        """Return the slugs of all organizations with kept logins."""
        # One listing: a question for each organization would cost a request each in a shared store.
        names = (path.rpartition("/")[2] for path in self._folder.list(SECRETS))
        return frozenset(name.partition(_MARK)[0] for name in names if _MARK in name)

    def of(self, organization: str) -> tuple[Login, ...]:
        """Return the kept logins of an organization, sorted by place.

        Raises:
            UnreadableError: one of them is damaged.
        """
        found = []
        for path in self._folder.list(SECRETS, f"{organization}{_MARK}"):
            with contextlib.suppress(MissingError):  # another run removed it meanwhile
                document, _ = self._folder.read(path)
                found.append(record_of(Login, document))
        return tuple(found)

    def keep(self, login: Login) -> None:
        """Write a login, over an earlier one for the same LMS.

        Raises:
            LtictlError: it could not be written.
        """
        path, document = _path(login.organization, login.base), document_of(login)
        try:
            self._folder.create(path, document)
        except ConflictError:
            self._folder.change(path, lambda former: {**former, **document})

    def drop(self, login: Login) -> None:
        """Overwrite the secret of a login, then remove the document.

        Raises:
            LtictlError: the operating system refused.
        """
        path = _path(login.organization, login.base)
        with contextlib.suppress(MissingError):
            # Deleting moves a document to removed/, and no administrator's token may stay there.
            self._folder.change(path, lambda former: {**former, "secret": "dropped"})
            _, version = self._folder.read(path)
            self._folder.delete(path, version)


def _path(organization: str, base: str) -> str:
    digest = hashlib.sha256(base.encode()).hexdigest()[:_DIGITS]
    return f"{SECRETS}/{organization}{_MARK}{digest}"
