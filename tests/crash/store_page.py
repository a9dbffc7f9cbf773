"""The callback server's page on a shared store that fails: what the administrator sees is true."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from tests.support.playback import PlaybackPlatform
from tests.support.processes import as_event
from tests.support.visit import Admin, Form, outcome

from .store_faults import Ended, Office, Scene, UnderWay
from .store_scenes import client_of, registered

NAME = "register on the page"
_TRIES = 3
_LISTEN = ("register", "--org", "acme", "--port", "0", "--allow-private", "--json")
Shown = list[str]


def page_scene(platform: PlaybackPlatform) -> Scene:
    """Register on the page, which ``register`` serves until somebody has registered."""

    def register(under_way: UnderWay) -> None:
        url = _address(under_way)
        admin = Admin(platform.url("configuration"), under_way.office.token)
        for _ in range(_TRIES if url else 0):
            with suppress(httpx.TransportError):  # it was killed
                _press_register(admin, url, under_way.ticket)
            if under_way.over.is_set() or under_way.ticket:
                break
        if "registered" not in under_way.ticket:
            under_way.interrupt()

    return Scene(
        NAME,
        lambda _office, _ticket: (_LISTEN, ""),
        _judge(registered(platform)),
        lambda _: Shown(),
        register,
    )


def _address(under_way: UnderWay) -> str:
    """The registration URL, empty if the run ends before it listens."""
    stderr = under_way.office.folder / "streams" / "stderr"
    while not under_way.over.is_set():
        with suppress(OSError):
            events = [as_event(line) or {} for line in stderr.read_text().splitlines()]
            urls = [str(each["url"]) for each in events if each.get("event") == "listening"]
            if urls:
                return urls[0]
        time.sleep(0.005)
    return ""


def _press_register(admin: Admin, url: str, shown: Shown) -> None:
    """Open the page, press Register if it has a form, and note the outcome that it shows."""
    page = admin.open(url)
    if Form(page.text).action:
        page = admin.press(page)
    if outcome(page):
        shown.append(outcome(page))


def _judge(settle: Callable[[Ended], list[str]]) -> Callable[[Ended], list[str]]:
    """The page showed the truth, and nothing is lost."""

    def judge(ended: Ended) -> list[str]:
        wrong = _untrue(ended)
        return wrong + settle(ended) + _invitations(ended.office)

    return judge


def _untrue(ended: Ended) -> list[str]:
    """Compare the outcome on the page with the integrations stored at that moment."""
    stored = {each.client_id for each in ended.office.profile.integrations.all()}
    there = client_of(ended.office.token) in stored
    shown: Any = ended.ticket
    wrong = [] if there or "registered" not in shown else [f"success was shown: {ended.done}"]
    if ended.fault.passes and shown != ["registered"]:
        wrong.append(f"the page showed {shown}: {ended.done}")
    return wrong


def _invitations(office: Office) -> list[str]:
    """An invitation is spent by an integration that is there, and by nothing else."""
    known = set(office.profile.integrations.ids())
    spent = [each.spent_by for each in office.profile.invitations.all() if each.spent_by]
    return [f"spent by {each}, which is not there" for each in spent if each not in known]
