"""The attempts of a profile in a folder: one file each, until the outcome is stored."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.model.attempt import Answer, Attempt, Stage, TokenClaim
from ltictl.store.attempt_file import Journal, begin_file
from ltictl.store.attempt_records import Records, decode_attempt, decode_records
from ltictl.store.files import (
    discard,
    make_folder,
    move_file,
    moving,
    remove_file,
)
from ltictl.store.layout import (
    ATTEMPT,
    attempt_aside,
    attempt_file,
    attempts_folder,
    temporary_file,
)
from ltictl.store.lock import is_held, locked
from ltictl.store.reading import open_own, read_own, require_inside
from ltictl.store.refusals import cannot_read, cannot_write, no_such_attempt


# A lock of the kernel marks a file as in use. It ends with its process, however that ends.
class Attempts:
    """The folder ``attempts/`` of one profile.

    Args:
        root: the profile.
        lock_timeout: seconds to wait for another writer.
    """

    def __init__(self, root: Path, lock_timeout: float) -> None:
        self._root = root
        self._lock_timeout = lock_timeout
        self._folder = attempts_folder(root)

    def begin(self, attempt: Attempt) -> Journal:
        """Make an attempt durable, with room for its answer.

        Returns:
            The open file; the attempt counts as under way until it is closed.

        Raises:
            FileExistsError: another attempt holds this id.
            LtictlError: there is no room, or the folder cannot be written.
        """
        require_inside(self._root, self._folder)
        make_folder(self._folder)
        path = self._path(attempt.id)
        temporary = temporary_file(path)
        try:
            # Before anything is sent: a full disk must show while stopping costs nothing.
            journal = begin_file(temporary, path, attempt)
            try:
                self._put_in_place(temporary, path)
            except BaseException:
                journal.close()
                raise
        except BaseException as error:  # an interruption must not leave it either
            discard(temporary)
            if isinstance(error, OSError) and not isinstance(error, FileExistsError):
                raise cannot_write(path, error) from error
            raise
        return journal

    def _put_in_place(self, temporary: Path, path: Path) -> None:
        # A rename replaces silently: the lock makes one of two runs see the other's file.
        with moving(temporary, path) as put, locked(self._root, self._lock_timeout):
            if path.exists():
                raise FileExistsError(path)
            put()

    def ids(self) -> list[str]:
        """Return the sorted ids of all unsettled attempts.

        Raises:
            UnreadableError: the folder cannot be read.
        """
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  names only
        except FileNotFoundError:
            return []
        except OSError as error:
            raise cannot_read(self._folder, error) from error
        return sorted(name.removesuffix(ATTEMPT) for name in names if name.endswith(ATTEMPT))

    def get(self, identifier: str) -> Attempt:
        """Return an unsettled attempt.

        Raises:
            NotFoundError: there is none of that id (any more).
            UnreadableError: its file is damaged.
        """
        return decode_attempt(identifier, self._records(identifier))

    def get_whole(self, identifier: str) -> Attempt:
        """Return an unsettled attempt with its answer, as ``get`` does: a folder seals nothing."""
        return self.get(identifier)

    def is_silent(self, identifier: str) -> bool:
        """Return false: the attempts of a folder are all of this machine."""
        del identifier
        return False

    def under_way(self, identifier: str) -> LtictlError:
        """Return the error for an attempt that a living process is carrying out."""
        return LtictlError(
            "attempt_under_way",
            f"The registration {identifier!r} is under way in another process.",
            fix="Wait for it to end.",
        )

    def take_over(self, identifier: str) -> None:
        """Check that no living process carries the attempt out; it is then free to be settled.

        Raises:
            NotFoundError: there is none of that id.
            LtictlError: ``attempt_under_way``.
        """
        if identifier not in self.ids():
            raise no_such_attempt(identifier, self.ids())
        if self.is_under_way(identifier):
            raise self.under_way(identifier)

    def claim_token(self, attempt: Attempt) -> TokenClaim:
        """Return an empty claim: in a folder every run sees the attempts of all others."""
        del attempt
        return TokenClaim()

    def is_under_way(self, identifier: str) -> bool:
        """Return whether a living process carries the attempt out.

        Raises:
            UnreadableError: its file cannot be opened.
        """
        path = self._path(identifier)
        try:
            descriptor = open_own(self._root, path)
            try:
                return is_held(descriptor)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise cannot_read(path, error) from error

    @contextlib.contextmanager
    def settling(self, identifier: str) -> Iterator[None]:
        """Keep other runs from settling attempts of this profile within the block.

        Raises:
            NotFoundError: there is none of that id.
            LtictlError: ``attempt_under_way``: a living process is carrying it out.
            LockedError: another run is settling one and does not come to its end.
        """
        if identifier not in self.ids():
            raise no_such_attempt(identifier, self.ids())
        # Not the profile's lock, since this one is held while an LMS is asked.
        with locked(self._folder, self._lock_timeout):
            if self.is_under_way(identifier):
                raise self.under_way(identifier)
            yield

    def keep_answer(self, identifier: str, answer: Answer) -> None:
        """Record an answer that had to be kept elsewhere.

        Raises:
            LtictlError: it still cannot be recorded.
        """
        path = self._path(identifier)
        try:
            descriptor = open_own(self._root, path, os.O_RDWR)
            try:
                # Behind the last intact record: the write that failed may have left a torn one.
                os.lseek(descriptor, self._records(identifier).end, os.SEEK_SET)
                Journal(path, descriptor).note_answered(answer)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise cannot_write(path, error) from error

    def discard_unsent(self, identifier: str) -> bool:
        """Remove an attempt that was cut off before its request could leave.

        Returns:
            Whether the id is free now; anything else than such an attempt stays as it is.

        Raises:
            UnreadableError: its file is damaged, so its stage is unknown.
            LtictlError: the operating system refused.
        """
        # The lock under which 'begin' puts a file in place: another run cannot take the id while
        # this one looks at the file and removes it.
        with locked(self._root, self._lock_timeout):
            if self.is_under_way(identifier):
                return False
            try:
                if self.get(identifier).stage is not Stage.INTENDED:
                    return False
            except NotFoundError:
                return True
            self.settle(identifier)
            return True

    def settle(self, identifier: str) -> None:
        """Remove an attempt whose outcome is stored.

        Raises:
            LtictlError: the operating system refused.
        """
        # Not to removed/: its answer may hold secrets.
        remove_file(self._path(identifier))

    def set_aside(self, identifier: str, mark: str) -> str:
        """Move an attempt to ``removed/attempts`` and return its new place.

        Args:
            identifier: its id.
            mark: makes its new name unique.

        Raises:
            LtictlError: the operating system refused.
        """
        source = self._path(identifier)
        target = attempt_aside(self._root, identifier, mark)
        require_inside(self._root, target.parent)
        make_folder(target.parent)
        move_file(source, target)
        return str(target)

    def names_aside(self) -> tuple[str, ...]:
        """Return the names, within the profile, of the attempts that were set aside."""
        found = attempt_aside(self._root, "x", "x").parent.glob(f"*{ATTEMPT}")
        return tuple(sorted(str(each.relative_to(self._root)) for each in found))

    def aside(self) -> Iterator[tuple[str, Attempt]]:
        """Yield the readable attempts that were set aside, by name."""
        for name in self.names_aside():
            data = read_own(self._root, self._root / name)
            identifier = Path(name).stem.rpartition(".")[0]
            with contextlib.suppress(UnreadableError):
                yield name, decode_attempt(identifier, decode_records(data or b""))

    def drop_aside(self, name: str) -> None:
        """Remove an attempt that was set aside, for good.

        Raises:
            LtictlError: the operating system refused.
        """
        remove_file(self._root / name)

    def note_used_token(self, token_sha256: str, integration: str) -> None:
        """Record nothing: a folder has no documents of tokens."""
        del token_sha256, integration

    def _path(self, identifier: str) -> Path:
        if Path(identifier).name != identifier:
            raise no_such_attempt(identifier, self.ids())
        return attempt_file(self._root, identifier)

    def _records(self, identifier: str) -> Records:
        data = read_own(self._root, self._path(identifier))
        if data is None:
            raise no_such_attempt(identifier, self.ids())
        return decode_records(data)
