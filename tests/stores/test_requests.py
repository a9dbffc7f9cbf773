"""Commands ask a shared store for each thing once; counted by a proxy in front of the server."""

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.stores.conftest import TeamMember
from tests.support.fault_proxy import FaultyProxy, Watch
from tests.support.object_stores import ObjectStore, Server
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Running
from tests.support.visit import Admin, words

# The end of the log is looked up once in a run; each entry has a beginning and an outcome.
FIRST_ENTRY = ("LIST log", "GET log", "PUT log")
LOGGED = {"LIST log": 1, "GET log": 1, "PUT log": 2}


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
        *FIRST_ENTRY,
        "PUT integrations",
        "PUT log",  # the outcome
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
    assert counted("activate", "acme-moodle") == settings + Counter(
        {"GET integrations": 1, "PUT integrations": 1, **LOGGED}
    )
    assert counted("registration-url", "--org", "acme") == settings + Counter(
        {"GET organizations": 1, "GET invitations": 1, "PUT invitations": 1, **LOGGED}
    )


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
    admin.press(page)
    assert run.wait(60).code == 0, run.output("stderr")

    asked = [each.kind for each in watch.turns]
    assert asked[: asked.index("PUT invitations") + 3] == [
        "PUT attempts",
        "PUT tokens",
        "LIST attempts",
        "GET invitations",
        "PUT attempts",
        "PUT attempts",
        "PUT secrets",
        "PUT log",  # this run made the invitation, and so knows the end of the log
        "PUT integrations",
        "PUT log",
        "PUT log",
        "PUT invitations",
        "PUT log",
        "PUT attempts",
    ]


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
