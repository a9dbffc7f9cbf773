"""An attempt's file, cut or changed at any byte, gives all its whole records."""

from pathlib import Path

import pytest

from ltictl.errors import UnreadableError
from ltictl.model.attempt import Answer, Stage
from ltictl.store.attempt_records import (
    MAX_ANSWER,
    decode_attempt,
    decode_records,
    encode_answer,
    encode_intent,
    encode_record,
    encode_sent,
)
from ltictl.store.rescue import drop_answer, find_answer, save_answer
from tests.support.things import ANSWER, NOW, attempt

INTENT = encode_record("INTENT", encode_intent(attempt()))
SENT = encode_record("SENT", encode_sent(NOW))
ANSWERED = encode_record("ANSWER", encode_answer(ANSWER))
ROOM = bytes(MAX_ANSWER)


def stage(data: bytes) -> Stage | None:
    """The records of a file of these bytes; None if it counts as damaged."""
    try:
        return decode_attempt("acme-moodle", decode_records(data)).stage
    except UnreadableError:
        return None


def test_a_cut_file_counts_as_far_as_its_lines_are_whole() -> None:
    whole = INTENT + SENT + ANSWERED
    sent, answered = len(INTENT + SENT), len(whole)
    for cut in range(len(INTENT), len(whole) + 1):
        expected = Stage.ANSWERED if cut == answered else Stage.SENT
        if cut == len(INTENT):
            expected = Stage.INTENDED
        assert stage(whole[:cut] + ROOM) is expected, cut
        assert cut < sent or decode_records(whole[:cut] + ROOM).end in {sent, answered}


def test_a_file_that_lost_its_room_may_have_lost_that_it_was_sent() -> None:
    assert stage(INTENT + ROOM) is Stage.INTENDED
    assert {stage(INTENT), stage(INTENT + ROOM[:4096])} == {Stage.SENT}
    assert stage(INTENT + SENT + ANSWERED) is Stage.ANSWERED


def test_a_file_without_its_beginning_is_damaged_and_not_empty() -> None:
    whole = INTENT + SENT + ANSWERED + ROOM

    assert {stage(whole[:cut] + ROOM) for cut in range(len(INTENT))} == {None}
    assert stage(b"") is None


def test_no_changed_byte_makes_a_sent_request_unsent() -> None:
    whole = INTENT + SENT + ROOM
    for spot in range(len(INTENT + SENT)):
        changed = whole[:spot] + bytes([whole[spot] ^ 0x55]) + whole[spot + 1 :]
        assert stage(changed) in {Stage.SENT, None}, spot


def test_an_answer_kept_elsewhere_is_found_again(tmp_path: Path) -> None:
    folders = [tmp_path / "not" / "there", tmp_path / "second"]
    (tmp_path / "not").write_text("in the way")

    path = save_answer("acme-moodle.1", ANSWER, folders)

    assert path == tmp_path / "second" / "acme-moodle.1.answer"
    assert find_answer("acme-moodle.1", folders) == (ANSWER, path)
    assert find_answer("acme-moodle.2", folders) is None
    drop_answer(path)
    assert find_answer("acme-moodle.1", folders) is None


@pytest.mark.parametrize("mode", [0o777, 0o755, 0o710])
def test_a_folder_that_others_may_enter_is_not_believed(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "answers"
    save_answer("a", Answer(200, "", b"{}"), [folder])
    folder.chmod(mode)

    assert find_answer("a", [folder]) is None
    assert save_answer("b", ANSWER, [folder]) is None


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "answers").symlink_to(tmp_path / "real")

    assert save_answer("a", ANSWER, [tmp_path / "answers"]) is None
    assert list((tmp_path / "real").iterdir()) == []
