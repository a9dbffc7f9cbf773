"""The promises hold for a store's fault at any request of a registration or of a change.

``LTICTL_CRASH=full`` plays every request; otherwise a sample of them.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores.conftest import Members, TeamMember
from tests.stores.faulty import FAULTS, FaultyProxy
from tests.support.object_stores import ObjectStore, Server, objects_of
from tests.support.playback import PlaybackPlatform

FULL = os.environ.get("LTICTL_CRASH") == "full"
FRESH = {"LTICTL_NEW_KEY_PASSPHRASE": "new"}


@pytest.fixture
def proxy(seaweed_server: Server) -> Iterator[FaultyProxy]:
    with FaultyProxy(seaweed_server.port) as running:
        yield running


class Office:
    """Fresh copies of one profile, behind the proxy."""

    def __init__(self, member: TeamMember, server: Server, proxy: FaultyProxy, at: Path) -> None:
        objects = objects_of(member.store)
        self._objects = {each.name: objects.get(each.name)[0] for each in list(objects.list(""))}
        self._server, self._proxy, self._at = server, proxy, at
        self._count = 0

    def member(self) -> TeamMember:
        store = self._server.store(begun=False)
        objects = objects_of(store)
        for name, data in self._objects.items():
            objects.put(name, data, None)
        self._count += 1
        environment = store.environment | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._proxy.port}"
        }
        behind = ObjectStore(store.url, environment, self._proxy.port)
        return TeamMember(behind, self._at / f"office{self._count}")


@pytest.fixture
def office(s3_team: Members, seaweed_server: Server, proxy: FaultyProxy, tmp_path: Path) -> Office:
    return Office(s3_team(), seaweed_server, proxy, tmp_path)


def points(total: int, fault: str) -> list[int]:
    """The requests at which to fail: all of them, or one for each fault, spread over the run."""
    if FULL:
        return list(range(1, total + 1))
    return [total * (2 * list(FAULTS).index(fault) + 1) // (2 * len(FAULTS)) + 1]


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_registration_keeps_the_promises(
    office: Office, proxy: FaultyProxy, playback: PlaybackPlatform, fault: str
) -> None:
    proxy.fail("", 0)
    assert office.member().headless(playback).code == 0
    total = proxy.count

    for at in points(total, fault):
        member = office.member()
        before = len(playback.requests_to("registration"))
        proxy.fail(fault, at)
        done = member.headless(playback, "--json", "--lock-timeout", "1s")
        proxy.fail("", 0)
        posts = len(playback.requests_to("registration")) - before
        where = (fault, at, posts, done)
        assert posts <= 1, where
        assert "Traceback" not in done.stderr, where
        if not FAULTS[fault][1]:
            assert done.code == 0, where
        found = member("list", "--json").data
        for attempt in found["attempts"] if posts else ():
            adopted = member("recover", attempt["id"], "--adopt", "--json")
            assert adopted.code == 0, (where, adopted)
        if posts:
            assert len(member("list", "--json").data["integrations"]) == 1, where
            assert member("list", "--json").data["attempts"] == [], where
        else:
            assert found["integrations"] == [], where


@pytest.mark.parametrize("fault", list(FAULTS) if FULL else ["reply lost", "gone after"])
@pytest.mark.parametrize("command", ["org add beta", "rotate-keys", "keys reseal"])
def test_a_change_is_made_once_or_not_at_all(
    office: Office, proxy: FaultyProxy, fault: str, command: str
) -> None:
    proxy.fail("", 0)
    assert office.member()(*command.split(), env=FRESH).code == 0
    total = proxy.count

    for at in points(total, fault):
        member = office.member()
        proxy.fail(fault, at)
        done = member(*command.split(), "--lock-timeout", "1s", "--json", env=FRESH)
        proxy.fail("", 0)
        where = (command, fault, at, done)
        assert "Traceback" not in done.stderr, where
        if not FAULTS[fault][1]:
            assert done.code == 0, where
        elif done.code:
            assert done.error["code"].startswith("store_"), where
        again = member(*command.split(), "--json", env=FRESH)
        assert again.code == 0 or again.error["code"] == "already_exists", (where, again)
        new = command == "keys reseal"
        passphrase = {"LTICTL_KEY_PASSPHRASE": "new"} if new else {}
        keys = member("keys", "list", "--json", env=passphrase).data["keys"]
        assert [each["state"] for each in keys].count("current") == 1, where
        assert len(keys) <= 3, where
        checks = member("doctor", "--json", env=passphrase).data["checks"]
        states = {each["id"]: each["result"] for each in checks}
        assert states["documents"] == "pass", where
        assert states["private_keys"] in ({"pass"} if not done.code else {"pass", "warn"}), where
