"""Runs cut off before any of their writes: one key signs, and the next run completes the work."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ltictl.model.signing_key import KeyState, as_they_count, signer_of
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.doctor import examine
from ltictl.operations.interchange.export import Selection, gather
from ltictl.operations.keys.rotation import list_keys
from ltictl.operations.signing import current_key, published_keys
from ltictl.store import files, folder, private_keys
from tests.support.key_operator import Operator, operator, policy
from tests.support.playback import PlaybackPlatform

NEXT, CURRENT, RETIRING, RETIRED = KeyState
PLACES: Final = ((folder, "staged"), (private_keys, "write_new"))


class CutOffError(BaseException):
    """The process ends here: nothing catches it."""


def to_making(owner: Operator) -> None:
    del owner


def to_switching(owner: Operator) -> None:
    owner.rotate()
    owner.later("24h")


def to_withdrawing(owner: Operator) -> None:
    to_switching(owner)
    owner.rotate()
    owner.later("7d")


def run(owner: Operator) -> None:
    owner.rotate()


def compromise(owner: Operator) -> None:
    owner.withdraw(oldest(owner))


def oldest(owner: Operator) -> str:
    return list_keys(owner.context).keys[0].kid


CASES = [
    pytest.param(before, act, id=f"{before.__name__}-{act.__name__}")
    for before in (to_making, to_switching, to_withdrawing)
    for act in (run, compromise)
]


@pytest.mark.parametrize(("before", "act"), CASES)
def test_any_write_may_be_the_last(
    owner: Operator,
    playback: PlaybackPlatform,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[Operator], None],
    act: Callable[[Operator], None],
) -> None:
    before(owner)
    owner.publish()
    saved, clock = tmp_path / "saved", owner.now
    shutil.copytree(owner.profile.root, saved)
    act(owner)
    expected = [key.state for key in list_keys(owner.context).keys]

    point = 0
    while True:
        shutil.rmtree(owner.profile.root)
        shutil.copytree(saved, owner.profile.root)
        owner.clock[0] = clock
        owner.publish()
        pems = all_pems(owner)
        with monkeypatch.context() as patch:
            cut_off_at(patch, point)
            try:
                act(owner)
            except CutOffError:
                whole = False
            else:
                whole = True
        assert_whole(owner, pems)
        owner.publish()
        act(owner)
        assert_whole(owner, pems)
        states = sorted(key.state for key in list_keys(owner.context).keys if key.state != NEXT)
        assert states == sorted(state for state in expected if state != NEXT)
        point += 1
        if whole:
            break
    assert point >= 3, "a private half, a document, and a run to its end"
    del playback


def cut_off_at(patch: pytest.MonkeyPatch, point: int) -> None:
    """Let so many writes happen, and end the process before the next."""
    left = [point]
    for module, name in PLACES:
        original = getattr(files, name)

        def write(*given: object, _original: Callable[..., object] = original) -> object:
            if not left[0]:
                raise CutOffError
            left[0] -= 1
            return _original(*given)

        patch.setattr(module, name, write)


def all_pems(owner: Operator) -> dict[str, bytes]:
    keys = owner.profile.private_keys
    return {kid: keys.read(kid) for kid in keys.ids()}


def assert_whole(owner: Operator, pems: dict[str, bytes]) -> None:
    """One signing key with its private half, published, in every view; no key file changed."""
    signer = current_key(owner.context)
    private = owner.profile.private_keys.read(signer.kid).decode()
    shown = [key.kid for key in list_keys(owner.context).keys if key.state is CURRENT]
    assert shown == [signer.kid]
    handed = gather(owner.context, Selection())[0].keys
    assert {each.key.kid: each.private_pem for each in handed if each.private_pem} == {
        signer.kid: private
    }
    published = {each["kid"] for each in published_keys(owner.context)[0]["keys"]}
    assert signer.kid in published
    found = {each.id: each for each in examine(owner.context, policy(), offline=True)}
    assert found["signing_keys"].result in {Verdict.PASS, Verdict.WARN}
    assert signer.kid in found["signing_keys"].detail
    now = all_pems(owner)
    assert {kid: now[kid] for kid in pems} == pems


def test_doctor_says_that_a_switch_was_cut_off(
    owner: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_switching(owner)
    former, following = owner.key(CURRENT).kid, owner.key(NEXT).kid
    with monkeypatch.context() as patch:
        cut_off_at(patch, 2)  # seen in the set, promoted, and not yet stopped the former
        with pytest.raises(CutOffError):
            owner.rotate()
    stored = [key.state for key in owner.profile.signing_keys.all()]
    assert stored == [CURRENT, CURRENT]

    def looked() -> Check:
        found = examine(owner.context, policy(), offline=True)
        return next(each for each in found if each.id == "signing_keys")

    assert looked().result is Verdict.WARN
    assert f"{following} signs" in looked().detail
    assert former in looked().detail
    assert "rotate-keys" in looked().fix
    assert current_key(owner.context).kid == following
    owner.rotate()
    assert looked().result is Verdict.PASS


def test_two_runs_on_two_machines_end_with_one_signing_key(
    owner: Operator, tmp_path: Path, playback: PlaybackPlatform
) -> None:
    """No lock joins them: both promote, each another key."""
    owner.rotate()
    second = operator(tmp_path / "other", playback)
    shutil.rmtree(second.profile.root)
    shutil.copytree(owner.profile.root, second.profile.root)
    owner.site.on("/jwks", owner.serve)
    owner.later("1s")
    second.clock[0] = owner.now
    for one in (owner, second):
        one.rotate(now=True)
        one.rotate(now=True)
        one.publish()
    for path in (second.profile.root / "keys").glob("*"):
        if not (owner.profile.root / "keys" / path.name).exists():
            shutil.copy(path, owner.profile.root / "keys" / path.name)

    assert_whole(owner, {})
    owner.rotate()
    assert_whole(owner, {})
    stored = owner.profile.signing_keys.all().items
    assert [key.state for key in stored].count(CURRENT) == 1
    assert signer_of(stored) in as_they_count(stored)
