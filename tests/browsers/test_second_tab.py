"""A second tab of the same LMS: its buttons answer until the command has ended."""

from typing import TYPE_CHECKING

import pytest

from tests.support.playback import PlaybackPlatform
from tests.support.terminal import ENTER, Terminal
from tests.support.visit import Admin

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOKENS = {
    "the same page twice": ("the-token", "the-token"),
    "begun twice in the LMS": ("the-token", "other-token"),
}


@pytest.mark.parametrize("tokens", TOKENS.values(), ids=TOKENS)
def test_register_in_a_second_tab_while_the_terminal_asks(
    waiting: tuple[Terminal, str],
    chromium: "Browser",
    playback: PlaybackPlatform,
    tokens: tuple[str, str],
) -> None:
    terminal, url = waiting
    context = chromium.new_context()
    first, second = context.new_page(), context.new_page()
    for tab, token in zip((first, second), tokens, strict=True):
        tab.goto(Admin(playback.url("configuration"), token).address(url))
        tab.locator("#register").wait_for()
    first.click("#register")
    first.locator("#result[data-outcome=registered]").wait_for()
    terminal.wait_for("Activate acme-moodle now?")

    second.click("#register")

    if len(set(tokens)) == 2:  # it asks first: by now there is an integration at this LMS
        second.locator("#earlier").wait_for()
        second.click("#register")
        assert "has been used" in second.locator("#result").inner_text()
    else:
        second.locator("#result[data-outcome=registered]").wait_for()
    assert len(playback.requests_to("registration")) == 1
    terminal.send(ENTER)
    assert terminal.wait() == 0
    context.close()
