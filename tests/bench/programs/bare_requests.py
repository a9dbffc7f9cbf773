"""The requests of ``verify --all`` in a bare loop: so many integrations, a few at a time."""

import asyncio
import sys

import httpx

_AT_A_TIME = 20
_FORM = {"grant_type": "client_credentials", "client_assertion": "x" * 700}


async def main(base: str, count: int) -> None:
    gate = asyncio.Semaphore(_AT_A_TIME)
    async with httpx.AsyncClient(timeout=30) as client:

        async def one() -> None:
            async with gate:
                (await client.get(f"{base}/mod/lti/certs.php")).json()
                (await client.get(f"{base}/.well-known/jwks.json")).json()
                (await client.post(f"{base}/mod/lti/token.php", data=_FORM)).json()

        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(one())


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
