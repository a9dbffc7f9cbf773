"""``verify --all`` beside a bare httpx loop that sends the same requests to the same platform.

    python -m tests.checks.throughput 1000

Every integration is at an LMS of its own, as far as addresses go, so that nothing is shared.
"""

import asyncio
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from ltictl.lti.vocabulary import SCOPES
from ltictl.model.integration import Deployment, Integration, Scopes, Status
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.operations.checks.checks import Verdict
from ltictl.operations.checks.verify import verify
from ltictl.operations.context import Context
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.operations.signing import published_keys
from ltictl.store.profile import Profile
from tests.support.answers import dumps

AT_ONCE = 20
_TOKEN = dumps({"access_token": "x" * 32, "token_type": "Bearer", "expires_in": 3600})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 4 * AT_ONCE  # with five, as it is, a busy machine drops connections


class LocalPlatform:
    """Key sets and tokens at any address, and how often each kind was asked for."""

    def __init__(self, key_set: bytes) -> None:
        asked = self.asked = Counter[str]()
        counting = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_GET(self) -> None:
                self._answer(key_set)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(_TOKEN)

            def _answer(self, body: bytes) -> None:
                with counting:
                    asked[self.path.split("/")[1]] += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def serve(folder: str) -> None:
    """Be the platform, in a process of its own: the address on stdout, counts at the end."""
    context = Context(Profile(Path(folder)))
    platform = LocalPlatform(dumps(published_keys(context)[0]))
    _say(platform.url)
    for _ in sys.stdin:
        _say(str(sum(platform.asked.values())))


def filled(context: Context, base: str, count: int) -> None:
    """``count`` integrations, each with addresses of its own."""
    now = datetime.now(UTC).replace(microsecond=0)
    first = Integration(
        "acme-lms-0",
        "acme",
        Status.ACTIVE,
        Platform("https://lms.invalid", "", "", "", ""),
        "client",
        now,
        now,
        deployments=(Deployment("1"),),
        scopes=Scopes(requested=(SCOPES["score"],)),
    )
    for number in range(count):
        at = f"{base}/%s/{number}"
        platform = Platform(base, at % "auth", at % "token", at % "keys", at % "token")
        told = dumps({"jwks_uri": at % "tool"}).decode()
        each = replace(first, id=f"acme-lms-{number}", platform=platform, answer=told)
        context.profile.integrations.add(each)


async def bare(base: str, count: int) -> None:
    """The same requests, with nothing around them; the assertion is not even signed."""
    turn = asyncio.Semaphore(AT_ONCE)
    form = {"grant_type": "client_credentials", "client_assertion": "x" * 700}
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:

        async def one(number: int) -> None:
            async with turn:
                for kind in ("auth", "keys", "tool"):
                    (await client.get(f"{base}/{kind}/{number}")).json()
                (await client.post(f"{base}/token/{number}", data=form)).json()

        await asyncio.gather(*(one(number) for number in range(count)))


def measured(count: int) -> tuple[float, float]:
    """Seconds of ours and of the bare loop."""
    import subprocess

    with tempfile.TemporaryDirectory() as folder:
        context = Context(Profile(Path(folder) / "profile"))
        initialise(context, name="Tool", url="https://tool.invalid")
        add_organization(context, "acme")
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.checks.throughput", "serve", str(context.profile.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin
        assert server.stdout
        base = server.stdout.readline().strip()
        filled(context, base, count)
        begun = time.perf_counter()
        asyncio.run(bare(base, count))
        theirs = time.perf_counter() - begun
        begun = time.perf_counter()
        found = verify(context, GuardPolicy(allow_private=True), context.profile.integrations.ids())
        ours = time.perf_counter() - begun
        print("\n", file=server.stdin, flush=True)
        asked = int(server.stdout.readline())
        server.stdin.close()
        server.wait(10)
        server.stdout.close()
    assert asked == 8 * count, asked
    assert all(each.result is Verdict.PASS for each in found), found[0].checks
    return ours, theirs


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        ours, theirs = measured(int(sys.argv[1]))
        _say(f"ltictl {ours:.2f} s, bare httpx {theirs:.2f} s, ratio {theirs / ours:.2f}")
