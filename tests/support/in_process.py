"""Runs commands within the test's own process, through the same entry as the program.

There are many, and a process each would take minutes; those that wait are tested as processes.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ltictl.cli.app import main
from tests.support.schemas import assert_schema


class Call:
    """The output of one run."""

    def __init__(self, code: int, stdout: str, stderr: str) -> None:
        self.code, self.stdout, self.stderr = code, stdout, stderr

    @property
    def envelope(self) -> dict[str, Any]:
        self.assert_envelope()
        value: dict[str, Any] = json.loads(self.stdout)
        return value

    def assert_envelope(self) -> None:
        """Fail unless stdout is one envelope, in ASCII."""
        assert self.stdout.isascii()
        assert_schema(json.loads(self.stdout), "envelope.json")


Run = Callable[..., Call]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs ltictl in an empty home."""
    monkeypatch.setenv("LTICTL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LTICTL_ALLOW_PRIVATE", "1")
    for name in ("LTICTL_PROFILE", "LTICTL_CA_FILE", "SSL_CERT_FILE", "LTICTL_KEY_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)

    def call(*argv: str, stdin: str = "") -> Call:
        read, write = os.pipe()
        os.write(write, stdin.encode())
        os.close(write)
        with os.fdopen(read) as source:
            monkeypatch.setattr("sys.stdin", source)
            capsys.readouterr()
            code = main(list(argv))
        said = capsys.readouterr()
        return Call(code, said.out, said.err)

    return call
