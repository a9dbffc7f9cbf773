"""Firefox as Debian builds it, spoken to directly in WebDriver BiDi (w3.org/TR/webdriver-bidi)."""

import contextlib
import itertools
import json
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tests.support.parts import require
from tests.support.processes import Running

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

NAMES: Final = ("firefox-esr", "firefox")
_LISTENING: Final = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# Of the whole window: its page is about 900 px high.
_WINDOW: Final = {"MOZ_HEADLESS_WIDTH": "1280", "MOZ_HEADLESS_HEIGHT": "986"}
_QUIET: Final[dict[str, Any]] = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.provider.mozilla.updateURL": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.disable_open_during_load": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "remote.prefs.recommended": True,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}


class ScriptError(Exception):
    """The browser refused a command, or a script in it failed."""


class Firefox:
    """A headless Firefox with a profile of its own, until the context ends.

    Args:
        folder: where its profile is made.
        preferences: beyond those that keep it quiet.
    """

    def __init__(self, folder: Path, preferences: Mapping[str, Any]) -> None:
        self._folder = folder
        self._preferences = {**_QUIET, **preferences}
        self._numbers = itertools.count(1)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        program = next((found for name in NAMES if (found := shutil.which(name))), None)
        require("Firefox", program is not None, f"looked for {', '.join(NAMES)}")
        profile = self._folder / "firefox"
        profile.mkdir(parents=True)
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
            for name, value in self._preferences.items()
        )
        (profile / "user.js").write_text("".join(lines))
        home = self._folder / "firefox-home"
        home.mkdir()
        self._running = Running(
            [
                *(program or "firefox", "--headless", "--no-remote", "--profile", str(profile)),
                *("--remote-debugging-port", "0", "about:blank"),
            ],
            env={"PATH": "/usr/bin:/bin", "HOME": str(home), "MOZ_HEADLESS": "1", **_WINDOW},
            cwd=self._folder,
        )
        self._open.callback(self._running.close)
        try:
            self._connect()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_failure: object) -> None:
        self._open.close()

    def _connect(self) -> None:
        from websockets.sync.client import connect

        line = self._running.wait_for_line("WebDriver BiDi listening", timeout=60)
        found = _LISTENING.search(line)
        assert found is not None
        self._socket: ClientConnection = self._open.enter_context(
            connect(f"{found[1]}/session", max_size=None, proxy=None)
        )
        self.call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})

    def call(self, method: str, **parameters: Any) -> Any:
        """One command and its result; events that come before it are passed over."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=30))
            if answer.get("id") == number:
                if answer["type"] != "success":
                    raise ScriptError(f"{method}: {answer}")
                return answer["result"]

    def pages(self) -> list["Context"]:
        """The tabs and windows."""
        found = self.call("browsingContext.getTree")["contexts"]
        return [Context(self, each["context"]) for each in found]

    def new_page(self) -> "Context":
        return Context(self, self.call("browsingContext.create", type="tab")["context"])


class Context:
    """A tab, a window or a frame."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self.firefox = firefox
        self.id = context

    def goto(self, url: str) -> None:
        self.firefox.call("browsingContext.navigate", context=self.id, url=url, wait="complete")

    def evaluate(self, script: str) -> Any:
        """The value of an expression, as JSON can hold it."""
        result = self.firefox.call(
            "script.evaluate",
            expression=f"JSON.stringify({script}) ?? 'null'",
            target={"context": self.id},
            awaitPromise=True,
            userActivation=True,
        )
        if result["type"] != "success":
            raise ScriptError(str(result))
        return json.loads(result["result"]["value"])

    def frames(self) -> list["Context"]:
        (tree,) = self.firefox.call("browsingContext.getTree", root=self.id)["contexts"]
        return [Context(self.firefox, each["context"]) for each in tree["children"]]

    def url(self) -> str:
        (tree,) = self.firefox.call("browsingContext.getTree", root=self.id)["contexts"]
        return str(tree["url"])

    def wait_for(self, expression: str, timeout: float = 15) -> Any:
        """Wait until it is true; between pages nothing is."""
        end = time.monotonic() + timeout
        while True:
            try:
                found = self.evaluate(expression)
            except ScriptError as error:
                found, problem = None, str(error)
            else:
                problem = repr(found)
            if found:
                return found
            if time.monotonic() >= end:
                raise TimeoutError(f"{expression} is not true in {timeout} s: {problem}")
            time.sleep(0.05)
