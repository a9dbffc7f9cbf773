"""The attempts of a shared store: one document each, so that another machine can settle them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final

from ltictl.errors import LtictlError, NotFoundError, UnreadableError
from ltictl.model.attempt import Answer, Attempt, Stage, TokenClaim
from ltictl.store.attempt_records import encode_answer, encode_intent, encode_sent
from ltictl.store.bucket.attempt_document import (
    ANSWER,
    HEAD,
    HOLDER,
    INTENT,
    SENT,
    attempt_in,
    holder_in,
)
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.holder import this_run
from ltictl.store.bucket.sealing import Sealer
from ltictl.store.bucket.token_claims import claim_token, note_used_token
from ltictl.store.document_text import Document
from ltictl.store.folder import ConflictError, MissingError, Version
from ltictl.store.layout import ATTEMPTS, REMOVED, may_name, removed_object
from ltictl.store.refusals import no_such_attempt

# Longer than an LMS may take to answer. There is no heartbeat meanwhile: it would be a second
# writer of the document, and the write of the answer is the one that must not be refused.
_SILENT: Final = 120.0


class SharedJournal:
    """One attempt in flight, held by this run.

    Args:
        attempts: the store's.
        identifier: the attempt's id.
    """

    def __init__(self, attempts: "SharedAttempts", identifier: str) -> None:
        self._attempts = attempts
        self._identifier = identifier

    def note_sent(self, now: datetime) -> None:
        """Record that the request may leave.

        Raises:
            LtictlError: it cannot be recorded, so nothing may be sent.
        """
        self._attempts.add(self._identifier, {SENT: encode_sent(now).decode()})

    def note_answered(self, answer: Answer) -> None:
        """Seal and record the raw answer.

        Raises:
            LtictlError: it could not be recorded; the answer must be saved elsewhere.
        """
        self._attempts.keep_answer(self._identifier, answer)

    def close(self) -> None:
        """Release the attempt."""
        # An attempt that stays held counts as free when this process has ended (Holder.is_gone).
        with suppress(LtictlError):
            self._attempts.let_go(self._identifier)


class SharedAttempts:
    """The attempts of a shared store, with the verbs of ``store.attempts.Attempts``."""

    def __init__(self, bucket: Bucket, sealer: Sealer) -> None:
        self._bucket = bucket
        self._sealer = sealer

    def begin(self, attempt: Attempt) -> SharedJournal:
        """Make an attempt durable, and claim its id among all machines.

        Raises:
            FileExistsError: another attempt holds this id.
            LtictlError: the passphrase is wrong, or it cannot be written.
        """
        self._sealer.require()  # the answer could not be kept without it
        document = {INTENT: encode_intent(attempt).decode(), HOLDER: this_run().document()}
        try:
            # The creation claims the id among all machines: of two, one gets a conflict.
            self._bucket.create(self._path(attempt.id), document)
        except ConflictError:
            raise FileExistsError(attempt.id) from None
        return SharedJournal(self, attempt.id)

    def ids(self) -> list[str]:
        """Return the sorted ids of all unsettled attempts."""
        return [path.rpartition("/")[2] for path in self._bucket.list(ATTEMPTS)]

    def get(self, identifier: str) -> Attempt:
        """Return an unsettled attempt; the body of its answer is empty, since it stays sealed.

        Raises:
            NotFoundError: there is none of that id (any more).
            UnreadableError: it is damaged.
        """
        return attempt_in(identifier, self._read(identifier)[0])

    def get_whole(self, identifier: str) -> Attempt:
        """Return an unsettled attempt with its answer.

        Raises:
            NotFoundError, UnreadableError: as in ``get``.
            LtictlError: the passphrase does not open the answer.
        """
        document, _ = self._read(identifier)
        if not isinstance(document.get(ANSWER), dict):
            return attempt_in(identifier, document)
        body = self._sealer.open(self._path(identifier), document[ANSWER])
        return attempt_in(identifier, document, body)

    def is_under_way(self, identifier: str) -> bool:
        """Return whether a run carries the attempt out, or may do so on another machine.

        Raises:
            UnreadableError: it is damaged.
        """
        try:
            return not holder_in(self._read(identifier)[0]).is_gone
        except NotFoundError:
            return False

    def is_silent(self, identifier: str) -> bool:
        """Return whether another machine holds the attempt and has been silent for minutes."""
        holder = holder_in(self._read(identifier)[0])
        # It warns a person, and nothing more follows from it, since clocks differ.
        return holder.is_elsewhere and abs(time.time() - holder.seen) > _SILENT

    def under_way(self, identifier: str) -> LtictlError:
        """Return the error for an attempt that another run carries out."""
        holder = "another run"
        with suppress(LtictlError):
            holder = holder_in(self._read(identifier)[0]).description
        return LtictlError(
            "attempt_under_way",
            f"The registration {identifier!r} is under way: {holder}.",
            why="Only that machine can tell whether the process has ended. A run is heard of when "
            "it begins, sends and has the answer, for which the LMS has 30 seconds.",
            fix=f"Wait for it. If that machine is gone: ltictl recover {identifier} --take-over",
        )

    def take_over(self, identifier: str) -> None:
        """Release an attempt from a run that a person knows to be gone.

        Raises:
            NotFoundError: there is none of that id.
            LtictlError: it could not be written.
        """
        # If that run lives after all, its next write fails: it sends nothing more, and keeps an
        # answer on its own machine.
        self._change(identifier, {HOLDER: {}}, from_any=True)

    @contextmanager
    def settling(self, identifier: str) -> Iterator[None]:
        """Keep other runs from settling an attempt within the block.

        Raises:
            NotFoundError: there is none of that id.
            LtictlError: ``attempt_under_way``.
        """
        # To write this run as the holder is the claim: of two runs, one meets a conflict.
        self._change(identifier, {})
        try:
            yield
        finally:
            with suppress(LtictlError):
                self.let_go(identifier)

    def keep_answer(self, identifier: str, answer: Answer) -> None:
        """Seal and record an answer.

        Raises:
            LtictlError: it cannot be recorded.
        """
        head, _, body = encode_answer(answer).partition(b"\n")
        sealed = self._sealer.seal(self._path(identifier), body)
        self.add(identifier, {HEAD: head.decode(), ANSWER: sealed})

    def discard_unsent(self, identifier: str) -> bool:
        """Remove an attempt that was cut off before its request could leave.

        Returns:
            Whether the id is free now; anything else than such an attempt stays as it is.
        """
        try:
            document, version = self._read(identifier)
            holder = holder_in(document)
            if not holder.is_gone:  # another thread of this run counts as well
                return False
            if attempt_in(identifier, document).stage is not Stage.INTENDED:
                return False
            self._bucket.clear(self._path(identifier), version)
        except (NotFoundError, MissingError):
            return True
        except ConflictError:
            return False
        return True

    def settle(self, identifier: str) -> None:
        """Remove an attempt whose outcome is stored.

        Raises:
            LtictlError: another run took it over, or it could not be written.
        """
        try:
            document, version = self._read(identifier)
            self._require_mine(identifier, document)
            self._bucket.clear(self._path(identifier), version)  # no copy: it may hold secrets
        except (NotFoundError, MissingError):
            return
        except ConflictError:
            raise _taken_over(identifier) from None

    def set_aside(self, identifier: str, mark: str) -> str:
        """Move an attempt below ``removed/`` and return its new place."""
        path = self._path(identifier)
        target = removed_object(path, mark)
        try:
            document, version = self._read(identifier)
            self._require_mine(identifier, document)
            # The copy first: a stop between the two leaves the attempt twice, never lost.
            self._bucket.create(target, document)
            self._bucket.clear(path, version)
        except (ConflictError, MissingError):
            raise _taken_over(identifier) from None
        return self._bucket.place(target)

    def names_aside(self) -> tuple[str, ...]:
        """Return the names of the attempts that were set aside."""
        return tuple(self._bucket.list(f"{REMOVED}/{ATTEMPTS}"))

    def aside(self) -> Iterator[tuple[str, Attempt]]:
        """Yield the readable attempts that were set aside, by name; their answers stay sealed."""
        for name, document in self._bucket.read_many(self.names_aside()):
            identifier = name.rpartition("/")[2].rpartition(".")[0]
            with suppress(UnreadableError):
                if not isinstance(document, UnreadableError):
                    yield name, attempt_in(identifier, document)

    def drop_aside(self, name: str) -> None:
        """Remove an attempt that was set aside, for good.

        Raises:
            LtictlError: it could not be removed.
        """
        with suppress(MissingError):
            _, version = self._bucket.read(name)
            self._bucket.clear(name, version)

    def note_used_token(self, token_sha256: str, integration: str) -> None:
        """Record the token of an integration that was copied from another place.

        Raises:
            LtictlError: it could not be written.
        """
        note_used_token(self._bucket, token_sha256, integration)

    def claim_token(self, attempt: Attempt) -> TokenClaim:
        """Claim the one-use token of an attempt among all machines."""
        return claim_token(self._bucket, attempt, self.ids)

    def add(self, identifier: str, members: Mapping[str, object]) -> None:
        """Add members to an attempt that this run holds.

        Raises:
            LtictlError: another run took it over, or it could not be written.
        """
        self._change(identifier, members)

    def let_go(self, identifier: str) -> None:
        """Release an attempt that this run holds, if it still exists."""
        with suppress(MissingError, ConflictError):
            document, version = self._bucket.read(self._path(identifier))
            if holder_in(document).is_this_run:
                self._bucket.replace(self._path(identifier), {**document, HOLDER: {}}, version)

    def _change(
        self, identifier: str, members: Mapping[str, object], *, from_any: bool = False
    ) -> None:
        document, version = self._read(identifier)
        holder = holder_in(document)
        # Only the holder's machine can say that its process has ended; on another machine a person
        # decides (recover --take-over).
        if not from_any and not (holder.is_gone or holder.is_this_run):
            raise self.under_way(identifier)
        mine = this_run().document()
        if holder.is_this_run:
            mine["begun"] = holder.begun
        try:
            self._bucket.replace(
                self._path(identifier), {**document, HOLDER: mine, **members}, version
            )
        except (ConflictError, MissingError):
            raise _taken_over(identifier) from None

    def _require_mine(self, identifier: str, document: Document) -> None:
        holder = holder_in(document)
        if not (holder.is_gone or holder.is_this_run):
            raise _taken_over(identifier)

    def _read(self, identifier: str) -> tuple[Document, Version]:
        try:
            return self._bucket.read(self._path(identifier))
        except MissingError:
            raise no_such_attempt(identifier, self.ids()) from None

    def _path(self, identifier: str) -> str:
        if not may_name(identifier):
            raise no_such_attempt(identifier, self.ids())
        return f"{ATTEMPTS}/{identifier}"


def _taken_over(identifier: str) -> LtictlError:
    return LtictlError(
        "attempt_taken_over",
        f"Another run took over the registration {identifier!r}.",
        why="Somebody ran 'ltictl recover --take-over', or settles it right now.",
        fix="Look with 'ltictl list' how it ended.",
    )
