"""Servers of object storage, each started once for all tests of a process."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.cli import Ltictl, make_home
from tests.support.object_stores import ObjectStore, Server, azurite, seaweed
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished, Running


@pytest.fixture(scope="session")
def seaweed_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with seaweed(tmp_path_factory.mktemp("seaweed") / "home") as server:
        yield server


@pytest.fixture(scope="session")
def azurite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with azurite(tmp_path_factory.mktemp("azurite") / "home") as server:
        yield server


@pytest.fixture
def s3(seaweed_server: Server) -> ObjectStore:
    """A fresh bucket on SeaweedFS."""
    return seaweed_server.store()


@pytest.fixture(params=["seaweed", "azurite"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """A fresh bucket on each kind of server."""
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server.store()


PASSPHRASE = "CANARY-PASSPHRASE"


class TeamMember:
    """``ltictl`` on a machine of its own, with a profile in a store."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self.store = store
        self.home = make_home(folder)
        self._ltictl = Ltictl(self.home)

    def environment(self, extra: Mapping[str, str | None] | None = None) -> dict[str, str | None]:
        return {**self.store.environment, "LTICTL_KEY_PASSPHRASE": PASSPHRASE, **(extra or {})}

    def __call__(self, *args: str, env: Mapping[str, str | None] | None = None) -> Finished:
        return self._ltictl(*args, profile=self.store.url, env=self.environment(env))

    def start(self, *args: str, env: Mapping[str, str | None] | None = None) -> Running:
        return self._ltictl.start(*args, profile=self.store.url, env=self.environment(env))

    def headless(self, platform: PlaybackPlatform, *more: str, token: str = "") -> Finished:
        """Register without a browser."""
        file = self.home.path / "token"
        file.write_text(token or f"TOKEN-{os.urandom(6).hex()}")
        given = ["--openid-configuration", platform.url("configuration")]
        given += ["--registration-token-file", str(file)]
        return self("register", "--org", "acme", "--yes", "--allow-private", *given, *more)

    def close(self) -> None:
        self._ltictl.close()


Members = Callable[[], TeamMember]


def _members(store: ObjectStore, folder: Path) -> Iterator[Members]:
    made: list[TeamMember] = []

    def another() -> TeamMember:
        made.append(TeamMember(store, folder / f"home{len(made)}"))
        return made[-1]

    first = another()
    first("init", "--name", "Tool", "--url", "https://tool.invalid").assert_success()
    first("org", "add", "acme", "--name", "Acme").assert_success()
    try:
        yield another
    finally:
        for each in made:
            each.close()


@pytest.fixture
def team(store: ObjectStore, tmp_path: Path) -> Iterator[Members]:
    """Makes machines that share one profile, on each kind of server."""
    yield from _members(store, tmp_path)


@pytest.fixture
def s3_team(s3: ObjectStore, tmp_path: Path) -> Iterator[Members]:
    """The same on SeaweedFS alone."""
    yield from _members(s3, tmp_path)
