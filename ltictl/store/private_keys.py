"""The private halves of signing keys: one PKCS#8 PEM file each; no key overwrites another."""

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ltictl.errors import LtictlError
from ltictl.store.files import OTHERS, make_folder, write_new, write_whole
from ltictl.store.layout import PRIVATE_KEY, keys_folder, private_key_file
from ltictl.store.lock import locked
from ltictl.store.reading import read_own, require_inside
from ltictl.store.refusals import key_exists, no_private_key


class PrivateKeys:
    """The ``.pem`` files in ``keys/`` of one profile, encrypted or not."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = keys_folder(root)

    @contextmanager
    def turn(self, timeout: float) -> Iterator[None]:
        """Keep the keys of this machine for this run alone within the block.

        Raises:
            LockedError: another run had it all that time.
        """
        make_folder(self._folder)
        # Not the profile's lock, since hooks and requests run within. It saves two runs from making
        # two keys; nothing breaks where another machine has its turn at the same time.
        with locked(self._folder, timeout):
            yield

    def add(self, kid: str, pem: bytes) -> None:
        """Write a new private key.

        Raises:
            LtictlError: ``key_exists``, or it could not be written.
        """
        require_inside(self._root, self._folder)
        make_folder(self._folder)
        try:
            write_new(self._file(kid), pem)
        except FileExistsError:
            raise key_exists(self.place(kid)) from None

    def replace(self, kid: str, pem: bytes) -> None:
        """Replace the file of a key by another form of the same key; the former form is gone.

        Raises:
            LtictlError: it could not be written; the former one is in place.
        """
        require_inside(self._root, self._folder)
        # One rename: at no moment is the key without a file that holds it.
        write_whole(self._file(kid), pem)

    def read(self, kid: str) -> bytes:
        """Return the PEM of a key.

        Raises:
            NotFoundError: there is none.
            LtictlError: others may read it, or it cannot be read.
        """
        path = self._file(kid)
        data = read_own(self._root, path)
        if data is None:
            raise no_private_key(kid, self.place(kid))
        # Not corrected in silence: somebody may have copied the key, which a person has to judge.
        if os.name != "nt" and stat.S_IMODE(path.stat().st_mode) & OTHERS:
            raise LtictlError(
                "key_too_open",
                f"{path} may be read by others.",
                why="Its permissions were changed; ltictl writes keys with 0600.",
                fix=f"Run: chmod 600 {shlex.quote(str(path))}",
            )
        return data

    def ids(self) -> list[str]:
        """Return the sorted kids of all private keys."""
        return sorted(path.stem for path in self._folder.glob(f"*{PRIVATE_KEY}"))

    def place(self, kid: str) -> str:
        """Return the file of a private key as text for people."""
        return str(self._file(kid))

    def _file(self, kid: str) -> Path:
        return private_key_file(self._root, kid)
