"""Sends recorded requests, a few at a time, reads the answers, and does nothing else."""

import asyncio
import json
import sys
from pathlib import Path

import httpx

_AT_A_TIME = 20


async def main(base: str, recorded: list[list[str]]) -> None:
    gate = asyncio.Semaphore(_AT_A_TIME)
    async with httpx.AsyncClient(timeout=30) as client:

        async def one(method: str, path: str, body: str, kind: str) -> None:
            async with gate:
                headers = {"Content-Type": kind} if kind else {}
                await client.request(method, base + path, content=body or None, headers=headers)

        async with asyncio.TaskGroup() as group:
            for each in recorded:
                group.create_task(one(*each))


asyncio.run(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))
