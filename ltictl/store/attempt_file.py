"""The file of one attempt, with room reserved for its answer."""

import contextlib
import os
from datetime import datetime
from pathlib import Path

from ltictl.model.attempt import Answer, Attempt
from ltictl.store.attempt_records import (
    MAX_ANSWER,
    encode_answer,
    encode_intent,
    encode_record,
    encode_sent,
)
from ltictl.store.files import create_exclusive, write_all
from ltictl.store.lock import hold
from ltictl.store.refusals import cannot_write

_OVERHEAD = 8192  # the records' heads, and what surrounds the answer's body


class Journal:
    """The file of one attempt in flight, open for appending.

    Args:
        path: its place once it is complete.
        descriptor: open for writing, positioned behind the last record.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.descriptor = descriptor

    def append(self, kind: str, payload: bytes) -> None:
        """Write one record and make it durable.

        Raises:
            OSError: the operating system refused.
        """
        write_all(self.descriptor, encode_record(kind, payload))
        os.fsync(self.descriptor)

    def note_sent(self, now: datetime) -> None:
        """Record that the request may leave.

        Raises:
            LtictlError: it cannot be recorded, so nothing may be sent.
        """
        try:
            self.append("SENT", encode_sent(now))
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def note_answered(self, answer: Answer) -> None:
        """Record the raw answer.

        Raises:
            OSError: it could not be recorded; the answer must be saved elsewhere.
        """
        self.append("ANSWER", encode_answer(answer))

    def close(self) -> None:
        """Close the file, and keep it."""
        # Every record is durable already, so an error here loses nothing.
        with contextlib.suppress(OSError):
            os.close(self.descriptor)


def begin_file(temporary: Path, path: Path, attempt: Attempt) -> Journal:
    """Write a durable file with an attempt's intent and room for its answer.

    Args:
        temporary: the file that is written.
        path: the place to which the caller moves it.
        attempt: the attempt before its request is sent.

    Raises:
        OSError: there is no room for it; the caller has to remove the partial file.
    """
    intent = encode_intent(attempt)
    journal = Journal(path, create_exclusive(temporary))
    try:
        # From the first moment: a file that no process holds counts as cut off.
        hold(journal.descriptor)
        _reserve(journal.descriptor, len(intent) + MAX_ANSWER + _OVERHEAD)
        journal.append("INTENT", intent)
    except BaseException:
        journal.close()
        raise
    return journal


def _reserve(descriptor: int, size: int) -> None:
    """Reserve disk space."""
    # A disk that is full when the answer comes must still hold it: the LMS gives it only once.
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:  # macOS and Windows: zeros, then back to the start
        write_all(descriptor, bytes(size))
        os.lseek(descriptor, 0, os.SEEK_SET)
