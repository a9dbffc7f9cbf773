"""Commands ask a shared store for each thing once; counted by a proxy in front of the server."""

import signal
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import httpx
import pytest

from tests.stores.conftest import TeamMember
from tests.support.fault_proxy import FaultyProxy, Watch
from tests.support.object_stores import ObjectStore, Server
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Running
from tests.support.visit import Admin, words

METHODS = {"s3:PutObject": "PUT", "s3:GetObject": "GET", "s3:ListBucket": "LIST"}
# From Register to the result; each set is one round trip.
PAGE_ROUNDS = [
    {"PUT attempts"},  # the intent
    {"PUT tokens", "LIST attempts", "GET invitations"},
    {"PUT attempts"},  # sent
    {"PUT attempts"},  # answered
    {"PUT secrets", "PUT log"},
    {"PUT integrations"},
    {"PUT invitations"},
    {"PUT attempts"},  # settled
]


class Together:
    """Lets the requests of a round pass only when all of them have come.

    Args:
        rounds: the kinds of requests that are made at the same time.
    """

    def __init__(self, *rounds: set[str]) -> None:
        self._meetings: dict[str, Barrier] = {}
        for each in rounds:
            if len(each) > 1:
                self._meetings |= dict.fromkeys(each, Barrier(len(each)))

    def __call__(self, action: str, name: str) -> bool:
        kind = f"{METHODS[action]} {name.split('/')[1]}"
        meeting = self._meetings.pop(kind, None)  # its first request only
        if meeting is None:
            return True
        try:
            meeting.wait(20)
        except BrokenBarrierError:
            return False
        return True


class Counted:
    """One profile behind the proxy, and the requests of its last command.

    Args:
        proxy: running.
        store: fresh.
        folder: for the home.
        in_git: whether ``profile.toml`` lies in a folder and names the store.
    """

    def __init__(
        self, proxy: FaultyProxy, store: ObjectStore, folder: Path, *, in_git: bool
    ) -> None:
        self._proxy, self._store = proxy, store
        self.member = TeamMember(proxy.before(store), folder / "home")
        self.extra: dict[str, str] = {}
        if in_git:
            checkout = folder / "checkout"
            checkout.mkdir()
            text = '[tool]\nname = "Tool"\nurl = "https://tool.invalid"\n'
            (checkout / "profile.toml").write_text(f'{text}[store]\nurl = "{store.url}"\n')
            self.member.store = ObjectStore(str(checkout), self.member.store.environment, 0)
            self("rotate-keys")
        else:
            self("init", "--name", "Tool", "--url", "https://tool.invalid")
        self("org", "add", "acme", "--name", "Acme")

    def watched(self) -> Watch:
        return self._proxy.watch(self._store, Watch())

    def __call__(self, *args: str) -> Counter[str]:
        watch = self.watched()
        self.member(*args).assert_success()
        return watch.counted()


@pytest.fixture
def counted(
    seaweed_server: Server, s3: ObjectStore, tmp_path: Path, in_git: bool
) -> Iterator[Counted]:
    with FaultyProxy(seaweed_server.port) as proxy:
        made = Counted(proxy, s3, tmp_path, in_git=in_git)
        yield made
        made.member.close()


@pytest.mark.parametrize("in_git", [True, False])
def test_each_command_makes_few_requests(
    counted: Counted, playback: PlaybackPlatform, in_git: bool
) -> None:
    watch = counted.watched()
    counted.member.headless(playback).assert_success()
    turns = [each.kind for each in watch.turns]
    since = turns[turns.index("PUT attempts") :]
    assert since == [
        "PUT attempts",  # the intent; from here on it takes the id
        "PUT tokens",
        "PUT attempts",  # sent
        "PUT attempts",  # answered
        "PUT log",  # the change that follows; the changed document proves its outcome
        "PUT integrations",
        "PUT attempts",  # settled
        "LIST attempts",  # after the result: what else needs a person
    ]
    settings = Counter() if in_git else Counter({"GET profile": 1})
    assert Counter(turns) - Counter(since) == settings + Counter(
        {
            "GET sealing": 1,
            "GET organizations": 1,
            "LIST keys": 1,
            "GET keys": 1,
            "LIST attempts": 1,
            "LIST integrations": 1,
        }
    )

    assert counted("show", "acme-moodle") == Counter({"GET integrations": 1})
    noted = settings + Counter({"PUT log": 1, "PUT integrations": 1})
    looked = noted + Counter({"GET integrations": 1})
    assert counted("activate", "acme-moodle") == noted
    assert counted("activate", "acme-moodle") == looked - noted + settings  # nothing to do
    assert counted("deactivate", "acme-moodle", "--yes") == looked
    forget_notes(counted.member)
    assert counted("activate", "acme-moodle") == looked
    counted("deactivate", "acme-moodle", "--yes")
    forget_notes(counted.member)
    counted("list")
    assert counted("activate", "acme-moodle") == noted
    assert counted("registration-url", "--org", "acme") == settings + Counter(
        {"GET organizations": 1, "PUT log": 1, "PUT invitations": 1}
    )


def forget_notes(member: TeamMember) -> None:
    """Let a machine forget what it has seen of documents."""
    for file in member.home.path.rglob("*.cache"):
        if file.is_file():
            file.unlink()


@pytest.mark.parametrize("in_git", [True])
def test_the_page_makes_few_requests_after_register_is_pressed(
    counted: Counted, playback: PlaybackPlatform
) -> None:
    answer = accepting(
        registration_access_token="ACCESS-TOKEN", registration_client_uri=playback.url("/client")
    )
    playback.on("registration", answer)
    member = counted.member
    run = member.start("register", "--org", "acme", "--port", "0", "--json", "--allow-private")
    admin = Admin(playback.url("configuration"), "a-token")
    page = admin.open(str(run.next_event("listening", timeout=30)["url"]))
    watch = counted.watched()
    watch.allows = Together(*PAGE_ROUNDS)
    admin.press(page)
    assert run.wait(60).code == 0, run.output("stderr")

    asked = iter(each.kind for each in watch.turns)
    assert [set(islice(asked, len(each))) for each in PAGE_ROUNDS] == PAGE_ROUNDS
    assert len(PAGE_ROUNDS) == 8


def open_page(
    member: TeamMember, playback: PlaybackPlatform
) -> tuple[Running, Admin, httpx.Response]:
    """Start to listen, and open the page in an LMS."""
    run = member.start("register", "--org", "acme", "--port", "0", "--json", "--allow-private")
    admin = Admin(playback.url("configuration"), "a-token")
    return run, admin, admin.open(str(run.next_event("listening", timeout=30)["url"]))


@pytest.mark.parametrize("in_git", [False])
def test_a_long_run_sees_what_others_changed(
    counted: Counted, s3: ObjectStore, tmp_path: Path, playback: PlaybackPlatform
) -> None:
    member, other = counted.member, TeamMember(s3, tmp_path / "other")
    run, admin, page = open_page(member, playback)
    other("invitation", "revoke", "--all", "--yes").assert_success()

    result = words(admin.press(page))
    run.send_signal(signal.SIGTERM)
    assert run.wait(30).code == 143
    assert "revoked" in result
    assert playback.requests_to("registration") == []


@pytest.mark.parametrize("in_git", [False])
def test_a_long_run_sees_that_another_machine_used_its_token(
    counted: Counted, s3: ObjectStore, tmp_path: Path, playback: PlaybackPlatform
) -> None:
    member, other = counted.member, TeamMember(s3, tmp_path / "other")
    run, admin, page = open_page(member, playback)
    other("org", "add", "beta").assert_success()
    token = tmp_path / "token"
    token.write_text("a-token")
    where = ("--openid-configuration", playback.url("configuration"), "--allow-private", "--yes")
    done = other("register", "--org", "beta", "--registration-token-file", str(token), *where)
    done.assert_success()

    result = words(admin.press(page))
    run.send_signal(signal.SIGTERM)
    assert run.wait(30).code == 143
    assert "was used before" in result
    assert len(playback.requests_to("registration")) == 1
