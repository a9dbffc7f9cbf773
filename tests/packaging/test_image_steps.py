"""The image's steps in a root of its own: no container engine is needed to see that they work.

The user is made, the root is read-only, and the volume alone can be written. The server and the
health check of the Containerfile then run there, in a network of its own.
"""

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.machines import machines
from tests.support.processes import Running

from .containerfile import ROOT, instruction

STEPS = Path(__file__).with_name("image_steps.sh")
HEALTH = shlex.join(json.loads(instruction("HEALTHCHECK").partition(" CMD ")[2]))
SERVE = shlex.join([*json.loads(instruction("ENTRYPOINT")), *json.loads(instruction("CMD"))])
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a root of its own")


class Image:
    """A root that was made by the image's steps."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def run(self, command: str) -> int:
        """Run a command line as the image's user, and return its exit code."""
        self._running.send_line(command)
        return int(self._running.next_line("stdout", timeout=60))

    def said(self) -> str:
        """All that the commands wrote."""
        return self._running.output("stderr")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    (folder / "root").mkdir()
    with machines(("image",), (), folder) as starts:
        steps = ["unshare", "--mount", "--pid", "--fork", "--kill-child", str(STEPS)]
        python = str(Path(sys.executable).resolve())
        what = [str(folder / "root"), str(ROOT), python, instruction("RUN")]
        argv = [*starts["image"], *steps, *what, instruction("USER"), instruction("VOLUME")]
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        with Running(argv, env=env, cwd=folder) as running:
            running.wait_for_line("ready", "stdout", timeout=60)
            yield Image(running)


def test_the_image_serves_as_its_own_user_on_a_read_only_root(image: Image) -> None:
    user, _, _ = instruction("USER").partition(":")
    assert image.run(f"test $(id -u) = {user}") == 0
    assert image.run("grep -q '^tmpfs / tmpfs ro' /proc/self/mounts") == 0
    assert image.run("touch /opt/ltictl/x") != 0
    assert image.run('test "$(stat -c %a $HOME)" = 700 && touch $HOME/x /tmp/x') == 0
    assert image.run(HEALTH) != 0

    made = image.run("ltictl init --name 'Example Tool' --url https://tool.example.com")
    assert made == 0, image.said()
    # As 'docker run --detach': the server goes on while others look.
    started = f"{{ {SERVE} & }}; for i in $(seq 100); do {HEALTH} 2>/dev/null && exit 0; "
    assert image.run(f"{started} sleep 0.1; done; exit 1") == 0, image.said()

    assert image.run("ltictl org add acme --name 'Acme School'") == 0, image.said()
    assert image.run("ltictl registration-url --org acme") == 0, image.said()
    assert image.run(HEALTH) == 0
