"""Attempts on disk: one file each, its room reserved beforehand, records appended and synced.

A record is a line ``KIND LENGTH SHA256``, the payload and a line end. What a crash tore off fails
its checksum and counts as not written. These files stay on the machine.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ltictl.errors import InvalidValueError, LtictlError, UnreadableError
from ltictl.model.attempt import Answer, Attempt, Stage
from ltictl.store.fields import Fields
from ltictl.store.files import (
    TEMPORARY_SUFFIX,
    cannot_write,
    create_exclusive,
    make_folder,
    move,
    read_bytes,
    sync_folder,
    write_all,
)
from ltictl.store.lock import hold, is_held, locked
from ltictl.store.records import platform_of, platform_table

# The longest answer that is read from a platform; its room is reserved before the request.
MAX_ANSWER = 256 * 1024
_OVERHEAD = 64 * 1024
_SUFFIX = ".attempt"
_ZEROS = bytes(16 * 1024)


class Journal:
    """The file of one attempt in flight, open for appending.

    Args:
        path: where it stands.
        descriptor: open for writing, positioned behind the last record.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    def append(self, kind: str, payload: bytes) -> None:
        """Write one record and make it durable.

        Raises:
            OSError: the operating system refused; the caller knows what is at stake.
        """
        digest = hashlib.sha256(payload).hexdigest()
        write_all(self.descriptor, f"{kind} {len(payload)} {digest}\n".encode() + payload + b"\n")
        os.fsync(self.descriptor)

    def sent(self, now: datetime) -> None:
        """Record that the request may leave from now on.

        Raises:
            LtictlError: it cannot be recorded, so nothing may be sent.
        """
        try:
            self.append("SENT", json.dumps({"at": now.isoformat()}).encode())
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def answered(self, answer: Answer) -> None:
        """Record the raw answer.

        Raises:
            OSError: it could not be recorded; the answer must be saved elsewhere.
        """
        self.append("ANSWER", encode_answer(answer))

    def close(self) -> None:
        """Close the file and keep it."""
        os.close(self.descriptor)


class Attempts:
    """The folder ``attempts/`` of one profile.

    Args:
        root: the profile.
        lock_timeout: seconds to wait for another writer.
    """

    def __init__(self, root: Path, lock_timeout: float) -> None:
        self._root = root
        self._lock_timeout = lock_timeout
        self._folder = root / "attempts"
        self._removed = root / "removed" / "attempts"

    def begin(self, attempt: Attempt) -> Journal:
        """Make the attempt durable, with room for its answer, before anything is sent.

        Raises:
            FileExistsError: another attempt holds this id.
            LtictlError: there is no room, or the folder cannot be written.
        """
        make_folder(self._folder)
        path = self._path(attempt.id)
        temporary = self._folder / f".{attempt.id}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}"
        try:
            journal = _written_intent(temporary, path, attempt)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            self._put_in_place(temporary, path)
        except BaseException:
            journal.close()
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        return journal

    def _put_in_place(self, temporary: Path, path: Path) -> None:
        with locked(self._root, self._lock_timeout):
            if path.exists():
                raise FileExistsError(path)
            move(temporary, path)

    def ids(self) -> list[str]:
        """Ids of all attempts that are not settled, sorted."""
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  names only
        except FileNotFoundError:
            return []
        return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))

    def get(self, identifier: str) -> Attempt:
        """One unsettled attempt.

        Raises:
            UnreadableError: its file holds no intact first record.
        """
        path = self._path(identifier)
        records = list(_records(read_bytes(path) or b""))
        if not records or records[0][0] != "INTENT":
            raise UnreadableError(
                "damaged_attempt",
                f"{path} holds no intact attempt.",
                why="ltictl was stopped while it began; nothing had been sent.",
                fix=f"'ltictl recover {identifier} --forget' puts it aside.",
            )
        return _attempt_of(identifier, records)

    def is_under_way(self, identifier: str) -> bool:
        """Whether a living process is carrying the attempt out right now."""
        try:
            descriptor = os.open(self._path(identifier), os.O_RDONLY)
        except OSError:
            return False
        try:
            return is_held(descriptor)
        finally:
            os.close(descriptor)

    def discard_unsent(self, identifier: str) -> bool:
        """Remove an attempt that was cut off before its request could leave.

        Returns:
            Whether it was one; anything else stays as it is.

        Raises:
            LtictlError: the operating system refused.
        """
        with locked(self._root, self._lock_timeout):
            if self.is_under_way(identifier):
                return False
            records = list(_records(read_bytes(self._path(identifier)) or b""))
            if any(kind != "INTENT" for kind, _ in records):
                return False
            self.settle(identifier)
            return True

    def settle(self, identifier: str) -> None:
        """Remove an attempt whose outcome is stored; its answer may hold secrets.

        Raises:
            LtictlError: the operating system refused.
        """
        path = self._path(identifier)
        try:
            path.unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise cannot_write(path, error) from error

    def set_aside(self, identifier: str, mark: str) -> Path:
        """Move an attempt to ``removed/attempts`` and return where it is.

        Args:
            identifier: which attempt.
            mark: what makes its new name unique.

        Raises:
            LtictlError: the operating system refused.
        """
        make_folder(self._removed)
        target = self._removed / f"{identifier}.{mark}{_SUFFIX}"
        move(self._path(identifier), target)
        return target

    def _path(self, identifier: str) -> Path:
        return self._folder / f"{identifier}{_SUFFIX}"


def _written_intent(temporary: Path, path: Path, attempt: Attempt) -> Journal:
    """A file with the intent in it and room for the answer, held and durable, not yet in place.

    Raises:
        OSError: there is no room for it; nothing is left behind.
    """
    journal = Journal(path, create_exclusive(temporary))
    try:
        hold(journal.descriptor)
        _reserve(journal.descriptor, MAX_ANSWER + _OVERHEAD)
        journal.append("INTENT", _encode_intent(attempt))
    except OSError:
        journal.close()
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return journal


def _reserve(descriptor: int, size: int) -> None:
    """Take disk space now, so that a full disk cannot take the answer's place later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:  # macOS and Windows: zeros, then back to the start
        for _ in range(0, size, len(_ZEROS)):
            write_all(descriptor, _ZEROS)
        os.lseek(descriptor, 0, os.SEEK_SET)


def _records(data: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    while position < len(data):
        line_end = data.find(b"\n", position, position + 200)
        parts = data[position:line_end].split(b" ") if line_end > 0 else []
        if len(parts) != 3 or not parts[1].isdigit():  # noqa: PLR2004  kind, length, checksum
            return
        start, stop = line_end + 1, line_end + 1 + int(parts[1])
        payload = data[start:stop]
        if hashlib.sha256(payload).hexdigest().encode() != parts[2]:
            return
        yield parts[0].decode("ascii", "replace"), payload
        position = stop + 1


def _encode_intent(attempt: Attempt) -> bytes:
    expires = attempt.token_expires_at
    return json.dumps(
        {
            "organization": attempt.organization,
            "invitation": attempt.invitation,
            "platform": platform_table(attempt.platform),
            "registration_endpoint": attempt.registration_endpoint,
            "replaces": attempt.replaces,
            "request": attempt.request,
            "request_sha256": hashlib.sha256(attempt.request.encode()).hexdigest(),
            "scopes": list(attempt.scopes),
            "signing_key": attempt.signing_key,
            "token_sha256": attempt.token_sha256,
            "token_subject": attempt.token_subject,
            "token_expires_at": expires.isoformat() if expires else "",
            "created_at": attempt.created_at.isoformat(),
        }
    ).encode()


def encode_answer(answer: Answer) -> bytes:
    """The answer as one payload: a JSON line of what surrounds it, then the body as it came."""
    head = {
        "status": answer.status,
        "content_type": answer.content_type,
        "complete": answer.complete,
        "date": answer.date,
    }
    return json.dumps(head).encode() + b"\n" + answer.body


def decode_answer(payload: bytes) -> Answer:
    """The answer that ``encode_answer`` wrote.

    Raises:
        ValueError, KeyError, TypeError: it is not one.
    """
    head_line, _, body = payload.partition(b"\n")
    head = json.loads(head_line)
    return Answer(
        status=int(head["status"]),
        content_type=str(head["content_type"]),
        body=body,
        complete=bool(head["complete"]),
        date=str(head["date"]),
    )


def _attempt_of(identifier: str, records: list[tuple[str, bytes]]) -> Attempt:
    try:
        attempt = _intent_of(identifier, json.loads(records[0][1]))
        for kind, payload in records[1:]:
            if kind == "SENT":
                attempt = attempt.sent(datetime.fromisoformat(json.loads(payload)["at"]))
            elif kind == "ANSWER":
                attempt = attempt.answered(decode_answer(payload))
    except (ValueError, KeyError, TypeError, InvalidValueError) as error:
        raise UnreadableError(
            "damaged_attempt",
            f"The attempt {identifier!r} cannot be read: {error}",
            why="It was written by another version of ltictl, or edited.",
            fix=f"'ltictl recover {identifier} --client-id VALUE' settles it by hand.",
        ) from error
    return attempt


def _intent_of(identifier: str, intent: dict[str, Any]) -> Attempt:
    fields = Fields(intent)
    expires = fields.text("token_expires_at")
    return Attempt(
        id=identifier,
        organization=fields.text("organization"),
        invitation=fields.text("invitation"),
        platform=platform_of(fields.table("platform")),
        registration_endpoint=fields.text("registration_endpoint"),
        replaces=fields.text("replaces"),
        request=fields.text("request"),
        scopes=fields.texts("scopes"),
        signing_key=fields.text("signing_key"),
        token_sha256=fields.text("token_sha256"),
        token_subject=fields.text("token_subject"),
        token_expires_at=datetime.fromisoformat(expires) if expires else None,
        created_at=datetime.fromisoformat(fields.text("created_at")),
        stage=Stage.INTENDED,
    )


def save_elsewhere(name: str, answer: Answer, folders: list[Path]) -> Path | None:
    """Put an answer that its journal could not take into the first folder that can.

    Args:
        name: the attempt's id.
        answer: what must not be lost.
        folders: where to try, in order.

    Returns:
        The file, or ``None`` if every folder refused.
    """
    from ltictl.store.files import write_whole

    for folder in folders:
        try:
            make_folder(folder)
            path = folder / f"{name}.answer"
            write_whole(path, encode_answer(answer))
        except LtictlError:
            continue
        return path
    return None
