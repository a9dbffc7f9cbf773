"""Runs a command on a shared store and lets one request of it fail, or kills it there.

Each run has a store, a home and a machine of its own. Another one judges its outcome.
"""

import functools
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import pytest

from ltictl.operations.context import Context
from ltictl.operations.log.check_log import check_log
from ltictl.store.document_text import parse_document
from ltictl.store.opening import open_profile_at
from ltictl.store.profile import Profile
from tests.support.cli import Home, make_home
from tests.support.fault_proxy import Fault, FaultyProxy, Turn, Watch
from tests.support.object_stores import ObjectStore, Server, objects_of
from tests.support.processes import Finished

from .ledgers import SECRET
from .warm import WORKERS, Crew, Pair, Warm
from .warm_program import CHEAP, COST

PASSPHRASE: Final = "CANARY-PASSPHRASE"
CANARIES: Final = (
    *(each.encode() for each in (PASSPHRASE, SECRET, "CANARY-S3-SECRET")),
    b"PRIVATE KEY-----",
)
FIRST, OTHER = "first-machine", "other-machine"
_PATIENCE: Final = ("--lock-timeout", "1s")
RUNS_AT_ONCE: Final = 2 * WORKERS  # many of them wait


@contextmanager
def surroundings(store: ObjectStore, home: Path) -> Iterator[None]:
    """The client library and the read cache take their settings from the process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield


def context_at(store: ObjectStore, home: Path, passphrase: str = PASSPHRASE) -> Context:
    """The profile in a store, as this test's own machine sees it."""
    with surroundings(store, home):
        profile = open_profile_at(store.url, 20, passphrase.encode, store.environment)
    return Context(profile)


@functools.cache
def remember_keys() -> None:
    """Derive each key once in this process, as cheaply as the runs do."""
    from ltictl.store.bucket import sealing

    setattr(sealing, COST, CHEAP)
    sealing._derived = functools.cache(sealing._derived)  # noqa: SLF001


@dataclass(frozen=True)
class Point:
    """The place and the kind of a disturbance."""

    turn: Turn
    fault: Fault

    def __str__(self) -> str:
        return f"{self.fault.value} at {self.turn}"


@dataclass
class Office:
    """One store behind the proxy, with the machines that work on it."""

    warm: Warm | Pair
    proxy: FaultyProxy
    store: ObjectStore
    behind: ObjectStore
    homes: Mapping[str, Home]
    folder: Path
    token: str
    extra: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def context(self) -> Context:
        """As another machine sees it, straight at the store."""
        return context_at(self.store, self.folder)

    @property
    def profile(self) -> Profile:
        """The same profile, looked at anew."""
        self.context.profile.look_again()
        return self.context.profile

    def run(
        self,
        *arguments: str,
        host: str = OTHER,
        given: str = "",
        watch: Watch | None = None,
        pid: Future[int] | None = None,
    ) -> Finished:
        """Run a command on a machine; ``pid`` learns its process."""
        pid = pid or Future()
        watched = self.proxy.watch(self.store, watch or Watch())
        watched.kill = lambda: os.kill(pid.result(30), signal.SIGKILL)
        environment = {**self.behind.environment, "LTICTL_KEY_PASSPHRASE": PASSPHRASE, **self.extra}
        home = self.homes[host]
        return self.warm.run(
            ("--profile", self.store.url, *arguments),
            env=home.environment(environment),
            cwd=home.path,
            files=self.folder / "streams",
            given=given,
            host=host,
            at_start=pid.set_result,
        )


@dataclass(frozen=True)
class Ended:
    """A run that was disturbed."""

    office: Office
    fault: Fault
    done: Finished
    ticket: Any


@dataclass(frozen=True)
class UnderWay:
    """A run that somebody uses while it goes on.

    Attributes:
        office: where.
        ticket: of the run.
        over: set when it has ended.
        pid: of its process, once it runs.
    """

    office: Office
    ticket: Any
    over: threading.Event
    pid: Future[int]

    def interrupt(self) -> None:
        """Press Ctrl-C, if it still runs."""
        if not self.over.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.pid.result(30), signal.SIGINT)


@dataclass(frozen=True)
class Scene:
    """A command, and what has to hold after it.

    Attributes:
        name: for reports.
        command: the arguments, and the text for stdin, of a run with this ticket.
        judge: finds the faults of a disturbed run, and finishes it.
        begin: makes the ticket of a run, and its documents in the store.
        use: acts as the person at the command while it runs.
        writes: whether the command may be told how long to wait for other writers.
    """

    name: str
    command: Callable[[Office, Any], tuple[tuple[str, ...], str]]
    judge: Callable[[Ended], list[str]]
    begin: Callable[[Office], Any] = lambda _: None
    use: Callable[[UnderWay], None] | None = None
    writes: bool = True


@dataclass
class Tally:
    """The outcomes of the points of one scene."""

    points: int = 0
    violations: list[str] = field(default_factory=list)


class Offices:
    """Makes offices from the objects of one store.

    Args:
        server: a running one.
        proxy: in front of it.
        folder: for homes.
        objects: by name; every store begins with them.
    """

    def __init__(
        self, server: Server, proxy: FaultyProxy, folder: Path, objects: Mapping[str, bytes]
    ) -> None:
        self._server, self.proxy, self._folder = server, proxy, folder
        self._objects = objects
        self._numbers: SimpleQueue[int] = SimpleQueue()
        for number in range(10_000):
            self._numbers.put(number)

    @property
    def salt(self) -> str:
        """Of the passphrase's key."""
        sealing = parse_document("sealing", self._objects["sealing.toml"])
        return str(sealing["current"]["salt"])

    def one(self, warm: Warm | Pair) -> Office:
        """A fresh one."""
        number = self._numbers.get()
        store = self._server.store(begun=False)
        objects = objects_of(store)
        for name, data in self._objects.items():
            objects.put(name, data, None)
        folder = self._folder / f"{number}"
        homes = {host: make_home(folder / host) for host in (FIRST, OTHER)}
        behind = self.proxy.before(store)
        return Office(warm, self.proxy, store, behind, homes, folder, f"TOKEN-{number}-CANARY")

    def sweep(
        self,
        scene: Scene,
        crew: Crew | Pair,
        choose: Callable[[Sequence[Point]], Sequence[Point]],
    ) -> Tally:
        """Run undisturbed, then once for each chosen point."""
        with crew.one() as warm:
            turns = self._list_turns(scene, warm)
        tally = Tally()

        def one(point: Point) -> None:
            with crew.one() as warm:
                wrong = self._disturb(scene, warm, point)
            tally.points += 1
            tally.violations += [f"{scene.name}, {point}: {each}" for each in wrong]

        with ThreadPoolExecutor(RUNS_AT_ONCE) as pool:
            list(pool.map(one, choose(points_of(turns))))
        return tally

    def _list_turns(self, scene: Scene, warm: Warm | Pair) -> list[Turn]:
        office, watch = self.one(warm), Watch()
        _play(scene, office, scene.begin(office), watch).assert_success()
        return sorted(set(watch.turns))

    def _disturb(self, scene: Scene, warm: Warm | Pair, point: Point) -> list[str]:
        office, watch = self.one(warm), Watch(point.turn, point.fault)
        ticket = scene.begin(office)
        patience = _PATIENCE if scene.writes and not point.fault.passes else ()
        done = _play(scene, office, ticket, watch, *patience)
        wrong = [] if watch.hit else ["the request never came"]
        wrong += _ended_badly(point.fault, done)
        wrong += damaged(office)
        wrong += scene.judge(Ended(office, point.fault, done, ticket))
        wrong += faults_of_log(office, whole=point.fault.passes)
        secrets = (*CANARIES, office.token.encode())
        return wrong + [f"secret in {place}" for place in find_secrets(office, secrets)]


def _play(scene: Scene, office: Office, ticket: Any, watch: Watch, *more: str) -> Finished:
    """Run the command of a scene on the first machine, with the person who uses it."""
    arguments, given = scene.command(office, ticket)
    pid: Future[int] = Future()
    if scene.use is None:
        return office.run(*arguments, *more, host=FIRST, given=given, watch=watch, pid=pid)
    under_way = UnderWay(office, ticket, threading.Event(), pid)
    with ThreadPoolExecutor(1) as people:
        person = people.submit(scene.use, under_way)
        try:
            done = office.run(*arguments, *more, host=FIRST, given=given, watch=watch, pid=pid)
        finally:
            under_way.over.set()
        person.result()
    return done


def points_of(turns: Sequence[Turn]) -> list[Point]:
    """Every fault at every request at which it is one of its own."""
    return [
        Point(turn, fault)
        for turn in turns
        for fault in Fault
        if turn.kind.startswith("PUT") or not fault.needs_write
    ]


def _ended_badly(fault: Fault, done: Finished) -> list[str]:
    wrong = ["traceback"] if "Traceback" in done.stderr else []
    if fault.passes and done.code != 0:
        wrong.append(f"{done.code}: {done.stderr}")
    if fault.kills and done.code != -signal.SIGKILL:
        wrong.append(f"not killed: {done.code}")
    return wrong


def damaged(office: Office) -> list[str]:
    """The documents that are not whole."""
    profile = office.profile
    listings = (
        profile.organizations.all(),
        profile.integrations.all(),
        profile.invitations.all(),
        profile.signing_keys.all(),
    )
    found = [error.message for listing in listings for error in listing.damaged]
    return found + [error.message for error in profile.secrets.damaged()]


def faults_of_log(office: Office, *, whole: bool) -> Iterator[str]:
    """The untold changes, the breaks, and where the run was whole also entries without an end."""
    found = check_log(Context(office.profile))
    yield from (f"log: {each}" for each in found.broken)
    yield from (f"log: {each.document}: {each.member} is not told" for each in found.unlogged)
    if whole:
        yield from (f"log: {each.entry} has no outcome" for each in found.open)


def find_secrets(office: Office, secrets: tuple[bytes, ...]) -> Iterator[str]:
    """The places where a secret can be read."""
    objects = objects_of(office.store)
    for entry in list(objects.list("")):
        data = objects.get(entry.name)[0]
        parse_document(entry.name, data)
        if any(each in data for each in secrets):
            yield entry.name
    streams = office.folder / "streams"
    caches = (each for each in office.folder.rglob("*.cache") if each.is_file())
    for file in (*caches, streams / "stdout", streams / "stderr"):
        if any(each in file.read_bytes() for each in secrets):
            yield file.name
