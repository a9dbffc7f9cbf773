"""An LMS administrator without a browser: opens registration URLs and presses buttons."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx

from tests.support.cli import Ltictl
from tests.support.processes import Finished, Running

HEADLESS = ("register", "--org", "acme", "--yes", "--allow-private")


class Form(HTMLParser):
    """The first form of a page: where it posts to, its fields, the options of its selects."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.options: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = values.get("action", "")
        elif tag == "option":
            self.options.append(values.get("value", ""))
        elif tag == "input" and values.get("name") and self._counts(values):
            self.fields[values["name"]] = values.get("value", "")

    @staticmethod
    def _counts(values: dict[str, str]) -> bool:
        return values.get("type") != "radio" or "checked" in values


class Admin:
    """One administrator.

    Args:
        configuration: the ``openid_configuration`` that the LMS adds.
        token: the ``registration_token`` that the LMS adds; empty for none.
    """

    def __init__(self, configuration: str, token: str = "the-token") -> None:  # noqa: S107  no secret
        self.parameters = {"openid_configuration": configuration}
        if token:
            self.parameters["registration_token"] = token

    def address(self, url: str) -> str:
        """The address that the LMS opens for the pasted ``url``."""
        return f"{url}&{urlencode(self.parameters)}"

    def open(self, url: str) -> httpx.Response:
        return httpx.get(self.address(url), trust_env=False, timeout=20, follow_redirects=True)

    @staticmethod
    def press(page: httpx.Response, button: str = "register", **fields: str) -> httpx.Response:
        """Press a button of the form on ``page``; ``fields`` are filled in before."""
        form = Form(page.text)
        assert form.action, f"no form on the page:\n{words(page)}"
        target = urljoin(str(page.url), form.action)
        data = {**form.fields, **fields, "action": button}
        return httpx.post(target, data=data, trust_env=False, timeout=20)


def outcome(page: httpx.Response) -> str:
    """``data-outcome`` of a result page, empty on any other page."""
    found = re.search(r'data-outcome="(\w+)"', page.text)
    return found[1] if found else ""


def words(page: httpx.Response) -> str:
    """The page's text, without the style sheet."""
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def listening(ltictl: Ltictl, *args: str, org: str = "acme") -> tuple[Running, str]:
    """``register`` under way, waiting, and the URL that it printed first."""
    wait = () if "--timeout" in args or "--forever" in args else ("--timeout", "60s")
    chosen = ("--org", org) if org else ()
    running = ltictl.start(
        "register", *chosen, "--port", "0", "--allow-private", "--json", *wait, *args
    )
    event = running.next_event()
    if event["event"] != "listening":
        raise ValueError(f"the first event is {event}")
    return running, str(event["url"])


def issued(ltictl: Ltictl, running_url: str, *args: str) -> str:
    """A further invitation's URL, at the address where ``register`` listens."""
    base = running_url.partition("?")[0]
    done = ltictl("registration-url", "--public-url", base, "--json", *args)
    return str(done.data["url"])


def headless(
    ltictl: Ltictl,
    configuration: str,
    *args: str,
    token: str = "tok",  # noqa: S107  no secret
    **how: Any,
) -> Finished:
    """Register without a browser."""
    source = () if token == "" else ("--registration-token-file", "-")
    given = (*HEADLESS, "--openid-configuration", configuration, *source, *args)
    return ltictl(*given, input=token, **how)


def tree(profile: Path) -> dict[str, bytes]:
    """Every document of a profile, without locks and their notes."""
    return {
        path.relative_to(profile).as_posix(): path.read_bytes()
        for path in sorted(profile.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock")
    }
