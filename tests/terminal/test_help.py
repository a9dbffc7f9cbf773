"""``--help`` shows all commands on one screen and explains every option in the field's words."""

import re

import pytest

from ltictl.cli.catalogue import COMMANDS, GROUPS
from ltictl.cli.describe import describe, global_options
from tests.support.cli import Ltictl
from tests.support.help_texts import help_of


def test_the_first_page_names_every_command_once_within_80_columns(ltictl: Ltictl) -> None:
    page = ltictl().stdout

    assert page == ltictl("--help").stdout == ltictl("--quiet", "--help").stdout
    named = []
    for words in re.findall(r"^  ([a-z][a-z -]*[a-z|-]*)(?: {2,}\S.*)?$", page, re.MULTILINE):
        group, _, last = words.rpartition(" ")
        named += [f"{group} {each}".strip() for each in last.split("|")]
    assert sorted(named) == sorted(COMMANDS)
    assert max(map(len, page.splitlines())) <= 80
    assert len(page.splitlines()) <= 80
    assert "\x1b" not in page


def test_the_first_page_is_set_off_on_a_terminal_that_likes_it(ltictl: Ltictl) -> None:
    for env, wanted in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        with ltictl.terminal(env=env, columns=80, rows=74) as terminal:
            assert terminal.wait() == 0
            assert (b"\x1b[1mSet up\x1b[0m" in terminal.received) is wanted
            assert "Rehearse" in terminal.text


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_commands(ltictl: Ltictl, group: str) -> None:
    own = [name for name in COMMANDS if name.startswith(f"{group} ")]

    shown, alone = ltictl(group, "--help"), ltictl(group)

    assert shown.code == 0
    assert all(f"\n  {name.split()[1]} " in shown.stdout for name in own)
    assert (alone.code, alone.stdout) == (2, "")
    assert f"One of: {', '.join(own)}." in alone.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_and_argument_has_a_name_and_a_meaning(command: str) -> None:
    text = help_of(command)
    facts = describe(command)

    assert "<str>" not in text
    assert "<int" not in text
    assert max(map(len, text.splitlines())) <= 80
    for each in (*facts.arguments, *facts.options, *global_options()):
        assert each.text, each
        assert each.names or each.metavar
