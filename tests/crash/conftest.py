"""Platforms with ledgers, and profiles to break."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Home
from tests.support.playback import PlaybackPlatform
from tests.support.scale import ASKED

from . import templates
from .figures import FIGURE, Noted, summary
from .ledgers import PlayedLedger, SandboxLedger
from .scenarios import Parts, Scenarios, scenarios
from .warm import Crew


@pytest.fixture
def noted(request: pytest.FixtureRequest) -> Noted:
    """Note a figure of a larger run, to be printed; whole numbers are summed up by name."""

    def note(name: str, value: object) -> None:
        plain = value if isinstance(value, int) else str(value)
        request.node.user_properties.append((FIGURE, (name, plain)))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ended = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = list(summary(each for each in ended if each.when == "call"))
    if not ASKED.smallest and lines:
        terminalreporter.section("figures")
        terminalreporter.write("\n".join([*lines, ""]))


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    """Shared: a program takes a second to warm up."""
    with Crew() as running:
        yield running


@pytest.fixture(scope="session")
def plain_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return templates.make_template(tmp_path_factory.mktemp("plain"), templates.plain)


@pytest.fixture(scope="session")
def profile_with_integrations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return templates.make_template(tmp_path_factory.mktemp("three"), templates.with_integrations)


@pytest.fixture(scope="session")
def profile_with_kept_answer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return templates.make_template(tmp_path_factory.mktemp("kept"), templates.with_kept_answer)


@pytest.fixture
def profile(home: Home, plain_profile: Path) -> Path:
    """The profile that ltictl uses by default in this test's home."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(plain_profile, folder)
    return folder


@pytest.fixture(scope="module")
def moodle() -> Iterator[SandboxLedger]:
    with Sandbox() as sandbox:
        yield SandboxLedger(sandbox)


@pytest.fixture(scope="module")
def canvas() -> Iterator[PlayedLedger]:
    with PlaybackPlatform() as platform:
        yield PlayedLedger(platform)


@pytest.fixture(scope="module")
def every_scenario(
    tmp_path_factory: pytest.TempPathFactory,
    moodle: SandboxLedger,
    canvas: PlayedLedger,
    refusing: PlayedLedger,
) -> Iterator[Scenarios]:
    with PlaybackPlatform() as client, PlaybackPlatform() as site, ExitStack() as opened:
        folder = tmp_path_factory.mktemp("scenarios")
        yield scenarios(Parts(folder, moodle, canvas, refusing, client, site, opened))


@pytest.fixture(scope="module")
def refusing() -> Iterator[PlayedLedger]:
    with PlaybackPlatform() as platform:
        yield PlayedLedger(platform, refusing=400)
