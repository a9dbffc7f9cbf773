"""The folder of attempts: who holds one, which are removed, and refusals in words."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ltictl.errors import LockedError, LtictlError, NotFoundError, UnreadableError
from ltictl.model.attempt import Stage, TokenClaim
from ltictl.store.attempts import Attempts
from tests.support.things import ANSWER, NOW, attempt

ID = "acme-moodle"


@pytest.fixture
def attempts(tmp_path: Path) -> Attempts:
    return Attempts(tmp_path, 0.05)


def write(attempts: Attempts, stage: Stage = Stage.INTENDED, name: str = ID) -> None:
    """An attempt whose process ended at ``stage``."""
    file = attempts.begin(attempt(name))
    if stage is not Stage.INTENDED:
        file.note_sent(NOW)
    if stage is Stage.ANSWERED:
        file.note_answered(ANSWER)
    file.close()


def open_files() -> int:
    return len(os.listdir("/dev/fd"))  # noqa: PTH208  a folder that has no Path of its own


def test_attempts_are_listed_by_name_and_nothing_else_is(
    attempts: Attempts, tmp_path: Path
) -> None:
    assert attempts.ids() == []
    for name in ("b", "a", "c"):
        write(attempts, name=name)
    (tmp_path / "attempts" / "d.tmp").touch()

    assert attempts.ids() == ["a", "b", "c"]


def test_a_folder_that_cannot_be_read_is_named(attempts: Attempts, tmp_path: Path) -> None:
    (tmp_path / "attempts").write_text("a file")

    with pytest.raises(UnreadableError) as caught:
        attempts.ids()
    assert str(tmp_path / "attempts") in caught.value.message


@pytest.mark.parametrize("name", ["a/b", "z/b", "../acme-moodle", "/acme-moodle", "", ".."])
def test_an_id_is_no_path(attempts: Attempts, tmp_path: Path, name: str) -> None:
    write(attempts)
    record = (tmp_path / "attempts" / f"{ID}.attempt").read_bytes()
    for folder in (tmp_path, tmp_path / "attempts" / "a", tmp_path / "attempts" / "z"):
        folder.mkdir(exist_ok=True)
        (folder / "b.attempt").write_bytes(record)

    with pytest.raises(NotFoundError) as caught:
        attempts.get(name)
    assert caught.value.code == "no_such_attempt"


def test_an_unknown_id_is_shown_in_part_and_the_likeliest_is_offered(attempts: Attempts) -> None:
    write(attempts)

    with pytest.raises(NotFoundError) as long:
        attempts.get("x" * 100)
    with pytest.raises(NotFoundError) as misspelt:
        attempts.get("acme-mudle")

    assert f"'{'x' * 80}'" in long.value.message
    assert ID in misspelt.value.fix


def test_an_attempt_is_under_way_until_its_file_is_closed(attempts: Attempts) -> None:
    assert not attempts.is_under_way(ID)
    file = attempts.begin(attempt())
    assert attempts.is_under_way(ID)
    for take in (attempts.take_over, lambda name: attempts.settling(name).__enter__()):
        with pytest.raises(LtictlError) as caught:
            take(ID)
        assert caught.value.code == "attempt_under_way"
    assert not attempts.discard_unsent(ID)
    file.close()

    assert not attempts.is_under_way(ID)
    attempts.take_over(ID)
    assert attempts.get_whole(ID) == attempt()


def test_a_file_that_cannot_be_looked_at_is_named(attempts: Attempts, tmp_path: Path) -> None:
    (tmp_path / "attempts").write_text("a file")

    with pytest.raises(UnreadableError) as caught:
        attempts.is_under_way(ID)
    assert f"{ID}.attempt" in caught.value.message


def test_no_other_run_settles_meanwhile(attempts: Attempts) -> None:
    write(attempts)

    with attempts.settling(ID), pytest.raises(LockedError), attempts.settling(ID):
        pass
    with attempts.settling(ID):
        pass


def test_a_missing_attempt_cannot_be_settled_or_taken_over(attempts: Attempts) -> None:
    write(attempts)

    with pytest.raises(NotFoundError), attempts.settling("other"):
        pass
    with pytest.raises(NotFoundError):
        attempts.take_over("other")


def test_in_a_folder_nothing_is_silent_or_claimed(attempts: Attempts) -> None:
    write(attempts)

    assert attempts.is_silent(ID) is False
    assert attempts.claim_token(attempt()) == TokenClaim()


@pytest.mark.parametrize("stage", [Stage.SENT, Stage.ANSWERED])
def test_what_may_have_been_sent_is_not_discarded(attempts: Attempts, stage: Stage) -> None:
    write(attempts, stage)

    assert not attempts.discard_unsent(ID)
    assert attempts.get(ID).stage is stage


def test_an_attempt_never_sent_frees_its_id(attempts: Attempts) -> None:
    write(attempts)

    assert attempts.discard_unsent(ID)
    assert attempts.ids() == []
    assert attempts.discard_unsent(ID)


def test_an_answer_kept_elsewhere_is_put_behind_the_records(attempts: Attempts) -> None:
    write(attempts, Stage.SENT)

    attempts.keep_answer(ID, ANSWER)

    assert attempts.get(ID).sent_at == NOW
    assert attempts.get(ID).answer == ANSWER


def test_what_cannot_be_written_is_named(attempts: Attempts, tmp_path: Path) -> None:
    (tmp_path / "attempts" / f"{ID}.attempt").mkdir(parents=True)

    with pytest.raises(LtictlError) as settled:
        attempts.settle(ID)
    with pytest.raises(LtictlError) as kept:
        attempts.keep_answer("other", ANSWER)

    assert {settled.value.code, kept.value.code} == {"cannot_write"}


@pytest.mark.parametrize("step", ["begin_file", "moving"])
@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (OSError(errno.ENOSPC, "full"), LtictlError),
        (FileExistsError(), FileExistsError),
        (LtictlError("other", "Words."), LtictlError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_beginning_that_fails_leaves_nothing(
    attempts: Attempts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    failure: BaseException,
    raised: type[BaseException],
) -> None:
    write(attempts, name="warm")
    before = open_files()

    def fail(temporary: Path, *_: Any) -> None:
        temporary.touch()
        raise failure

    monkeypatch.setattr(f"ltictl.store.attempts.{step}", fail)
    with pytest.raises(raised) as caught:
        attempts.begin(attempt())

    assert getattr(caught.value, "code", "other") in {"other", "cannot_write"}
    assert (caught.value is failure) == (raised is type(failure))
    assert open_files() == before
    assert [each.name for each in (tmp_path / "attempts").iterdir()] == ["warm.attempt"]
