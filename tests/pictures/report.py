"""The first screen of a report of 200 integrations, in each look, for people to judge."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from ltictl.cli.render.report_page import render_report
from ltictl.model.integration import Integration, Status
from ltictl.model.record import replace
from ltictl.operations.context import Context, utc_now
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.operations.overview import read_overview
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.browser import browser, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_COUNT: Final = 200
_EACH_FAILING: Final = 15  # one of so many, where there are problems
Look = Literal["light", "dark", "print"]
_LOOKS: Final[tuple[Look, ...]] = ("light", "dark", "print")


def draw_report(folder: Path, scratch: Path) -> list[Path]:
    """Draw the report of a healthy profile and of one with problems, in each look."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        return [
            _draw(chromium, html, look, folder / f"report-{name}-{look}.png")
            for name, failing in (("healthy", 0), ("problems", _EACH_FAILING))
            for html in [_report(scratch / name, failing)]
            for look in _LOOKS
        ]


def _report(folder: Path, failing: int) -> str:
    context = Context(Profile(folder))
    initialise(context, name="Example Tool", url="https://tool.example.com")
    for number in range(_COUNT):
        slug = f"school-{number:03}"
        add_organization(context, slug, f"School {number}")
        wrong = failing > 0 and number % failing == 0
        context.profile.integrations.add(_integration(slug, number, wrong=wrong))
    return render_report(read_overview(context), str)


def _integration(slug: str, number: int, *, wrong: bool) -> Integration:
    made, now = things.integration(f"{slug}-moodle"), utc_now()
    return replace(
        made,
        organization=slug,
        platform=replace(made.platform, version="4.5"),
        client_id=f"client-{number}",
        status=Status.ACTIVE,
        created_at=now - timedelta(days=number * 3),
        verified_at=now,
        problems=("token: the LMS refused the signing key",) if wrong else (),
    )


def _draw(chromium: "Browser", html: str, look: Look, path: Path) -> Path:
    scheme: Literal["light", "dark"] = "dark" if look == "dark" else "light"
    with page(chromium, color_scheme=scheme, viewport={"width": 1000, "height": 1400}) as tab:
        if look == "print":
            tab.emulate_media(media="print")
        tab.set_content(html)
        tab.screenshot(path=path, animations="disabled")
    return path
