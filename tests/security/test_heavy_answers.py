"""Huge, slow and packed answers give a clear error in little memory and bounded time (row 4)."""

import resource
import subprocess
import sys

import pytest

from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform

MEMORY = 400 * 1024 * 1024  # all of its address space: a bare run takes about half of that
HEADERS = {"Content-Type": "application/json"}
NESTED = b'{"issuer":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


HEAVY = {
    "ten gigabytes, packed": Answer(
        200, HEADERS | {"Content-Encoding": "gzip"}, Answer.gzip_bomb().body * 160
    ),
    "the same in brotli": Answer(200, HEADERS | {"Content-Encoding": "br"}, b"\xce\xff" * 9000),
    "without an end": Answer.forever(),
    "a head of a megabyte": Answer(200, HEADERS | {"X-Long": "x" * 1024 * 1024}, b"{}"),
    "ten thousand headers": Answer(200, HEADERS | {f"X-{n}": "x" for n in range(10_000)}, b"{}"),
    "very deep": Answer(200, HEADERS, NESTED),
    "one long text": Answer(200, HEADERS, b'{"issuer":"' + b"x" * 262_000 + b'"}'),
    "many members": Answer(
        200, HEADERS, b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}"
    ),
}


@pytest.mark.parametrize("what", list(HEAVY))
def test_a_heavy_configuration_is_refused_with_words(
    acme: Ltictl, playback: PlaybackPlatform, what: str
) -> None:
    playback.on("configuration", HEAVY[what])
    address = playback.url("configuration")
    argv = [sys.executable, "-m", "ltictl", "register", "--org", "acme", "--yes", "--allow-private"]

    done = subprocess.run(
        [*argv, "--openid-configuration", address],
        env=acme.home.environment(),
        cwd=acme.home.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )

    assert done.returncode in {1, 3}, done
    assert done.stderr.startswith("error: "), done.stderr
    assert "Traceback" not in done.stderr
    assert "MemoryError" not in done.stderr
    assert "fix:" in done.stderr
    assert playback.requests_to("registration") == []


def test_in_so_little_memory_an_honest_one_is_registered(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    argv = [sys.executable, "-m", "ltictl", "register", "--org", "acme", "--yes", "--allow-private"]

    done = subprocess.run(
        [*argv, "--openid-configuration", playback.url("configuration")],
        env=acme.home.environment(),
        cwd=acme.home.path,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )

    assert done.returncode == 0, done.stderr
