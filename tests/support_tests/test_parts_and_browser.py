"""Missing parts skip or fail, and the browser opens a page of a platform on this machine."""

from typing import TYPE_CHECKING

import pytest

from tests.support.answers import Answer
from tests.support.parts import require
from tests.support.playback import PlaybackPlatform

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_present_part_is_no_reason_to_skip() -> None:
    try:
        require("Chromium", present=True)
    except pytest.skip.Exception as skipped:
        pytest.fail(f"skipped: {skipped}")


def test_a_missing_part_skips_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LTICTL_TEST_REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="node is not there; install it"):
        require("node", present=False, hint="install it")


def test_a_missing_part_fails_where_all_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTICTL_TEST_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="node is not there"):
        require("node", present=False)


def test_a_page_is_opened(chromium_page: "Page", playback: PlaybackPlatform) -> None:
    script = "<script>document.getElementById('at').textContent = 'scripted'</script>"
    playback.on("/page", Answer.text(f"<title>Hello</title><p id=at>plain</p>{script}"))

    chromium_page.goto(playback.url("/page"))

    assert chromium_page.title() == "Hello"
    assert chromium_page.locator("#at").inner_text() == "scripted"
    assert "HeadlessChrome" in playback.requests[0].headers["user-agent"]


def test_each_page_starts_without_cookies(
    chromium_page: "Page", playback: PlaybackPlatform
) -> None:
    playback.on("/page", Answer(200, {"Set-Cookie": "seen=1"}, b"ok"))

    for _ in range(2):
        chromium_page.goto(playback.url("/page"))

    assert [request.headers.get("cookie") for request in playback.requests_to("/page")] == [
        None,
        "seen=1",
    ]
