"""The log of a profile in a shared store: one document for each line, numbered without a gap.

A writer creates the next number; of two, one is refused, reads the new end and tries again.
"""

from collections.abc import Callable, Iterator

from ltictl.errors import LtictlError, UnreadableError
from ltictl.model.record import replace
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.patience import Patience
from ltictl.store.bucket.settled_writes import contended
from ltictl.store.folder import ConflictError, Document
from ltictl.store.layout import LOG, log_document, log_number
from ltictl.store.log.lines import Line, Tail, decode_line, encode_line, tail_after

_LINE = "line"


class SharedLog:
    """The documents below ``log/``.

    Args:
        bucket: the store.
        patience: seconds to wait for other writers.
    """

    def __init__(self, bucket: Bucket, patience: float) -> None:
        self._bucket = bucket
        self._patience = patience
        self._known: Tail | None = None

    def append(self, make: Callable[[Tail], Line], *, durable: bool) -> Line:
        """Write one line behind the last.

        Args:
            make: makes it of the end of the log; pure and quick.
            durable: of no effect here.

        Raises:
            LtictlError: it could not be written.
        """
        del durable
        patience = Patience(self._patience)
        while True:
            line = make(self._known or self.tail())
            path = log_document(line.seq)
            try:
                self._bucket.create(path, {_LINE: encode_line(line).decode()})
            except ConflictError:
                self._known = None
                if not patience.pause():
                    raise contended(self._bucket.place(path), self._patience) from None
            else:
                self._known = tail_after(line)
                return line

    def edit(self, edit: Callable[[Line], Line | None]) -> None:
        """Replace lines, each by itself.

        Args:
            edit: pure function of a line; ``None`` leaves it as it is.

        Raises:
            LtictlError: the store cannot be read or written.
        """

        def edited(document: Document) -> Document | None:
            line = self._line(document)
            wanted = edit(line) if line else None
            return {_LINE: encode_line(wanted).decode()} if wanted else None

        wanted = [path for path, line in self.lines() if line and edit(line)]
        failed = self._bucket.change_each(dict.fromkeys(wanted, edited))
        for error in failed.values():
            if isinstance(error, LtictlError):
                raise error

    def tail(self) -> Tail:
        """Return the end of the log.

        Raises:
            LtictlError: it cannot be read.
        """
        newest = self._bucket.first(LOG)  # the numbers count down
        if not newest:
            return Tail()
        for _, document in self._bucket.read_many([newest]):
            line = self._line(document)
            if line is not None:
                return tail_after(line)
        # Its number is taken all the same.
        readable = [line for _, line in self.lines() if line]
        known = tail_after(readable[-1]) if readable else Tail()
        return replace(known, seq=log_number(newest))

    def lines(self, after: int = 0) -> Iterator[tuple[str, Line | None]]:
        """Yield each line with its place, oldest first; ``None`` for one that is damaged.

        Args:
            after: leave out the lines up to this number.

        Raises:
            LtictlError: the store cannot be read.
        """
        self._bucket.look_again(LOG)  # others write on
        last = log_document(after)
        wanted = [path for path in reversed(self._bucket.list(LOG)) if path < last]
        for path, document in self._bucket.read_many(wanted):
            yield path, self._line(document)

    @staticmethod
    def _line(document: Document | UnreadableError) -> Line | None:
        if isinstance(document, UnreadableError):
            return None
        return decode_line(str(document.get(_LINE, "")))
