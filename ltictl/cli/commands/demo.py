"""The demo: ltictl plays both the tool and the LMS administrator, with real requests."""

import socket
import tempfile
import threading
from contextlib import closing
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ltictl.cli.render.output import Output
from ltictl.errors import ExitCode, LtictlError
from ltictl.model.integration import Integration
from ltictl.model.profile import KeyPolicy
from ltictl.model.signing_key import KeyState
from ltictl.net.policy import GuardPolicy
from ltictl.operations.checks.checks import Verdict
from ltictl.operations.checks.verify import verify
from ltictl.operations.context import Context
from ltictl.operations.events import (
    Event,
    Inbox,
    KeyPressed,
    ListeningBegan,
    SecondPassed,
    StopRequest,
)
from ltictl.operations.organizations import add_organization
from ltictl.operations.registration.listen import Listening
from ltictl.operations.registration.listening_order import ListeningOrder
from ltictl.operations.registration.reach import Reach
from ltictl.operations.signing import add_key
from ltictl.operations.switch import activate
from ltictl.sandbox.server import Sandbox
from ltictl.store.profile import Profile

if TYPE_CHECKING:
    import httpx

_PATIENCE = timedelta(seconds=30)
_WHO = 22  # cells of the column that names the person or program


def play(output: Output) -> Integration:
    """Play the demo and return the integration that it leaves.

    Raises:
        LtictlError: a step failed.
    """
    with tempfile.TemporaryDirectory(prefix="ltictl-demo-") as folder, Sandbox() as lms:
        return _Story(output, Path(folder) / "profile", lms).tell()


class _Story:
    def __init__(self, output: Output, folder: Path, lms: Sandbox) -> None:
        self._output = output
        self._lms = lms
        self._policy = GuardPolicy(allow_private=True)
        self._inbox: Inbox = Inbox()
        self._listening = threading.Event()
        self._url = ""
        # The tool's address stands in profile.toml before anything listens there.
        self._port = _free_port()
        self._context = Context(Profile(folder))
        self._failure: LtictlError | None = None

    def tell(self) -> Integration:
        self._set_up()
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        try:
            self._administrator()
            return self._verify()
        finally:
            self._inbox.put(StopRequest(ExitCode.INTERRUPTED))
            thread.join(5)

    def _say(self, who: str, what: str) -> None:
        self._output.note(f"  {who:{_WHO}} {what}", hanging=_WHO + 1)

    def _set_up(self) -> None:
        tool = f"http://127.0.0.1:{self._port}"
        self._context.profile.create(
            f"""schema = 1
[tool]
name = "Example Tool"
url = "{tool}"
jwks_uri = "{tool}/jwks.json"
"""
        )
        add_key(self._context, KeyPolicy(), KeyState.CURRENT)
        self._say("you", "ltictl init --name 'Example Tool' --url ...")
        add_organization(self._context, "acme", "Acme School")
        self._say("you", "ltictl org add acme --name 'Acme School'")

    def _listen(self) -> None:
        wanted = ListeningOrder(
            host="127.0.0.1",
            port=self._port,
            public_url="",
            organization="acme",
            timeout=_PATIENCE,
            count=0,
        )
        reach = Reach(self._policy)
        listening = Listening(self._context, wanted, reach, self._inbox, self._hear)
        try:
            with closing(listening):
                listening.run()
        except LtictlError as error:
            self._failure = error
            self._listening.set()

    def _hear(self, event: Event | SecondPassed | KeyPressed) -> None:
        if isinstance(event, ListeningBegan):
            self._url = event.url or ""
            self._listening.set()

    def _administrator(self) -> None:
        """Send the requests that an LMS administrator's browser would send."""
        import httpx

        self._listening.wait(_PATIENCE.total_seconds())
        if self._failure is not None:
            raise self._failure
        self._say("you", "ltictl register --org acme")
        self._say("ltictl", "prints a one-time URL for the LMS administrator")
        # No proxy of the environment: none leads back to this computer.
        with httpx.Client(
            trust_env=False, timeout=_PATIENCE.total_seconds(), follow_redirects=True
        ) as browser:
            self._say("LMS administrator", "pastes it into the LMS, presses 'Add LTI Advantage'")
            page = browser.get(self._lms.lms.start_registration(self._url))
            self._say("ltictl", "shows the LMS, the organization and the permissions")
            self._say("LMS administrator", "presses Register")
            self._register(browser, page)
        tool = self._lms.lms.tools()[-1]
        self._say("the LMS", f"has the tool, {tool.state.value}: client_id {tool.client_id}")
        self._lms.lms.activate(tool.deployment_id)
        self._say("LMS administrator", "presses Activate in the LMS")

    def _register(self, browser: "httpx.Client", page: "httpx.Response") -> None:
        form = _PageForm(page.text)
        if not form.action:
            raise _went_wrong("the page has no form")
        origin = urlsplit(self._url)
        answer = browser.post(
            f"{origin.scheme}://{origin.netloc}{form.action}",
            data={**form.fields, "action": "register"},
        )
        if 'data-outcome="registered"' not in answer.text:
            raise _went_wrong("the LMS did not register the tool")
        self._say("ltictl", "saved the reply to disk, then showed the result")

    def _verify(self) -> Integration:
        activate(self._context, ["acme-moodle"])
        self._say("you", "ltictl activate acme-moodle")
        (found,) = verify(self._context, self._policy, ["acme-moodle"])
        if found.result is not Verdict.PASS:
            raise _went_wrong(", ".join(each.detail for each in found.checks))
        self._say("you", "ltictl verify acme-moodle")
        self._say("ltictl", "requested a token with its own key, and the LMS granted it")
        self._say("you", "ltictl list")
        return self._context.profile.integrations.get("acme-moodle")


def _went_wrong(what: str) -> LtictlError:
    return LtictlError("demo_failed", f"The demo did not go as it should: {what}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _PageForm(HTMLParser):
    """The form of a page: its target address and its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.action = values.get("action") or ""
        elif tag == "input" and values.get("name"):
            self.fields[str(values["name"])] = values.get("value") or ""
