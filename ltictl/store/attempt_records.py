"""The records of an attempt's file as bytes; pure.

A record is a line ``KIND LENGTH SHA256``, the payload and a line end. Behind the records stands the
room that was reserved for the answer, zeros.
"""

import json
from datetime import datetime
from typing import Any

from msgspec import Struct

from ltictl.errors import InvalidValueError, UnreadableError
from ltictl.model.attempt import Answer, Attempt, Stage
from ltictl.model.moment import check_moment
from ltictl.store.own_json import parse_own
from ltictl.store.records import document_of, record_of

# Members of an attempt that the later records of its file hold.
_LATER = {"stage", "sent_at", "answer"}
# The longest answer that is read from a platform; its room is reserved before the request.
MAX_ANSWER = 256 * 1024
_MAX_LINE = 200


class Records(Struct, frozen=True):
    """The content of an attempt's file.

    Attributes:
        items: kind and payload of every intact record, in order.
        end: offset of the end of the last one, in bytes.
        torn: whether a broken record follows, or the reserved room is gone.
    """

    items: tuple[tuple[str, bytes], ...]
    end: int
    torn: bool


def encode_record(kind: str, payload: bytes) -> bytes:
    """Return a record as bytes."""
    return f"{kind} {len(payload)} {_digest(payload)}\n".encode() + payload + b"\n"


def decode_records(data: bytes) -> Records:
    """Return the intact records at the beginning of ``data``."""
    # Up to the first broken record: behind it nothing can be trusted, before it everything.
    items: list[tuple[str, bytes]] = []
    position = 0
    while (found := _record_at(data, position)) is not None:
        kind, payload, position = found
        items.append((kind, payload))
    # The file was made longer than the longest answer: a shorter one has lost its end.
    # 'endswith' compares a megabyte of zeros in a hundredth of the time that 'strip' takes.
    torn = len(data) < MAX_ANSWER or not data.endswith(bytes(len(data) - position))
    return Records(tuple(items), position, torn)


def _record_at(data: bytes, position: int) -> tuple[str, bytes, int] | None:
    line_end = data.find(b"\n", position, position + _MAX_LINE)
    parts = data[position:line_end].split(b" ") if line_end > 0 else []
    if len(parts) != 3 or not parts[1].isdigit():  # noqa: PLR2004  kind, length, checksum
        return None
    stop = line_end + 1 + int(parts[1])
    payload = data[line_end + 1 : stop]
    # What a crash tore off fails its checksum, and counts as not written.
    if _digest(payload).encode() != parts[2] or data[stop : stop + 1] != b"\n":
        return None
    return parts[0].decode("ascii", "replace"), payload, stop + 1


def _digest(payload: bytes) -> str:
    import hashlib  # not needed by a list without attempts

    return hashlib.sha256(payload).hexdigest()


def encode_intent(attempt: Attempt) -> bytes:
    """Return the facts that are known before the request is sent, as JSON."""
    expires = attempt.token_expires_at
    return json.dumps(
        {
            "kind": attempt.kind.value,
            "organization": attempt.organization,
            "invitation": attempt.invitation,
            "platform": document_of(attempt.platform),
            "registration_endpoint": attempt.registration_endpoint,
            "replaces": attempt.replaces,
            "new_client": attempt.new_client.value,
            "request": attempt.request,
            "request_sha256": _digest(attempt.request.encode()),
            "scopes": list(attempt.scopes),
            "signing_key": attempt.signing_key,
            "token_sha256": attempt.token_sha256,
            "token_length": attempt.token_length,
            "token_subject": attempt.token_subject,
            "token_expires_at": expires.isoformat() if expires else "",
            "created_at": attempt.created_at.isoformat(),
            "handle": attempt.handle,
        }
    ).encode()


def encode_sent(now: datetime) -> bytes:
    """Return the time of sending, as JSON."""
    return json.dumps({"at": now.isoformat()}).encode()


def encode_answer(answer: Answer) -> bytes:
    """Return an answer as a JSON line of its facts and then its raw body."""
    head = {
        "status": answer.status,
        "content_type": answer.content_type,
        "complete": answer.complete,
        "date": answer.date,
    }
    return json.dumps(head).encode() + b"\n" + answer.body


def decode_answer(payload: bytes) -> Answer:
    """Read an answer that ``encode_answer`` wrote.

    Raises:
        ValueError, InvalidValueError: it is not one.
    """
    head_line, _, body = payload.partition(b"\n")
    head = parse_own(head_line)
    if not head.get("status"):  # it decides whether the LMS said yes
        raise ValueError("the answer has no status")
    # Without these it was written by another version, or edited: then it counts as cut off.
    missing = {"content_type": "", "complete": False}
    return record_of(Answer, missing | head | {"body": body})


def decode_attempt(identifier: str, records: Records) -> Attempt:
    """Return the attempt that the records of a file describe.

    Raises:
        UnreadableError: there is no intact first record, or it says something impossible.
    """
    if not records.items or records.items[0][0] != "INTENT":
        raise _damaged(identifier, "it does not begin with an intact record")
    try:
        return _attempt_of(identifier, records)
    except (ValueError, KeyError, TypeError, InvalidValueError) as error:
        raise _damaged(identifier, str(error)) from error


def _attempt_of(identifier: str, records: Records) -> Attempt:
    attempt = _intent_of(identifier, parse_own(records.items[0][1]))
    for kind, payload in records.items[1:]:
        if kind == "SENT":
            attempt = attempt.sent(_moment(parse_own(payload)["at"], "at"))
        elif kind == "ANSWER":
            attempt = attempt.answered(decode_answer(payload))
    followed = records.torn or len(records.items) > 1
    if followed and attempt.stage is Stage.INTENDED:
        # It can only be the note that the request leaves: better ask once too often than forget.
        return attempt.sent(attempt.created_at)
    return attempt


def _moment(text: str, field: str) -> datetime:
    return check_moment(datetime.fromisoformat(text), field)


def _damaged(identifier: str, problem: str) -> UnreadableError:
    return UnreadableError(
        "damaged_attempt",
        f"The record of the registration {identifier!r} cannot be read: "
        f"{problem.removesuffix('.')}.",
        why="A disk or copy went wrong, it was edited, or another version of ltictl wrote it.",
        fix="Look into the LMS's list of tools, restore the file, or put it aside with "
        f"'ltictl recover {identifier} --forget'.",
    )


def _intent_of(identifier: str, intent: dict[str, Any]) -> Attempt:
    expires = intent["token_expires_at"]
    times = {
        "created_at": _moment(intent["created_at"], "created_at"),
        "token_expires_at": _moment(expires, "token_expires_at") if expires else None,
    }
    # The stage follows from the records that are there, not from a member that an editor may add.
    own = {name: value for name, value in intent.items() if name not in _LATER}
    return record_of(Attempt, own | times | {"id": identifier})
