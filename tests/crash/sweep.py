"""Injects a fault at every state-changing call of a command, and checks the promises after it."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ltictl.model.attempt import Stage
from ltictl.operations.context import Context
from ltictl.operations.log.check_log import check_log
from ltictl.operations.registration.recover import adopt, adopt_client, forget
from ltictl.store.profile import Profile
from tests.support.cli import Home, make_home
from tests.support.processes import Finished

from . import updates
from .documents import Change, Files, files_of, leftovers, open_to_others
from .ledgers import SECRET, Ledger, Ticket
from .lms_side import Account, Accounts
from .tracing import ONCE, Call, Fault, Traced, at, trace
from .updates import ID, MEMBER, ChangingPlatform, Registered
from .warm import WORKERS, Crew, Warm

ATTEMPT_THREAD = "ltictl-attempt"
# Reading and looking change nothing.
_READ_ONLY = ("O_RDONLY|O_CLOEXEC)", "O_RDONLY|O_NONBLOCK", "EAGAIN", "EEXIST")
TRIES = 20


@dataclass(frozen=True)
class Scenario:
    """One command on one profile.

    Args:
        name: for people.
        template: the profile before.
        arguments: of ltictl.
        ledger: the platform that is registered with, None for none.
        pasted: the registration URL of an invitation, which the LMS opens; empty without a browser.
        changing: the platform whose registration is changed or deleted, None for none.
        lms: makes the LMS that the run may administer, None for none.
        gate: where the faults begin: the name of a thread, or a folder in the profile, which
            begins with a slash; empty for the profile itself.
        again: the command that finishes the work after any disturbance, empty where there
            is none.
        wrong: what else is wrong afterwards.
        erased: a text that no file may hold after ``again``, empty for none.
    """

    name: str
    template: Path
    arguments: tuple[str, ...]
    ledger: Ledger | None = None
    pasted: str = ""
    changing: ChangingPlatform | None = None
    lms: Accounts | None = None
    gate: str = ""
    again: tuple[str, ...] = ()
    wrong: Callable[[Context], list[str]] = lambda _: []
    erased: str = ""


@dataclass
class Tally:
    """The outcome of a sweep."""

    points: int = 0
    missed: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    """One run of a scenario's command in a home of its own."""

    scenario: Scenario
    warm: Warm
    folder: Path
    home: Home
    profile: Path
    ticket: Ticket | None
    registered: Registered | None
    account: Account | None

    @classmethod
    def prepare(cls, scenario: Scenario, warm: Warm, folder: Path) -> "Run":
        home = make_home(folder / "home")
        profile = home.ltictl_home / "profiles" / "default"
        profile.parent.mkdir(parents=True, mode=0o700)
        shutil.copytree(scenario.template, profile)
        ticket = scenario.ledger.start() if scenario.ledger else None
        registered = scenario.changing.start() if scenario.changing else None
        if registered:
            Profile(profile).secrets.keep(ID, {MEMBER: registered.token})
        account = scenario.lms.start(Context(Profile(profile))) if scenario.lms else None
        return cls(scenario, warm, folder, home, profile, ticket, registered, account)

    def trace(self, faults: Sequence[str] = ()) -> Traced:
        arguments, given = self.scenario.arguments, ""
        if self.account:
            arguments, given = self.account.completed(arguments), self.account.token
        elif self.ticket and self.scenario.pasted:
            given = self.ticket.opened(self.scenario.pasted)
        elif self.ticket:
            given = self.ticket.token
            where = ("--openid-configuration", self.ticket.configuration)
            arguments = (*arguments, *where, "--registration-token-file", "-")
        return trace(
            self.warm,
            self.folder / "trace",
            arguments,
            gate=self._gate,
            env=self.home.environment(),
            cwd=self.home.path,
            given=given,
            faults=faults,
        )

    @property
    def _gate(self) -> str:
        gate = self.scenario.gate
        return f"{self.profile}{gate}" if not gate or gate.startswith("/") else gate

    def ltictl(self, *arguments: str, given: str = "") -> Finished:
        """Run the next command of the person who started the first one."""
        streams = self.folder / "streams"
        env, cwd = self.home.environment(), self.home.path
        return self.warm.run(arguments, env=env, cwd=cwd, files=streams, given=given)

    @property
    def context(self) -> Context:
        return Context(Profile(self.profile))


def swept(
    scenario: Scenario,
    crew: Crew,
    folder: Path,
    choose: Callable[[list[tuple[Call, Fault]]], Any],
) -> Tally:
    """Run the command undisturbed, then with each of the chosen faults."""
    folder.mkdir()
    with crew.one() as warm:
        first = Run.prepare(scenario, warm, folder / "undisturbed")
        before = files_of(first.profile)
        seen = first.trace()
        second = Run.prepare(scenario, warm, folder / "once-more").trace().calls
    after = files_of(first.profile)
    written = seen.documents(first.profile)
    if scenario.lms:  # one thread sends and another one stores, and only one of them is seen
        written += list(after.items())
    change = Change.between(before, after, written)
    # One run in many waits for a lock that its other thread holds, which takes calls of its own.
    repeated = {(call.kind, call.turn) for call in second}
    calls = [
        call
        for call in seen.calls
        if changes(call, first.home.path) and (call.kind, call.turn) in repeated
    ]
    points = [(call, fault) for call in calls for fault in ONCE if happens(call, fault)]
    tally = Tally()

    def one(numbered: tuple[int, tuple[Call, Fault]]) -> None:
        number, (call, fault) = numbered
        place = folder / f"{number}"
        with crew.one() as warm:
            disturbed = _disturb(
                lambda turn: Run.prepare(scenario, warm, place / f"{turn}"), call, fault
            )
            _judge(disturbed, change, f"{scenario.name}, {fault.name} at {call}", tally)
        shutil.rmtree(place)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, enumerate(choose(points))))
    return tally


def changes(call: Call, home: Path) -> bool:
    """Whether a call changes something of ours, on disk or at the platform."""
    ours = (str(home), "<socket:", "<pipe:", "sin_port")
    if not any(part in call.arguments for part in ours):
        return False
    reads = call.name == "recvfrom" or call.reads
    return not reads and not any(part in call.arguments for part in _READ_ONLY)


def happens(call: Call, fault: Fault) -> bool:
    """Whether a system does such a thing: closing a connection never fails."""
    fails = fault in {Fault.FULL, Fault.BROKEN}
    return not (fails and call.name == "close" and "<socket:" in call.arguments)


@dataclass(frozen=True)
class Disturbed:
    """A run with a fault, and whether it hit the call that was meant."""

    run: Run
    before: Files
    finished: Finished
    fault: Fault
    hit: bool


def _disturb(prepare: Callable[[int], Run], call: Call, fault: Fault) -> Disturbed:
    """Run with a fault at a call.

    What another thread did first shifts the numbers by which strace counts. A run whose fault hit
    another call is followed by an undisturbed one, which shows the number of this call.
    """
    for turn in range(TRIES):
        run = prepare(turn)
        before = files_of(run.profile)
        seen = run.trace(at(call, fault))
        hit = seen.injected(call, fault)
        if hit:
            break
        shown = prepare(TRIES + turn).trace().calls
        call = next((each for each in shown if each.is_same(call)), call)
    return Disturbed(run, before, seen.finished, fault, hit)


def _judge(disturbed: Disturbed, change: Change, where: str, tally: Tally) -> None:
    if not disturbed.hit:
        tally.missed.append(where)
        return
    tally.points += 1
    change = replace(change, before=disturbed.before)
    found = after(disturbed.run, change, disturbed.finished, disturbed.fault)
    tally.violations += [f"{where}: {each}" for each in found]


def after(run: Run, change: Change, finished: Finished, fault: Fault) -> list[str]:
    """Everything that must hold after a fault, and does not."""
    listed = run.ltictl("list", "--json")
    recover = run.ltictl("recover", "--json")
    found = [each for done in (finished, listed, recover) for each in _spoken(done)]
    if listed.code != 0 or recover.code not in {0, 7}:
        return [*found, f"list {listed}, recover {recover}"]
    found += change.violations(run.profile) + open_to_others(run.profile)
    found += open_to_others(run.home.path / ".local") if (run.home.path / ".local").exists() else []
    found += [] if fault is Fault.KILLED else leftovers(run.profile)
    if run.account:
        found += run.account.in_the_books(finished, listed.data, recover.data)
    if run.ticket:
        found += _in_the_books(run, finished, listed.data, recover.data)
    if run.registered and not run.scenario.again:
        named = [each["id"] for each in recover.data["attempts"]]
        found += [] if named == [e["id"] for e in listed.data["attempts"]] else ["named by one"]
        dry = "--dry-run" in run.scenario.arguments
        found += updates.in_the_books(run.registered, run.context, finished, named, dry=dry)
    found += run.scenario.wrong(run.context) + _settle_run(run, change)
    return found + _unrecorded(run)


def _unrecorded(run: Run) -> list[str]:
    """Every change has its entry; the next one cuts a torn line."""
    log = check_log(run.context)
    untold = [f"{each.document}: {each.member}" for each in log.unlogged]
    return [f"log: {each}" for each in (*log.broken, *untold)]


def _spoken(done: Finished) -> list[str]:
    said = done.stdout + done.stderr
    wrong = [word for word in ("Traceback", SECRET, "failed unexpectedly") if word in said]
    return [f"{word!r} in the output: {done}" for word in wrong]


def _in_the_books(run: Run, finished: Finished, listed: Any, recover: Any) -> list[str]:
    """The ledger against what the profile knows."""
    assert run.scenario.ledger
    assert run.ticket
    issued = run.scenario.ledger.issued(run.ticket)
    known = [each["client_id"] for each in listed["integrations"]]
    named = bool(listed["attempts"]) and bool(recover["attempts"])
    found = []
    if len(issued) > 1 or run.scenario.ledger.posts(run.ticket) > 1:
        found.append(f"sent more than once: {issued}")
    if issued and issued[0] not in known and not named:
        found.append(f"{issued} is lost: {listed} {finished}")
    there = {each.client_id for each in Profile(run.scenario.template).integrations.all()}
    if set(known) - set(issued) - there:
        found.append(f"made up: {known}, issued {issued}")
    if finished.code == 0 and (not issued or issued[0] not in known or named):
        found.append(f"success was claimed: {listed}")
    if finished.code > 0 and issued and not (named or issued[0] in known):
        found.append(f"no attempt is named: {finished}")
    return found


def _settle_run(run: Run, change: Change) -> list[str]:
    """After any disturbance the remedy leads to the end of an undisturbed run."""
    if run.scenario.again:
        return _repeated(run, change)
    context = run.context
    if run.account:
        return run.account.settle(run.ltictl, run.scenario.arguments)
    if run.registered:
        return updates.settle(run.registered, context)
    issued = run.scenario.ledger.issued(run.ticket) if run.scenario.ledger and run.ticket else []
    for identifier in context.profile.attempts.ids():
        _settle(context, identifier, issued)
    known = {each.client_id for each in context.profile.integrations.all()}
    found = [f"secret left: {path}" for path in run.home.path.rglob("*.answer")]
    found += [f"{each} cannot be settled" for each in issued if each not in known]
    return found + [f"unsettled: {each}" for each in context.profile.attempts.ids()]


def _repeated(run: Run, change: Change) -> list[str]:
    """The same command once more; 4 says that there was nothing left to do."""
    done = run.ltictl(*run.scenario.again)
    found = _spoken(done) + change.violations(run.profile) + change.unfinished(run.profile)
    found += [] if done.code in {0, 4} else [f"{done}"]
    if run.scenario.erased:
        name, files = run.scenario.erased.encode(), run.profile.rglob("*")
        found += [
            f"left in {path}" for path in files if path.is_file() and name in path.read_bytes()
        ]
    return [f"after a second time: {each}" for each in found]


def _settle(context: Context, identifier: str, issued: list[str]) -> None:
    stage = context.profile.attempts.get(identifier).stage
    if stage is Stage.ANSWERED and (issued or not context.profile.integrations.ids()):
        try:
            adopt(context, identifier)
        except Exception as error:
            if getattr(error, "code", "") != "platform_refused":
                raise
    elif issued:
        adopt_client(context, identifier, issued[0])
    else:
        forget(context, identifier)
