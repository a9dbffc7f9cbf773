"""Starts one embedded LMS for each test module; tests share it, each with a tool of its own."""

from collections.abc import Iterator

import httpx
import pytest

from ltictl.sandbox.server import Sandbox

from .world import NOW, Clock, School, ToolServer, jwk


@pytest.fixture(scope="module")
def running_school() -> Iterator[School]:
    clock = Clock()
    with (
        Sandbox(clock=clock) as sandbox,
        httpx.Client(base_url=sandbox.base_url, trust_env=False) as client,
    ):
        yield School(sandbox, clock, client)


@pytest.fixture
def school(running_school: School) -> School:
    running_school.clock.now = NOW
    return running_school


@pytest.fixture
def tool_server() -> Iterator[ToolServer]:
    with ToolServer(keys=[jwk("key-1")]) as server:
        yield server
