"""The played LMSs' pages use the words and the order of the real ones."""

import pytest

from ltictl.sandbox.family import Like
from tests.support import browser
from tests.support.accessibility import violations

from .conftest import MakeSchool

ORDER = {
    Like.MOODLE: ("Manage tools", "Tool URL", "Add LTI Advantage", "Activate"),
    Like.CANVAS: (
        *("Apps", "Admin > Apps > Manage > Install a New App", "Install Method"),
        *("Dynamic Registration", "Dynamic Registration URL", "Next"),
        *("Permissions", "Data Sharing", "Placements", "Enable & Close"),
    ),
    Like.BRIGHTSPACE: (
        *("LTI Advantage", "Admin tools > Manage Extensibility > LTI Advantage > Register Tool"),
        *("Dynamic", "Tool initiation registration endpoint", "Register", "Configure Deployment"),
        *("Disabled", "Enable"),
    ),
}
BUTTONS = ".panel button, .panel .button, .panel input:not([type=hidden])"
OUTSIDE = """selector => [...document.querySelectorAll(selector)].filter(each => {
  const inner = each.getBoundingClientRect();
  const outer = each.closest(".panel").getBoundingClientRect();
  return inner.left < outer.left || inner.right > outer.right || inner.bottom > outer.bottom;
}).map(each => each.outerHTML)"""


@pytest.mark.parametrize("like", list(ORDER))
def test_the_pages_of_a_played_lms(school_like: MakeSchool, like: Like) -> None:
    school = school_like(like)
    stored = school.register(school.start()).integration
    if like is Like.CANVAS:  # the widest row of buttons: an update waits
        school.sandbox.lms.activate(stored.deployments[0].id)
        school.register(school.updating(stored.deployments[0].id))
        school.register(school.start())

    with browser.browser() as chromium, browser.page(chromium) as page:
        for width in (320, 700, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(school.sandbox.admin_url)

            assert page.evaluate(OUTSIDE, BUTTONS) == [], width
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width
        words = page.locator("body").inner_text()
        found = violations(page)

    at = 0
    for each in ORDER[like]:
        assert each in words[at:], each
        at += words[at:].index(each)
    assert found == []
