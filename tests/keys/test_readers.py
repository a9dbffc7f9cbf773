"""While another process switches keys, every view shows exactly one key that signs.

A view reads documents one after the other, so the tests switch keys between two of its reads.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ltictl.cli.app import main
from ltictl.model.signing_key import KeyState
from ltictl.operations.interchange import export
from ltictl.operations.interchange.export import Selection, gather
from ltictl.operations.keys.rotation import list_keys
from ltictl.operations.signing import current_key, published_keys
from ltictl.store.folder import Folder
from tests.support.cli import Ltictl
from tests.support.key_operator import Operator

NEXT, CURRENT, RETIRING, RETIRED = KeyState


@pytest.fixture
def due(owner: Operator) -> Operator:
    """An operator whose next run switches."""
    owner.rotate()
    owner.later("24h")
    return owner


def between(
    monkeypatch: pytest.MonkeyPatch, first: str, act: Callable[[], object]
) -> Callable[[], bool]:
    """Have ``act`` happen once, after the document ``first`` was read and before the others are."""
    original = Folder.read_many
    happened: list[bool] = []

    def read_many(folder: Folder, paths: Iterable[str]) -> Iterator[Any]:
        for each in original(folder, sorted(paths, key=lambda path: first not in path)):
            yield each
            if not happened:
                happened.append(True)
                act()

    monkeypatch.setattr(Folder, "read_many", read_many)
    return lambda: bool(happened)


def signers_shown(owner: Operator) -> list[str]:
    return [key.kid for key in list_keys(owner.context).keys if key.state is CURRENT]


VIEWS: dict[str, Callable[[Operator], list[str]]] = {
    "current_key": lambda owner: [current_key(owner.context).kid],
    "keys list": signers_shown,
    "export": lambda owner: [
        pair.key.kid for pair in gather(owner.context, Selection())[0].keys if pair.private_pem
    ],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("first", [NEXT, CURRENT])
def test_one_key_signs_while_a_run_switches(
    due: Operator,
    monkeypatch: pytest.MonkeyPatch,
    view: Callable[[Operator], list[str]],
    first: KeyState,
) -> None:
    before, after = due.key(CURRENT).kid, due.key(NEXT).kid
    happened = between(monkeypatch, due.key(first).kid, due.rotate)

    shown = view(due)

    assert happened()
    assert shown in ([before], [after]), "none, or two"
    assert current_key(due.context).kid == after


@pytest.mark.parametrize("first", [NEXT, CURRENT])
def test_the_signing_key_is_published_while_a_run_switches(
    due: Operator, monkeypatch: pytest.MonkeyPatch, first: KeyState
) -> None:
    both = {due.key(CURRENT).kid, due.key(NEXT).kid}
    happened = between(monkeypatch, due.key(first).kid, due.rotate)

    found = published_keys(due.context)[0]["keys"]

    assert happened()
    assert {each["kid"] for each in found} == both


def test_an_export_that_was_overtaken_is_done_again(
    due: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else it would write the former key over the one that the hook has handed on."""
    due.register("acme-moodle")
    original, left = export.write_files, [1]

    def write(*given: Any) -> Any:
        if left[0]:
            left[0] -= 1
            due.rotate()
        return original(*given)

    monkeypatch.setattr(export, "write_files", write)
    profile, file = str(due.profile.root), tmp_path / "lti.json"

    code = main(["--profile", profile, "export", "pylti1p3", "--output", str(file)])

    assert (code, left) == (0, [0])
    signer = current_key(due.context)
    assert signer.handed_on_at is not None
    assert f"{signer.kid}.key" in file.read_text("utf-8")


def test_an_export_of_a_part_does_not_hand_the_key_on(due: Operator, tmp_path: Path) -> None:
    due.register("acme-moodle")
    profile, file = str(due.profile.root), str(tmp_path / "lti.json")
    export_it = ["--profile", profile, "export", "pylti1p3", "--output", file]
    assert main([*export_it, "acme-moodle"]) == 0
    assert current_key(due.context).handed_on_at is None
    assert main(export_it) == 0
    assert current_key(due.context).handed_on_at is not None


def test_many_looks_at_many_switches(ltictl: Ltictl, due: Operator) -> None:
    """The real program reads while this process goes on rotating."""
    profile = str(due.profile.root)
    running = [ltictl.start("keys", "list", "--json", profile=profile) for _ in range(2)]
    seen = []
    for _ in range(4):
        for _ in range(6):
            due.rotate(now=True)
            due.later("1s")
        seen += [each.wait(60).data["keys"] for each in running]
        running = [ltictl.start("keys", "list", "--json", profile=profile) for _ in range(2)]
    seen += [each.wait(60).data["keys"] for each in running]
    for keys in seen:
        assert [key["state"] for key in keys].count("current") == 1, keys
