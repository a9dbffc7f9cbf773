"""The secrets of a shared store: small documents and private keys, each sealed by itself."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from ltictl.errors import LockedError, LtictlError, UnreadableError
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.holder import Holder, holder_of, this_run
from ltictl.store.bucket.patience import Patience
from ltictl.store.bucket.sealing import Sealer, envelope
from ltictl.store.document_text import Document, parse_document, render_document
from ltictl.store.folder import (
    ConflictError,
    Edit,
    MissingError,
    Version,
)
from ltictl.store.layout import PRIVATE_KEYS, SECRETS
from ltictl.store.refusals import key_exists, no_private_key
from ltictl.store.secrets import HOLDS

_OWN: Final = frozenset({"schema", "write"})  # of the document within
_TURN: Final = "claims/keys"
_LONGEST_TURN: Final = 15 * 60.0


# Under a prefix of their own, so that a policy of the cloud can keep them from people who need only
# the integrations.
class SealedDocuments:
    """``secrets/`` of a shared store, with the verbs of ``Folder`` that secrets need."""

    def __init__(self, bucket: Bucket, sealer: Sealer) -> None:
        self._bucket = bucket
        self._sealer = sealer

    def read(self, path: str) -> tuple[Document, Version]:
        """Return the members of a secret, and its version.

        Raises:
            MissingError: there is none.
            LtictlError: it is damaged, or the passphrase does not open it.
        """
        document, version = self._bucket.read(path)
        return self._opened(path, document), version

    def create(self, path: str, members: Mapping[str, Any]) -> None:
        """Seal members in a new document.

        Raises:
            ConflictError: some stand there.
            LtictlError: the passphrase is wrong, or it could not be written.
        """
        self._bucket.create(path, self._seal(path, members))

    def change(self, path: str, edit: Edit) -> None:
        """Open, edit and seal again.

        Raises:
            MissingError, LtictlError: as in ``Bucket.change``.
        """

        def changed(document: Document) -> Document | None:
            wanted = edit(self._opened(path, document))
            return None if wanted is None else self._seal(path, wanted)

        self._bucket.change(path, changed)

    def delete(self, path: str, version: Version) -> None:
        """Move a secret to ``removed/``, still sealed for its former path."""
        self._bucket.delete(path, version)

    def list(self, prefix: str, beginning: str = "") -> list[str]:
        """Return the sorted paths of the secrets in a folder."""
        return self._bucket.list(prefix, beginning)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, Document | UnreadableError]]:
        """Yield an empty document for each sound secret, or its error; needs no passphrase."""
        for path, document in self._bucket.read_many(paths):
            if isinstance(document, UnreadableError):
                yield path, document
                continue
            try:
                envelope(self._bucket.place(path), document)
            except UnreadableError as error:
                yield path, error
            else:
                yield path, {}

    def _opened(self, path: str, document: Document) -> Document:
        found = parse_document(self._bucket.place(path), self._sealer.open(path, document))
        return {name: value for name, value in found.items() if name not in _OWN}

    def _seal(self, path: str, members: Mapping[str, Any]) -> dict[str, object]:
        """Seal members, and leave their names readable."""
        # The names in the clear: commands that ask whether a secret exists need no passphrase.
        names = sorted(name for name, value in members.items() if value)
        self._sealer.require()  # this run may have seen the passphrase that counted an hour ago
        return {HOLDS: names, **self._sealer.seal(path, render_document(members))}


class SharedKeys:
    """The private halves of signing keys in a shared store, with the verbs of ``PrivateKeys``."""

    def __init__(self, bucket: Bucket, sealer: Sealer) -> None:
        self._bucket = bucket
        self._sealer = sealer

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Keep the keys for this run alone within the block.

        Raises:
            LockedError: another run had it all that time.
            LtictlError: the passphrase is missing or wrong.
        """
        patience = Patience(timeout)
        # It saves two runs from making two keys, and nothing breaks without it.
        self._bucket.look_again()
        self._sealer.require()
        while not self._take():
            if not patience.pause():
                raise self._turn_of_another(timeout)
            self._bucket.look_again()  # the other run changes keys meanwhile
        try:
            yield
        finally:
            with suppress(MissingError, ConflictError, LtictlError):
                document, version = self._bucket.read(_TURN)
                if holder_of(document).is_this_run:
                    self._bucket.clear(_TURN, version)

    def _take(self) -> bool:
        mine = this_run().document()
        with suppress(ConflictError, MissingError):
            try:
                self._bucket.create(_TURN, mine)
            except ConflictError:
                document, version = self._bucket.read(_TURN)
                if not self._is_over(holder_of(document)):
                    return False
                self._bucket.replace(_TURN, mine, version)
            return True
        return False

    def _is_over(self, holder: Holder) -> bool:
        # By time, too: the machine of a run may be gone, and then nobody ends its turn.
        return holder.is_gone or time.time() - holder.seen > _LONGEST_TURN

    def _turn_of_another(self, timeout: float) -> LockedError:
        holder = "another run"
        with suppress(MissingError, LtictlError):
            holder = holder_of(self._bucket.read(_TURN)[0]).description
        return LockedError(
            "profile_locked",
            f"The keys are in use by {holder}.",
            why=f"Another ltictl works on the keys and did not finish within {timeout:g} s.",
            fix="Wait for it, or give --lock-timeout a longer time. A turn ends by itself after "
            "15 minutes.",
        )

    def add(self, kid: str, pem: bytes) -> None:
        """Seal a new private key.

        Raises:
            LtictlError: ``key_exists``, or it could not be written.
        """
        path = self._path(kid)
        try:
            self._sealer.require()  # as for the other secrets
            # Created and never replaced: a key that is overwritten signs nothing any more.
            self._bucket.create(path, self._sealer.seal(path, pem))
        except ConflictError:
            raise key_exists(self.place(kid)) from None

    def read(self, kid: str) -> bytes:
        """Return the PEM of a key.

        Raises:
            NotFoundError: there is none.
            LtictlError: the passphrase does not open it.
        """
        path = self._path(kid)
        try:
            document, _ = self._bucket.read(path)
        except MissingError:
            raise no_private_key(kid, self.place(kid)) from None
        return self._sealer.open(path, document)

    def ids(self) -> list[str]:
        """Return the sorted kids of all private keys."""
        return [path.rpartition("/")[2] for path in self._bucket.list(PRIVATE_KEYS)]

    def place(self, kid: str) -> str:
        """Return the address of a private key as text for people."""
        return self._bucket.place(self._path(kid))

    def _path(self, kid: str) -> str:
        return f"{PRIVATE_KEYS}/{kid}"


def reseal_documents(bucket: Bucket, sealer: Sealer) -> int:
    """Seal every secret anew that another passphrase sealed, and return their number.

    Raises:
        LtictlError: a document is damaged, or the store is out of reach; the next run goes on.
    """
    count = 0
    bucket.look_again()
    # One by one, each whole by itself: an interruption leaves some sealed by the former passphrase,
    # which opens them until the last one is done.
    for path in [*bucket.list(PRIVATE_KEYS), *bucket.list(SECRETS)]:
        document, _ = bucket.read(path)
        if sealer.is_current(document):
            continue
        bucket.change(
            path,
            lambda found, path=path: (  # type: ignore[misc]
                None
                if sealer.is_current(found)
                else {**found, **sealer.seal(path, sealer.open(path, found))}
            ),
        )
        count += 1
    return count
