"""The bytes of an attempt's records: their form, their limits, and what each member tells."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from ltictl.errors import UnreadableError
from ltictl.model.attempt import Answer, Attempt, Stage
from ltictl.store.attempt_records import (
    MAX_ANSWER,
    decode_answer,
    decode_attempt,
    decode_records,
    encode_answer,
    encode_intent,
    encode_record,
    encode_sent,
)
from tests.support.things import ANSWER, NOW, attempt

ID = "acme-moodle"
INTENT = encode_record("INTENT", encode_intent(attempt()))
SENT = encode_record("SENT", encode_sent(NOW))
CREATED = attempt().created_at


def digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).hexdigest().encode()


def read(*records: bytes, room: int = MAX_ANSWER) -> Attempt:
    return decode_attempt(ID, decode_records(b"".join(records) + bytes(room)))


def read_intent(**changes: Any) -> Attempt:
    return read(encode_record("INTENT", json.dumps(intent() | changes).encode()))


def intent() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode_intent(attempt()))
    return found


def test_a_record_is_its_kind_its_length_its_checksum_and_its_payload() -> None:
    assert encode_record("KIND", b"two\nlines") == (
        b"KIND 9 " + digest(b"two\nlines") + b"\ntwo\nlines\n"
    )


def test_records_end_where_the_room_begins() -> None:
    written = encode_record("A", b"") + encode_record("B", b"\n\0 1")
    found = decode_records(written + bytes(MAX_ANSWER))

    assert found.items == (("A", b""), ("B", b"\n\0 1"))
    assert found.end == len(written)
    assert not found.torn


def test_the_room_is_that_of_the_longest_answer() -> None:
    assert MAX_ANSWER == 262144
    assert not decode_records(INTENT.ljust(MAX_ANSWER, b"\0")).torn
    assert decode_records(INTENT.ljust(MAX_ANSWER - 1, b"\0")).torn
    assert decode_records(INTENT + b"\0x" + bytes(MAX_ANSWER)).torn


@pytest.mark.parametrize(
    "written",
    [
        b"K 2 " + digest(b"{}") + b" more\n{}\n",
        b"K 2\n{}\n",
        b"K\n",
        b"\n",
        b"K x " + digest(b"") + b"\n\n",
        b"K -1 " + digest(b"") + b"\n\n",
        b"K 2 " + b"0" * 64 + b"\n{}\n",
        b"K 2 " + b"f" * 64 + b"\n{}\n",
        b"K 2 " + digest(b"{}") + b"\n{}x",
        b"K 2 " + digest(b"{}") + b"\n{}",
        b"K 2 " + digest(b"{}"),
    ],
    ids=repr,
)
def test_anything_else_is_no_record(written: bytes) -> None:
    for data in (written, written + bytes(MAX_ANSWER)):
        found = decode_records(data)
        assert found.items == ()
        assert found.end == 0
        assert found.torn


@pytest.mark.parametrize(("longer", "read"), [(0, 1), (1, 0)])
def test_a_line_has_a_limit(longer: int, read: int) -> None:
    kind = "K" * (132 + longer)  # with what follows it, 199 bytes before the line's end

    assert len(decode_records(encode_record(kind, b"{}")).items) == read


def test_a_kind_of_foreign_bytes_is_read() -> None:
    assert decode_records(b"\xff 0 " + digest(b"") + b"\n\n").items == (("\ufffd", b""),)


def test_the_intent_tells_every_member_and_the_digest_of_its_request() -> None:
    record = intent()

    assert record.pop("request_sha256") == digest(attempt().request.encode()).decode()
    later = {"id", "stage", "sent_at", "answer"}
    assert record.keys() == set(Attempt.__struct_fields__) - later
    assert read_intent() == attempt()


@pytest.mark.parametrize("expires", [None, NOW + timedelta(days=1)])
def test_a_token_may_end_or_not(expires: Any) -> None:
    made = attempt(token_expires_at=expires)

    assert read(encode_record("INTENT", encode_intent(made))) == made
    assert json.loads(encode_intent(made))["token_expires_at"] == (
        expires.isoformat() if expires else ""
    )


def test_an_intent_holds_nothing_of_later_steps() -> None:
    answer = {"status": 200, "content_type": "", "body": ""}
    changes = {"stage": "answered", "sent_at": NOW.isoformat(), "answer": answer, "id": "other"}

    assert read_intent(**changes) == attempt()


@pytest.mark.parametrize("kind", ["AAA", "ANSWERED", "OTHER", "SENTENCE", "ZZZ"])
def test_a_record_of_another_kind_says_that_something_followed(kind: str) -> None:
    assert read(INTENT, encode_record(kind, b"no JSON")) == attempt().sent(CREATED)
    assert read(INTENT, SENT, encode_record(kind, b"no JSON")) == attempt().sent(NOW)


@pytest.mark.parametrize("kind", ["A", "INTENTION", "Z", "SENT"])
def test_the_first_record_is_the_intent(kind: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(encode_record(kind, encode_intent(attempt())))
    assert "does not begin with an intact record" in caught.value.message


def test_an_intent_alone_was_not_sent_and_one_without_room_may_have_been() -> None:
    assert read(INTENT).stage is Stage.INTENDED
    assert read(INTENT, room=0) == attempt().sent(CREATED)
    assert read(INTENT, SENT, room=0) == attempt().sent(NOW)


@pytest.mark.parametrize(
    "answer",
    [ANSWER, Answer(200, "", b""), Answer(404, "text/html", b"a\nb\n", complete=False, date="x")],
)
def test_an_answer_comes_back_byte_for_byte(answer: Answer) -> None:
    assert decode_answer(encode_answer(answer)) == answer
    whole = read(INTENT, SENT, encode_record("ANSWER", encode_answer(answer)))
    assert whole == attempt().sent(NOW).answered(answer)


def test_an_answer_without_its_surroundings_counts_as_cut_off() -> None:
    assert decode_answer(b'{"status": 201}\nx') == Answer(201, "", b"x", complete=False)


@pytest.mark.parametrize("head", [b"{}", b'{"status": 0}', b'{"status": null}'])
def test_an_answer_has_a_status(head: bytes) -> None:
    with pytest.raises(ValueError, match="no status"):
        decode_answer(head + b"\nx")


@pytest.mark.parametrize("at", ["2026-01-31T12:00:00", "1960-01-01T00:00:00+00:00", "never"])
def test_a_moment_that_cannot_be_is_damage(at: str) -> None:
    for damaged in ({"created_at": at}, {"token_expires_at": at}):
        with pytest.raises(UnreadableError) as caught:
            read_intent(**damaged)
        assert caught.value.code == "damaged_attempt"
    with pytest.raises(UnreadableError):
        read(INTENT, encode_record("SENT", json.dumps({"at": at}).encode()))
