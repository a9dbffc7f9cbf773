"""``--output`` of any command never replaces a device, a FIFO or a stranger's link."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from ltictl.cli import catalogue
from tests.support.cli import Ltictl, argv
from tests.support.help_texts import options_of

COMMANDS = {
    "jwks": ["jwks"],
    "metrics": ["metrics"],
    "relay-page": ["relay-page"],
    "report": ["report"],
    "export json": ["export", "json"],
    "export pylti1p3": ["export", "pylti1p3"],
    "org export": ["org", "export", "acme"],
}
WITHOUT_KEYS_BESIDE = [name for name in COMMANDS if name != "export pylti1p3"]
STRANGER = 61_002
ALL = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
PUBLIC = pytest.mark.parametrize(
    "command", [COMMANDS[each] for each in WITHOUT_KEYS_BESIDE], ids=WITHOUT_KEYS_BESIDE
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="devices and strangers need root")


@pytest.fixture
def tool(ltictl: Ltictl) -> Ltictl:
    ltictl.run("init", "--name", "Example Tool", "--url", "https://tool.example")
    ltictl.run("org", "add", "acme")
    return ltictl


def test_every_command_with_an_output_is_tried() -> None:
    with_output = {each for each in catalogue.COMMANDS if "--output" in options_of(each)}

    assert with_output == {each.removesuffix(" json") for each in COMMANDS} - {"export pylti1p3"}


@ALL
@as_root
def test_a_device_stays_a_device(tool: Ltictl, tmp_path: Path, command: list[str]) -> None:
    device = tmp_path / "null"
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))

    tool.run(*command, "--output", str(device))

    assert stat.S_ISCHR(device.lstat().st_mode)


@PUBLIC
def test_a_fifo_gets_the_document(tool: Ltictl, tmp_path: Path, command: list[str]) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    reader.start()

    ended = tool.run(*command, "--output", str(fifo))
    reader.join(30)

    assert ended.code == 0, ended.stderr
    assert read[0].strip()
    assert stat.S_ISFIFO(fifo.lstat().st_mode)


def test_key_files_are_not_written_beside_a_fifo(tool: Ltictl, tmp_path: Path) -> None:
    fifo = tmp_path / "out" / "fifo"
    fifo.parent.mkdir()
    os.mkfifo(fifo)

    ended = tool.run("export", "pylti1p3", "--output", str(fifo))

    assert ended.code == 1
    assert "is no regular file" in ended.stderr
    assert list(fifo.parent.iterdir()) == [fifo]


@PUBLIC
@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_to(tool: Ltictl, command: list[str], place: str) -> None:
    ended = tool.run(*command, "--output", place)

    assert ended.code == 0, ended.stderr
    assert len(ended.stdout) > len("{}")


def test_standard_output_in_a_file_is_written_to(tool: Ltictl, tmp_path: Path) -> None:
    plain = tool.run("jwks").stdout
    with (tmp_path / "out").open("w") as out:
        subprocess.run(
            argv("jwks", "--output", "/dev/stdout"),
            env=tool.home.environment(),
            stdout=out,
            check=True,
            timeout=60,
        )

    assert (tmp_path / "out").read_text() == plain


@PUBLIC
def test_a_link_of_ones_own_is_followed(tool: Ltictl, tmp_path: Path, command: list[str]) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to("real")

    ended = tool.run(*command, "--output", str(link))

    assert link.is_symlink()
    if command[0] == "org":  # a private file stays in the folder that was named
        assert ended.code == 1
        assert "Name the file itself" in ended.stderr
        assert not real.exists()
    else:
        assert ended.code == 0, ended.stderr
        assert real.read_text().strip()


@ALL
@as_root
def test_a_strangers_link_is_not_followed(tool: Ltictl, tmp_path: Path, command: list[str]) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("precious")
    link.symlink_to(real)
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)

    ended = tool.run(*command, "--output", str(link))

    assert ended.code == 1
    assert "symbolic link" in ended.stderr
    assert link.is_symlink()
    assert real.read_text() == "precious"


@PUBLIC
def test_a_folder_is_no_place(tool: Ltictl, tmp_path: Path, command: list[str]) -> None:
    ended = tool.run(*command, "--output", str(tmp_path))

    assert tmp_path.is_dir()
    assert "Traceback" not in ended.stderr
    assert ended.code == (0 if command[0] == "export" else 1)  # export puts its file inside
