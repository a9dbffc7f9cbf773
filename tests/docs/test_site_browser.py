"""The site in a real browser: useful search results; pages light, steady and accessible."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.accessibility import violations
from tests.support.browser import browser, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

# What newcomers ask, and the page that the search must name first.
QUESTIONS = {
    "lost laptop": "how-to/situations/lost-laptop",
    "audit": "how-to/situations/audit",
    "issuer changed": "how-to/situations/lms-moved",
    "systemd": "how-to/systemd",
    "502": "how-to/behind-a-proxy",
    "nothing happens": "how-to/no-lms-connects",
    "empty frame": "how-to/no-lms-connects",
    "install on macOS": "how-to/install",
    "first registration": "tutorial/moodle",
    "canvas token": "how-to/ci",
    "github actions": "how-to/ci-provisioning",
    "key rotation": "how-to/rotate-keys",
    "private key leaked": "how-to/rotate-keys",
    "interrupted registration": "how-to/recover",
    "restore backup": "how-to/back-up",
    "exit code 5": "reference/exit-codes",
    "json schema": "reference/json",
    "ngrok tunnel": "how-to/other-computer",
    "pylti1p3": "how-to/runtimes/pylti1p3",
    "environment variable": "reference/environment",
    "run as a service": "how-to/service",
    "prometheus metrics": "how-to/monitoring",
    "mail template": "reference/profile",
    "notified of problems": "how-to/upkeep",
    "who changed": "how-to/log",
    "history of changes": "how-to/log",
    "edit endpoint": "how-to/upkeep",
    "removed by mistake": "how-to/upkeep",
    "reload the service": "how-to/service",
    "moved to new address": "how-to/situations/lms-moved",
    "LMS upgraded": "how-to/situations/lms-upgraded",
    "erase a school": "how-to/situations/school-leaves",
    "refresh endpoints": "how-to/situations/lms-upgraded",
    "data protection": "how-to/situations/school-leaves",
    "launch has no kid": "how-to/questions",
    "trailing slash": "how-to/questions",
}
PAGES = (
    "index",
    "tutorial/moodle",
    "how-to/install",
    "how-to/lms/moodle",
    "how-to/ci-provisioning",
    "how-to/situations/audit",
    "reference/commands",
    "reference/errors",
    "explanation/how-registration-works",
    "explanation/performance",
)
MOST_BYTES = 1_500_000
# Of Core Web Vitals: up to here a page counts as steady.
STEADY = 0.1

_FOCUS_ON_SEARCH = """() => {
  const hosts = [...document.body.children].filter(each => each.shadowRoot);
  const input = hosts.map(each => each.shadowRoot.querySelector('input')).find(each => each);
  input?.focus();
  return Boolean(input);
}"""
_LINKS = """[...document.body.children].filter(each => each.shadowRoot)
  .flatMap(each => [...each.shadowRoot.querySelectorAll('a[href]')])
  .filter(each => new URL(each.href).searchParams.has('h'))"""
# All words at once: half a word has results of its own.
_ASK = """words => {
  const hosts = [...document.body.children].filter(each => each.shadowRoot);
  const input = hosts.map(each => each.shadowRoot.querySelector('input')).find(each => each);
  input.value = words;
  input.dispatchEvent(new InputEvent('input', {bubbles: true}));
}"""
# Results carry the words that were looked for.
_FIRST_HIT = f"""words => {{
  const hit = ({_LINKS}).find(each => new URL(each.href).searchParams.get('h') === words);
  return hit ? new URL(hit.href).pathname : '';
}}"""
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_SHIFT = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(each => { sum += each.value; }))
    .observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
})"""
_BROKEN_NAMES = """() => [...document.querySelectorAll('td:first-child > code')]
  .filter(each => !/[ -]/.test(each.textContent) && each.getClientRects().length > 1)
  .map(each => each.textContent)"""


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    with browser() as started:
        yield started


@pytest.fixture(scope="module")
def searching(chromium: "Browser", served: str) -> Iterator["Page"]:
    """A page whose search is open."""
    with page(chromium) as fresh:
        fresh.goto(f"{served}/index.html")
        fresh.keyboard.press("Control+k")
        fresh.wait_for_function(_FOCUS_ON_SEARCH, timeout=60_000)
        yield fresh


@pytest.mark.parametrize("question", QUESTIONS)
def test_search_finds(question: str, searching: "Page") -> None:
    searching.evaluate(_ASK, "")
    searching.wait_for_function(f"() => !({_LINKS}).length")
    searching.evaluate(_ASK, question)
    hit = searching.wait_for_function(_FIRST_HIT, arg=question, timeout=20_000).json_value()

    assert hit == f"/{QUESTIONS[question]}.html"


@pytest.mark.parametrize("name", PAGES)
def test_page_is_light_steady_and_accessible(name: str, chromium: "Browser", served: str) -> None:
    with page(chromium) as tab:
        loaded: list[str] = []
        sizes: list[int] = []
        tab.on("request", lambda request: loaded.append(request.url))
        tab.on("response", lambda response: sizes.append(len(response.body())))
        # The worst case: each picture comes when the text has been laid out already.
        held: list[Route] = []
        tab.route("**/pictures/*", lambda route: held.append(route))  # noqa: PLW0108  has to be Python
        tab.goto(f"{served}/{name}.html", wait_until="domcontentloaded")
        tab.evaluate(_DRAWN)
        for picture in held:
            picture.continue_()
        tab.wait_for_load_state("networkidle")
        shift = tab.evaluate(_SHIFT)

        assert all(each.startswith((served, "blob:", "data:")) for each in loaded)
        assert 10_000 < sum(sizes) < MOST_BYTES
        assert shift < STEADY
        assert tab.evaluate(_BROKEN_NAMES) == []
        # Zensical puts each copy button into a <nav> of its own, without a name.
        assert violations(tab, without="landmark-unique") == []
