"""The documentation in the terminal: topics, errors, and every topic that a message names."""

import re
from pathlib import Path

import pytest

from ltictl.cli.catalogue import COMMANDS
from ltictl.cli.topics import error_named, topic_text, topics
from tests.support.cli import Ltictl

ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"ltictl help ([a-z0-9.-]+)(?: ([a-z_]+))?")
_CODE = re.compile(r"^\| `([a-z_]+)` \|", re.MULTILINE)


@pytest.mark.parametrize(
    "topic",
    [
        "getting-started",
        "no-lms-connects",
        "keys",
        "ci",
        "other-computer",
        "errors",
        "exit-codes",
        "json",
        "environment",
        "moodle",
        "canvas",
        "brightspace",
        "sakai",
        "blackboard",
        "ilias",
    ],
)
def test_topic_is_printed(topic: str, ltictl: Ltictl) -> None:
    done = ltictl("help", topic)

    assert done.code == 0
    assert done.stdout.startswith("# ")
    assert "](" not in done.stdout.replace("`[", "")


def test_list_of_topics(ltictl: Ltictl) -> None:
    done = ltictl("help", "topics", "--json")

    assert "no-lms-connects: No LMS connects" in done.data["text"]


def test_wrong_topic(ltictl: Ltictl) -> None:
    done = ltictl("help", "no-lms-conects")

    assert done.code == 4
    assert "ltictl help no-lms-connects" in done.stderr
    assert ltictl("help", "error", "nonsense").code == 4


def test_every_error_has_a_topic(ltictl: Ltictl) -> None:
    codes = _CODE.findall((ROOT / "docs/reference/errors.md").read_text("utf-8"))

    assert len(codes) > 100
    for code in codes:
        assert error_named(code)["what"], code
    assert "exit: 9" in ltictl("help", "error", "no_profile").stdout


def test_every_topic_that_is_named_exists() -> None:
    known = topics().keys() | {name.split()[0] for name in COMMANDS} | {"error", "topics"}
    sources = [path.read_text("utf-8") for path in ROOT.glob("ltictl/**/*.py")]
    pages = [topic_text(path) for path in topics().values()]
    named = {name for text in (*sources, *pages) for name, _ in _NAMED.findall(text)}

    assert "moodle" in named
    assert named - known == set()


def test_on_a_terminal_a_page_is_laid_out(ltictl: Ltictl) -> None:
    shown = ltictl.terminal("help", "exit-codes", rows=200)
    shown.wait_for("Exit codes")

    assert shown.wait() == 0
    assert "| ---" not in shown.text
