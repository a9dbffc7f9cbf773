"""The document of one attempt in a shared store: its members, and the attempt that they tell; pure.

The intent and the time of sending are readable. The body of the answer is sealed, since it may
hold secrets.
"""

from typing import Any, Final

from ltictl.errors import UnreadableError
from ltictl.model.attempt import Attempt
from ltictl.store.attempt_records import MAX_ANSWER, Records, decode_attempt
from ltictl.store.bucket.holder import Holder, holder_of
from ltictl.store.document_text import Document

HOLDER: Final = "holder"
INTENT: Final = "intent"
SENT: Final = "sent"
HEAD: Final = "answer_head"
ANSWER: Final = "answer"
# The answer has a limit of its own; the other records are a fraction of it.
_MAX_RECORDS: Final = 4 * MAX_ANSWER


def attempt_in(identifier: str, document: Document, body: bytes = b"") -> Attempt:
    """Return the attempt that a document describes.

    Args:
        identifier: its id.
        document: its document.
        body: the opened body of its answer, empty while that is sealed.

    Raises:
        UnreadableError: the document is damaged.
    """
    # As the records of an attempt's file, so that one reader judges both.
    items = [("INTENT", str(document.get(INTENT, "")).encode())]
    if document.get(SENT):
        items.append(("SENT", str(document[SENT]).encode()))
    if document.get(HEAD):
        items.append(("ANSWER", str(document[HEAD]).encode() + b"\n" + body))
    end = sum(len(payload) for _, payload in items)
    if end > _MAX_RECORDS:
        problem = f"The record of the registration {identifier!r} is too large."
        raise UnreadableError("damaged_attempt", problem)
    # A document is whole or not there: unlike a file's records it is never torn.
    return decode_attempt(identifier, Records(tuple(items), end, torn=False))


def holder_in(document: Document) -> Holder:
    """Return the run that holds an attempt; one that nobody holds has an empty holder."""
    holder: Any = document.get(HOLDER)
    return holder_of(holder) if isinstance(holder, dict) else Holder()
