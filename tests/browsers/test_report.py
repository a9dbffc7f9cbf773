"""The report in Chromium: nothing is requested, foreign text stays text, axe finds nothing."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ltictl.cli.render.plots import PLOT_HEIGHT, WIDTH, bars, time_line
from ltictl.model.integration import Status
from ltictl.model.record import replace
from ltictl.operations.context import Context, utc_now
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.operations.overview import Month, read_overview
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.accessibility import violations
from tests.support.cli import Ltictl

if TYPE_CHECKING:
    from playwright.sync_api import Page

HOSTILE = '"><img src=x onerror="window.canary=1"><script>window.canary=1</script>{{ 7*7 }}'


@pytest.fixture
def context(ltictl: Ltictl) -> Context:
    """A profile with integrations in every state, and hostile words wherever they may stand."""
    context = Context(Profile(ltictl.home.ltictl_home / "profiles" / "default"))
    initialise(context, name=HOSTILE, url="https://tool.invalid")
    add_organization(context, "acme", HOSTILE)
    add_organization(context, "idle", "Idle <b>School</b>")
    made, now = things.integration("acme-moodle"), utc_now()
    platform = replace(made.platform, version=HOSTILE, family="moodle")
    for number, changes in enumerate[dict[str, Any]](
        (
            {"verified_at": now, "status": Status.ACTIVE},
            {"problems": (f"token: {HOSTILE}",), "verified_at": now - timedelta(days=3)},
            {"status": Status.DISABLED, "created_at": now - timedelta(days=70)},
        )
    ):
        context.profile.integrations.add(
            replace(
                made,
                **{
                    "id": f"acme-moodle-{number}",
                    "client_id": f"client-{number}",
                    "platform": platform,
                    "created_at": now,
                    "problems": (),
                    "verified_at": None,
                    **changes,
                },
            )
        )
    ltictl("rotate-keys", "--allow-private").assert_success()
    return context


@pytest.fixture
def report(ltictl: Ltictl, context: Context, tmp_path: Path) -> Path:
    assert context.profile.exists()
    file = tmp_path / "report.html"
    ltictl("report", "--output", str(file)).assert_success()
    return file


@pytest.fixture
def requests(chromium_page: "Page") -> list[str]:
    asked: list[str] = []
    chromium_page.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.fixture
def opened(chromium_page: "Page", report: Path, requests: list[str]) -> "Page":
    del requests  # they are counted from the first one on
    chromium_page.goto(report.as_uri())
    return chromium_page


def test_the_page_loads_nothing_else(opened: "Page", requests: list[str], report: Path) -> None:
    opened.mouse.wheel(0, 5000)
    opened.wait_for_load_state("networkidle")
    assert requests == [report.as_uri()]


def test_foreign_text_stays_text(opened: "Page") -> None:
    assert opened.evaluate("window.canary") is None
    assert opened.locator("img, script, b:not(.numbers b)").count() == 0
    heading = opened.locator("h1").inner_text()
    assert heading == f"LTI integrations of {HOSTILE}"
    assert HOSTILE in opened.locator("#integrations").inner_text()


def test_it_shows_states_proofs_and_next_steps(opened: "Page") -> None:
    rows = opened.locator("#integrations tbody tr")

    assert rows.count() == 3
    assert "works" in rows.nth(0).inner_text()
    assert "failing" in rows.nth(1).inner_text()
    assert "never verified" in rows.nth(2).inner_text()
    assert "Idle <b>School</b>" in opened.locator("#integrations").inner_text()
    assert "ltictl verify acme-moodle-1" in opened.locator("#attention").inner_text()
    subjects = opened.locator("#attention tbody th").all_inner_texts()
    assert len(subjects) == len(set(subjects))  # one row each, with all its reasons
    numbers = " ".join(opened.locator(".numbers").inner_text().split())
    assert f"{len(subjects)} to look after" in numbers
    assert "may sign" in opened.locator("#keys ol").inner_text()
    assert opened.locator("#registrations rect").count() == 2


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_axe_finds_nothing(opened: "Page", scheme: Any, width: int) -> None:
    opened.emulate_media(color_scheme=scheme)
    opened.set_viewport_size({"width": width, "height": 800})

    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(opened) == []


def test_on_paper_it_is_dark_on_white(opened: "Page") -> None:
    opened.emulate_media(media="print", color_scheme="dark")

    colours = opened.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_an_empty_profile_has_a_report(ltictl: Ltictl) -> None:
    ltictl("init", "--name", "Tool", "--url", "https://tool.invalid").assert_success()

    done = ltictl("report")

    assert done.code == 0
    assert "No integration yet." in done.stdout
    assert "Nothing needs a person." in done.stdout
    assert "http" not in done.stdout.replace("http-equiv", "")


def test_a_damaged_document_is_named(ltictl: Ltictl, context: Context) -> None:
    (context.profile.root / "integrations" / "acme-moodle-0.toml").write_text("= nonsense")

    done = ltictl("report", "--json")

    assert done.code == 0
    assert any("acme-moodle-0" in each for each in done.json["warnings"])
    assert "acme-moodle-0.toml" in done.data["html"]


def test_months_without_a_registration_are_shown(context: Context) -> None:
    months = read_overview(context).months

    assert len(months) == 12
    assert [each.registrations for each in months].count(0) == 10
    assert sum(each.registrations for each in months) == 3
    assert [each.name for each in months] == sorted(each.name for each in months)


def test_the_drawings_stay_inside_their_frames(context: Context) -> None:
    seen = read_overview(context)
    line = time_line(seen.keys, seen.now)
    spans = [span for lane in line.lanes for span in lane.spans]

    assert all(each.x >= 0 and each.x + each.width <= WIDTH for each in spans)
    assert 0 < line.now < WIDTH
    assert {"next", "current"} <= {each.state for each in spans}
    assert {bar.height for bar in bars((Month("2026-01", 0), Month("2026-02", 4)))} == {
        0.0,
        float(PLOT_HEIGHT),
    }
