"""Every LMS, step by step: register, refuse, repeat, update, deployment, verify, next step."""

import re
from collections.abc import Callable

import pytest

from ltictl.errors import ExitCode
from ltictl.operations.context import Context
from ltictl.platforms.table import all_families, generic
from ltictl.sandbox.family import Like
from tests.support.cli import Ltictl
from tests.support.lms_matrix import MATRIX, Cell, Step
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

from .conftest import MakeSchool
from .desks import BlackboardDesk, Desk, IliasDesk, PlayedDesk

CELLS = [(slug, step) for slug, column in MATRIX.items() for step in column.cells]
PLAY: dict[Step, Callable[[Desk], Finished]] = {
    Step.REGISTER: lambda desk: desk.register(),
    Step.REFUSE: lambda desk: desk.refuse(),
    Step.REPEAT: lambda desk: desk.repeat(),
    Step.UPDATE: Desk.update,
    Step.DEPLOYMENT: Desk.show,
    Step.VERIFY: Desk.verify,
    Step.NEXT_STEP: Desk.show,
}


@pytest.fixture
def desk_at(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform, school_like: MakeSchool
) -> Callable[[str], Desk]:
    def at(slug: str) -> Desk:
        if MATRIX[slug].played:
            like = Like(slug)
            return PlayedDesk(ltictl, school_like(like), like)
        scripted = {"blackboard": BlackboardDesk, "ilias": IliasDesk}[slug]
        return scripted(ltictl, context, playback)

    return at


def test_no_lms_and_no_step_is_left_out() -> None:
    dynamic = {each.slug for each in all_families() if each.dynamic} - {generic().slug}
    assert set(MATRIX) == dynamic
    # Blackboard's column plays the developer portal instead, whose issuer is at another host.
    played = set(Like) - {Like.BLACKBOARD}
    assert {slug for slug, column in MATRIX.items() if column.played} == played
    for column in MATRIX.values():
        assert list(column.cells) == list(Step)
        assert all(cell.page and cell.said for cell in column.cells.values())


@pytest.mark.parametrize(("slug", "step"), CELLS)
def test_cell(desk_at: Callable[[str], Desk], slug: str, step: Step) -> None:
    cell: Cell = MATRIX[slug].cells[step]
    desk = desk_at(slug)

    done = PLAY[step](desk)

    assert done.code == cell.code, done
    output = (done.stdout + done.stderr).replace('": ', '":').replace(', "', ',"')
    # Each offered command names the profile of the test.
    output = re.sub(r"ltictl --profile \S+ ", "ltictl ", output)
    assert not [each for each in cell.said if each not in output], output
    assert tuple(desk.context.profile.integrations.ids()) == cell.left
    in_doubt = done.code == ExitCode.NEEDS_RECOVERY
    assert desk.context.profile.attempts.ids() == ([f"acme-{slug}"] if in_doubt else [])
