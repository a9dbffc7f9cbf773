"""The promises hold whichever request to a shared store fails, and however.

Each request of each command is cut before, in and after its answer, refused, delayed; the store is
gone for a while or for good, credentials expire, and the process is killed there. Another machine
then looks, and finishes the interrupted work. It is one by its name and its home, and in one
test by its network.
``LTICTL_CRASH=full`` plays all of it, ``LTICTL_CRASH=sample:SEED`` some at every kind of request.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

import pytest

from ltictl.sandbox.canvas_account import DYNAMIC, NEXT, TABLE
from tests.support.fault_proxy import FaultyProxy
from tests.support.machines import machines
from tests.support.object_stores import Server, objects_of, seaweed
from tests.support.playback import PlaybackPlatform
from tests.support.scale import ASKED, FULL, chosen, one_of_each, spread

from . import store_lms, store_page
from .figures import Noted
from .lms_side import Accounts, Wanted, propose_change, register_tool
from .store_faults import (
    FIRST,
    OTHER,
    PASSPHRASE,
    RUNS_AT_ONCE,
    Offices,
    Point,
    Scene,
    context_at,
    remember_keys,
)
from .store_scenes import scenes
from .updates import ChangingPlatform, with_registration
from .warm import Crew, Pair, Warm

POINTS_WANTED = 600
SAMPLE = 5
TURNED = 50
# Each run with a Canvas of its own takes as long as three others.
AT_MOST = dict.fromkeys(store_lms.CHANGES, 60)
NAMES = (
    *("register", "update", "activate", "rotate-keys", "apply", "remove"),
    *("keys reseal", "keys encrypt", "deployment add", "edit", "restore", "refresh"),
    *("move", "org erase", "export apply"),
    *(store_page.NAME, store_lms.REMOVE_AT_LMS, *store_lms.CHANGES),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with seaweed(tmp_path_factory.mktemp("seaweed") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lms() -> Iterator[PlaybackPlatform]:
    with PlaybackPlatform() as platform:
        yield platform


@pytest.fixture(scope="module")
def all_scenes(
    lms: PlaybackPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Scene]]:
    books = ChangingPlatform(lms)
    table = frozenset({TABLE, NEXT})
    canvases = {
        "lms activate": Accounts(frozenset(), register_tool, Wanted(on=True)),
        "lms deploy": Accounts(table, register_tool, Wanted(deployments=1)),
        "lms accept-update": Accounts(table | {DYNAMIC}, propose_change, Wanted(on=True)),
    }
    with ExitStack() as opened:
        for accounts in canvases.values():
            opened.enter_context(accounts)
        every = (
            *scenes(lms, books, tmp_path_factory.mktemp("scenes")),
            store_page.page_scene(lms),
            store_lms.removal_scene(books),
            *(store_lms.change_scene(name, canvases[name]) for name in store_lms.CHANGES),
        )
        yield {each.name: each for each in every}


@pytest.fixture(scope="module")
def offices(
    server: Server, lms: PlaybackPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Offices]:
    remember_keys()
    folder, store = tmp_path_factory.mktemp("offices"), server.store()
    with_registration(lms.url("/client"))(context_at(store, folder))
    objects = objects_of(store)
    template = {each.name: objects.get(each.name)[0] for each in list(objects.list(""))}
    with FaultyProxy(server.port) as proxy:
        yield Offices(server, proxy, folder, template)


@pytest.fixture(scope="module")
def crew(offices: Offices) -> Iterator[Crew]:
    with Crew(RUNS_AT_ONCE, {"WARM_PASSPHRASE": PASSPHRASE, "WARM_SALT": offices.salt}) as running:
        yield running


@pytest.fixture(scope="module")
def played() -> list[int]:
    return []


def choose(points: Sequence[Point], name: str) -> Sequence[Point]:
    """All of them in the full run, or some that a seed turns, else a few."""
    if FULL:
        return spread(points, AT_MOST.get(name, len(points)))
    if ASKED.turn is not None:
        return one_of_each(points, lambda point: point.turn.kind, ASKED.turn, TURNED)
    places = (at * len(points) // SAMPLE + at * 5 for at in range(SAMPLE))
    return [points[each % len(points)] for each in places]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", NAMES)
def test_the_promises_hold(
    name: str,
    all_scenes: dict[str, Scene],
    offices: Offices,
    crew: Crew,
    played: list[int],
    noted: Noted,
) -> None:
    tally = offices.sweep(all_scenes[name], crew, partial(choose, name=name))

    noted("store fault points", tally.points)
    played.append(tally.points)
    assert not tally.violations, "\n".join(tally.violations)


@pytest.fixture(scope="module")
def two_machines(
    offices: Offices, lms: PlaybackPlatform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Networks of their own, from which the store and the LMS can be reached."""
    ports = (offices.proxy.port, urlsplit(lms.base_url).port or 0)
    secret = {"WARM_PASSPHRASE": PASSPHRASE, "WARM_SALT": offices.salt}
    folder = tmp_path_factory.mktemp("sockets")
    with machines((FIRST, OTHER), ports, folder) as starts, ExitStack() as opened:
        programs = {host: Warm(secret, start) for host, start in starts.items()}
        for each in programs.values():
            opened.callback(each.close)
        yield Pair(programs)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["register", store_lms.REMOVE_AT_LMS])
def test_another_machine_settles_a_killed_run(
    name: str, all_scenes: dict[str, Scene], offices: Offices, two_machines: Pair, noted: Noted
) -> None:
    def kills(points: Sequence[Point]) -> Sequence[Point]:
        return chosen([each for each in points if each.fault.kills], SAMPLE, 2 * SAMPLE)

    tally = offices.sweep(all_scenes[name], two_machines, kills)

    noted("points on two machines", tally.points)
    assert tally.points >= SAMPLE
    assert not tally.violations, "\n".join(tally.violations)


def test_every_scene_is_played_at_enough_points(
    all_scenes: dict[str, Scene], played: list[int]
) -> None:
    assert set(all_scenes) == set(NAMES)
    wanted = SAMPLE * len(NAMES) if ASKED.smallest else POINTS_WANTED
    assert len(played) < len(NAMES) or sum(played) >= wanted
