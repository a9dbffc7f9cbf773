"""Calls the guarded client in an event loop of its own, with scripted resolvers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from ltictl.net.client import GuardedClient
from ltictl.net.failures import UnreachableError
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.net.resolver import resolve

LOCAL = GuardPolicy(allow_private=True)
Resolve = Callable[[str, int], Awaitable[list[str]]]


def resolver(*answers: Sequence[str]) -> tuple[Resolve, list[str]]:
    """Answers each look-up with the next list, the last one from then on; and who was asked for."""
    asked: list[str] = []
    left = [list(each) for each in answers]

    async def look_up(host: str, port: int) -> list[str]:
        del port
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    return look_up, asked


def get(
    url: str, policy: GuardPolicy = LOCAL, deadline: float = 5, look_up: Resolve = resolve
) -> Reply:
    async def run() -> Reply:
        async with GuardedClient(policy, look_up) as client:
            return await client.get(url, deadline=deadline)

    return asyncio.run(run())


def post(
    url: str,
    policy: GuardPolicy = LOCAL,
    deadline: float = 5,
    look_up: Resolve = resolve,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"{}",
    on_sending: Callable[[], None] = lambda: None,
) -> Reply:
    async def run() -> Reply:
        async with GuardedClient(policy, look_up) as client:
            return await client.post(
                url,
                headers=headers or {},
                content=content,
                deadline=deadline,
                on_sending=on_sending,
            )

    return asyncio.run(run())


def failure_of(call: Callable[[], Reply]) -> UnreachableError:
    with pytest.raises(UnreachableError) as caught:
        call()
    assert caught.value.why
    assert caught.value.fix
    return caught.value
