"""Attempts on disk: every record is whole or absent, wherever a crash cut the file."""

from pathlib import Path

import pytest

from ltictl.errors import LtictlError, NotFoundError
from ltictl.model.attempt import Answer, Attempt, Stage
from ltictl.store.profile import Profile
from tests.support.things import ANSWER, NOW, attempt


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "profile")
    made.create("schema = 1\n")
    return made


def write_attempt(profile: Profile) -> Path:
    """The file of an attempt that was intended, sent and answered."""
    journal = profile.attempts.begin(attempt())
    journal.note_sent(NOW)
    journal.note_answered(ANSWER)
    journal.close()
    return profile.root / "attempts" / "acme-moodle.attempt"


def test_each_step_is_there_at_once(profile: Profile) -> None:
    journal = profile.attempts.begin(attempt())
    assert profile.attempts.get("acme-moodle") == attempt()
    journal.note_sent(NOW)
    assert profile.attempts.get("acme-moodle") == attempt().sent(NOW)
    journal.note_answered(ANSWER)
    journal.close()

    found = profile.attempts.get("acme-moodle")

    assert found == attempt().sent(NOW).answered(ANSWER)
    assert found.answer == ANSWER, "byte for byte"


def test_a_second_attempt_of_the_same_id_is_refused(profile: Profile) -> None:
    write_attempt(profile)

    with pytest.raises(FileExistsError):
        profile.attempts.begin(attempt())
    assert profile.attempts.get("acme-moodle").stage is Stage.ANSWERED
    assert profile.attempts.ids() == ["acme-moodle"]


def test_room_for_the_answer_is_taken_beforehand(profile: Profile) -> None:
    journal = profile.attempts.begin(attempt())
    path = profile.root / "attempts" / "acme-moodle.attempt"
    before = path.stat().st_blocks
    journal.note_sent(NOW)
    journal.note_answered(Answer(200, "", b"x" * 256 * 1024))
    journal.close()

    assert before * 512 >= 256 * 1024
    assert path.stat().st_blocks <= before + 8
    assert path.stat().st_mode & 0o777 == 0o600


def stages_when_cut(profile: Profile, path: Path) -> list[Stage | None]:
    """The attempt that is read when its file ends at each byte in turn."""
    whole = path.read_bytes()
    end = len(whole.rstrip(b"\0"))
    found: list[Stage | None] = []
    for length in range(end + 1):
        path.write_bytes(whole[:length])
        found.append(stage_of(profile))
    path.write_bytes(whole)
    return found


def stage_of(profile: Profile) -> Stage | None:
    try:
        return profile.attempts.get("acme-moodle").stage
    except (LtictlError, NotFoundError):
        return None


def test_wherever_the_file_was_torn_only_whole_records_count(profile: Profile) -> None:
    stages = stages_when_cut(profile, write_attempt(profile))

    order = [None, Stage.SENT, Stage.ANSWERED]  # never 'intended': its room is gone
    ranks = [order.index(stage) for stage in stages]
    assert ranks == sorted(ranks), "a longer file never says less"
    assert set(ranks) == {0, 1, 2}


def test_a_flipped_bit_is_noticed_at_every_byte_of_the_answer(profile: Profile) -> None:
    path = write_attempt(profile)
    whole = path.read_bytes()
    start = whole.index(b"ANSWER ")
    for at in range(start, len(whole.rstrip(b"\0")) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        found = read(profile)
        assert found is None or found.answer in {None, ANSWER}, at


def read(profile: Profile) -> Attempt | None:
    try:
        return profile.attempts.get("acme-moodle")
    except LtictlError:
        return None


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 400, b"INTENT 5", b"INTENT x y\n", b"SENT 2 x\n{}\n", b"garbage"]
)
def test_a_file_without_an_intact_beginning_is_damaged(profile: Profile, content: bytes) -> None:
    write_attempt(profile).write_bytes(content)

    with pytest.raises(LtictlError) as caught:
        profile.attempts.get("acme-moodle")
    assert caught.value.code == "damaged_attempt"
    assert "acme-moodle" in caught.value.fix


def test_a_settled_attempt_leaves_nothing(profile: Profile) -> None:
    path = write_attempt(profile)

    profile.attempts.settle("acme-moodle")

    assert not path.exists()
    assert profile.attempts.ids() == []
    profile.attempts.settle("acme-moodle")


def test_an_attempt_set_aside_is_kept(profile: Profile) -> None:
    content = write_attempt(profile).read_bytes()

    kept = Path(profile.attempts.set_aside("acme-moodle", "1"))

    assert kept.read_bytes() == content
    assert profile.attempts.ids() == []
