"""A machine of the tests has a name and a network of its own, and reaches the named ports alone."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support import machines as subject
from tests.support.playback import PlaybackPlatform

LOOK = """
import socket, sys
print(socket.gethostname())
for port in sys.argv[1:]:
    with socket.socket() as probe:
        print(probe.connect_ex(("127.0.0.1", int(port))) == 0)
"""


def look(start: Sequence[str], ports: Sequence[int]) -> list[str]:
    argv = [*start, sys.executable, "-c", LOOK, *map(str, ports)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("ways", [subject.WAYS[:1], subject.WAYS[1:]], ids=["root", "user"])
def test_a_machine_is_another_one(
    ways: subject.Ways, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "WAYS", ways)
    if subject.way_here() is None:
        pytest.skip("this user may not make such namespaces")
    with PlaybackPlatform() as named, PlaybackPlatform() as other:
        ports = [int(each.base_url.rpartition(":")[2]) for each in (named, other)]
        with subject.machines(("one", "two"), ports[:1], tmp_path) as starts:
            seen = {name: look(start, ports) for name, start in starts.items()}

    assert seen == {"one": ["one", "True", "False"], "two": ["two", "True", "False"]}
