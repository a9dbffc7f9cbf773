"""An attempt with edited records under valid checksums counts as damaged, not as a defect."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.errors import UnreadableError
from ltictl.store.attempt_records import (
    MAX_ANSWER,
    decode_attempt,
    decode_records,
    encode_answer,
    encode_intent,
    encode_record,
    encode_sent,
)
from tests.support import things

INTENT = json.loads(encode_intent(things.attempt()))
DEEP = b"[" * 100_000
ANSWER_HEAD = {"status": 200, "content_type": "", "complete": True, "date": ""}


def read(*payloads: bytes) -> None:
    kinds = ("INTENT", "SENT", "ANSWER")
    written = b"".join(map(encode_record, kinds, payloads))
    decode_attempt("acme-moodle", decode_records(written.ljust(MAX_ANSWER, b"\0")))


def intent(**changes: Any) -> bytes:
    return json.dumps(INTENT | changes).encode()


def answer(**changes: Any) -> bytes:
    return json.dumps(ANSWER_HEAD | changes).encode() + b"\n{}"


@pytest.mark.parametrize(
    "payloads",
    [
        (b"5",),
        (b"null",),
        (b"[]",),
        (DEEP,),
        (b'{"a": ' + DEEP,),
        (intent(token_length=float("inf")),),
        (intent(token_length="1"),),
        (intent(request="\ud800"),),
        (intent(platform={"issuer": "\udfff"}),),
        (intent(scopes=["\ud800"]),),
        (intent(), b"5"),
        (intent(), DEEP),
        (intent(), b'{"at": 5}'),
        (intent(), encode_sent(things.NOW), b"5\n{}"),
        (intent(), encode_sent(things.NOW), DEEP),
        (intent(), encode_sent(things.NOW), answer(status=float("inf"))),
        (intent(), encode_sent(things.NOW), answer(status="200")),
        (intent(), encode_sent(things.NOW), answer(status=0)),
        (intent(), encode_sent(things.NOW), answer(date=5)),
    ],
    ids=lambda payloads: repr(payloads[-1][:30]),
)
def test_it_is_damaged(payloads: tuple[bytes, ...]) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(*payloads)

    assert caught.value.code == "damaged_attempt"
    assert caught.value.message.encode()


def test_what_ltictl_wrote_is_read() -> None:
    attempt = things.attempt()

    read(encode_intent(attempt), encode_sent(things.NOW), answer())
    assert attempt.answer is None or encode_answer(attempt.answer)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each),
    max_leaves=5,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(INTENT)), json_values)
def test_no_value_of_any_member_is_a_defect(name: str, value: Any) -> None:
    problem = None
    try:
        read(intent(**{name: value}))
    except UnreadableError as error:
        problem = error.code
    assert problem in {None, "damaged_attempt"}
