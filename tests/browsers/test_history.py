"""No page leaves the LMS's token, or the invitation's secret, in the browser's history."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import Admin, issued, listening

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOKEN = "canary-of-the-token"
ADDRESSES: dict[str, Callable[[str, str], str]] = {
    "the form": lambda url, lms: Admin(lms, TOKEN).address(url),
    "an LMS that cannot be reached": lambda url, _: Admin("http://127.0.0.1:1/", TOKEN).address(
        url
    ),
    "a link that was clicked": lambda url, _: url,
    "a link of somebody else": lambda url, lms: Admin(lms, TOKEN).address(url[:-4] + "zzzz"),
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_the_history_holds_no_secret(
    acme: Ltictl,
    chromium: "Browser",
    playback: PlaybackPlatform,
    address: Callable[[str, str], str],
) -> None:
    running, url = listening(acme)
    page = chromium.new_page()
    page.goto(address(url, playback.url("configuration")))
    page.locator("h1").wait_for()

    assert_no_secret_in_history(page, url)
    running.close()


def test_nor_does_a_revoked_link(
    acme: Ltictl, chromium: "Browser", playback: PlaybackPlatform
) -> None:
    running, url = listening(acme, "--forever")
    other = issued(acme, url, "--org", "acme")
    assert acme("invitation", "revoke", other.partition("?t=")[2].partition(".")[0]).code == 0
    page = chromium.new_page()
    page.goto(Admin(playback.url("configuration"), TOKEN).address(other))
    page.locator("h1").wait_for()

    assert_no_secret_in_history(page, other)
    running.close()


def assert_no_secret_in_history(page: object, url: str) -> None:
    session = page.context.new_cdp_session(page)  # type: ignore[attr-defined]
    entries = session.send("Page.getNavigationHistory")["entries"]
    secret = url.partition("?t=")[2].partition(".")[2]
    assert any("?v=" in each["url"] for each in entries)
    assert not [each["url"] for each in entries if TOKEN in each["url"] or secret in each["url"]]
    page.close()  # type: ignore[attr-defined]
