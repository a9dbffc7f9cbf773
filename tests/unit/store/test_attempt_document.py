"""The document of an attempt in a shared store, read as the records of a file are."""

import pytest

from ltictl.errors import UnreadableError
from ltictl.model.attempt import Stage
from ltictl.store.attempt_records import MAX_ANSWER, encode_answer, encode_intent, encode_sent
from ltictl.store.bucket.attempt_document import (
    HEAD,
    HOLDER,
    INTENT,
    SENT,
    attempt_in,
    holder_in,
)
from ltictl.store.bucket.holder import this_run
from tests.support.things import ANSWER, NOW, attempt

ID = "acme-moodle"
INTENDED = {INTENT: encode_intent(attempt(ID)).decode()}
LEFT = {**INTENDED, SENT: encode_sent(NOW).decode()}
FACTS, _, BODY = encode_answer(ANSWER).partition(b"\n")
ANSWERED = {**LEFT, HEAD: FACTS.decode()}


def test_each_member_moves_the_attempt_on() -> None:
    stages = [attempt_in(ID, document).stage for document in (INTENDED, LEFT, ANSWERED)]

    assert stages == [Stage.INTENDED, Stage.SENT, Stage.ANSWERED]
    assert attempt_in(ID, INTENDED) == attempt(ID)


def test_the_answer_has_its_body_once_it_is_opened() -> None:
    assert attempt_in(ID, ANSWERED, BODY).answer == ANSWER
    sealed = attempt_in(ID, ANSWERED).answer
    assert sealed is not None
    assert sealed.body == b""


@pytest.mark.parametrize("document", [{}, {INTENT: "{"}])
def test_a_damaged_document_is_named(document: dict[str, str]) -> None:
    with pytest.raises(UnreadableError) as caught:
        attempt_in(ID, document)
    assert caught.value.code == "damaged_attempt"
    assert ID in caught.value.message


def test_a_document_beyond_every_answer_is_not_read() -> None:
    with pytest.raises(UnreadableError, match="too large"):
        attempt_in(ID, {**INTENDED, SENT: "x" * 4 * MAX_ANSWER})


@pytest.mark.parametrize("held", [{}, "this machine", None])
def test_an_attempt_without_a_holder_is_free(held: object) -> None:
    assert holder_in({HOLDER: held}).is_gone


def test_this_run_knows_its_own_attempt() -> None:
    assert holder_in({HOLDER: this_run().document()}).is_this_run
