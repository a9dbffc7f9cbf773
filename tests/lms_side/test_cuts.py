"""The answer to each change is cut off anywhere: nothing is lost, and nothing is made twice."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ltictl.errors import NeedsRecoveryError
from ltictl.model.lms_side import LmsAction
from ltictl.model.record import replace
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.operations.context import Context
from ltictl.operations.lms_side.change_intent import intent_of
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.tokens import GivenToken
from ltictl.operations.lms_side.via_lms import STARTED, Order, site_of_order
from ltictl.operations.registration.headless import inspect_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan, register_once
from ltictl.operations.switch import remove_records
from ltictl.platforms.administration import Start
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.canvas_account import DYNAMIC, NEXT, TABLE
from ltictl.sandbox.server import Sandbox
from tests.support.answers import Answer, ReceivedRequest
from tests.support.exact_server import ExactServer

from .conftest import Done, Run

ID = "acme-canvas"
# How much of an answer comes through, as a share of head and body; 0: nothing at all. Where a
# proxy puts a page in its place, it is less than nothing.
CUTS = [0.0, 0.9]
PAGE = -1.0


class Proxy:
    """Stands before the embedded LMS, passes everything on, and cuts one answer to a change."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.cut: float | None = None
        self.path = ""
        self.changes: list[str] = []
        self.server = ExactServer(self._answer, None)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def _answer(self, request: ReceivedRequest) -> Answer:
        query = f"?{request.query}" if request.query else ""
        headers = {n: v for n, v in request.headers.items() if n not in {"host", "content-length"}}
        got = httpx.request(
            request.method,
            f"{self._target}{request.path}{query}",
            headers=headers,
            content=request.body,
        )
        head = {n: v for n, v in got.headers.items() if n not in {"content-length", "date"}}
        answer = Answer(got.status_code, head, got.content)
        if request.method == "GET":
            return answer
        self.changes.append(request.path)
        if self.cut is None or not request.path.endswith(self.path):
            return answer
        share, self.cut = self.cut, None
        if share == PAGE:
            return Answer.text("<html>Log in</html>", content_type="text/html")
        size = sum(len(n) + len(v) for n, v in head.items()) + len(got.content)
        return Answer(got.status_code, head, got.content, close_after=int(size * share))


@pytest.fixture
def proxy(canvas: Sandbox) -> Iterator[Proxy]:
    found = Proxy(canvas.base_url)
    thread = threading.Thread(target=found.server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.server.stop()
    thread.join()


@dataclass
class World:
    """The commands of one profile, and the LMS that they reach through the proxy."""

    run: Run
    canvas: Sandbox
    administrator: Administrator
    proxy: Proxy
    token_file: str

    def via(self, *more: str) -> Done:
        """Run ``register --via-lms``."""
        return self.run(
            *("register", "--org", "acme", "--via-lms", "--platform", self.proxy.url, "--json"),
            *("--token-file", self.token_file, "--yes", *more),
        )

    def recovered(self) -> Done:
        """Run ``recover --probe`` with the token."""
        return self.run(
            *("recover", ID, "--probe", "--token-file", self.token_file),
            *("--platform", self.proxy.url, "--yes", "--json"),
        )

    def change(self, *command: str) -> Done:
        """Run a command of ``lms`` that changes something."""
        return self.run("lms", *command, ID, "--token-file", self.token_file, "--yes", "--json")


@pytest.fixture
def world(
    run: Run, canvas: Sandbox, administrator: Administrator, proxy: Proxy, token_file: str
) -> World:
    return World(run, canvas, administrator, proxy, token_file)


@pytest.mark.parametrize("cut", [*CUTS, PAGE])
@pytest.mark.parametrize(
    ("features", "path"),
    [
        ({TABLE, NEXT}, "/lti_registrations"),
        (set(), "/tool_configuration"),
    ],
    ids=["registrations", "developer keys"],
)
def test_a_tool_whose_answer_was_cut_off_is_found_again(
    world: World, features: set[str], path: str, cut: float
) -> None:
    world.administrator.features = features
    world.proxy.cut, world.proxy.path = cut, path

    lost = world.via()
    again = world.via()
    settled = world.recovered()
    after = world.via()

    assert lost.code == 7, lost
    assert again.code == 7, "the unsettled one stops the next"
    assert settled.code == 0, settled
    (tool,) = world.canvas.lms.tools()
    assert settled.data["integrations"][0]["client_id"] == tool.client_id
    assert (after.code, len(world.canvas.lms.tools())) == (0, 1)


CHANGES = [
    pytest.param({DYNAMIC, TABLE, NEXT}, "activate", "/bind", id="bind"),
    pytest.param({DYNAMIC, TABLE, NEXT}, "deploy", "/controls/bulk", id="control"),
    pytest.param({TABLE, NEXT}, "deploy", "/deployments", id="deployment"),
    pytest.param({TABLE}, "deploy", "/external_tools", id="external tool"),
    pytest.param(set(), "activate", "/developer_key_account_bindings", id="binding"),
    pytest.param(set(), "activate", "/developer_keys/170000000000001", id="key"),
]


REMOVALS = [
    pytest.param({TABLE, NEXT}, "/lti_registrations/1", id="registration"),
    pytest.param(set(), "/developer_keys/170000000000001", id="developer key"),
]


@pytest.mark.parametrize("cut", [0.0, PAGE])
@pytest.mark.parametrize(("features", "path"), REMOVALS)
def test_a_removal_whose_answer_was_cut_off_is_settled_by_reading(
    world: World, features: set[str], path: str, cut: float
) -> None:
    world.administrator.features = features
    assert world.via().code == 0
    world.proxy.cut, world.proxy.path = cut, path
    remove = ("remove", ID, "--at-lms", "--token-file", world.token_file, "--yes", "--json")

    lost = world.run(*remove)
    kept = world.run("list", "--json").data
    again = world.run(*remove)
    sent = len(world.proxy.changes)
    settled = world.recovered()

    assert (lost.code, [each["id"] for each in kept["attempts"]]) == (7, [ID]), lost
    assert [each["id"] for each in kept["integrations"]] == [ID], "not forgotten unproved"
    assert again.code == 7, again
    assert (settled.code, len(world.proxy.changes)) == (0, sent), settled
    assert world.canvas.lms.tools() == ()
    after = world.run("list", "--json").data
    assert (after["attempts"], after["integrations"]) == ([], [])


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_removal_that_stopped_between_its_steps_is_settled(
    world: World, context: Context, *, forgotten: bool
) -> None:
    """The LMS deleted the tool or not; the profile forgot the integration only where it did."""
    assert world.via().code == 0
    integration = context.profile.integrations.get(ID)
    attempt = intent_of(context, integration, LmsAction.REMOVE, {}).attempt
    journal = context.profile.attempts.begin(replace(attempt, request='{"action": "remove"}'))
    journal.note_sent(context.now())
    journal.close()
    if forgotten:
        remove_records(context, ID)

    settled = world.recovered()

    assert settled.code == 0, settled
    assert context.profile.attempts.ids() == []
    assert context.profile.integrations.ids() == ([] if forgotten else [ID])
    assert len(world.canvas.lms.tools()) == 1, "settling deletes nothing"


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(("features", "command", "path"), CHANGES)
def test_a_change_whose_answer_was_cut_off_is_settled_by_reading(
    world: World, features: set[str], command: str, path: str, cut: float
) -> None:
    world.administrator.features = features
    assert world.via().code == 0
    world.proxy.cut, world.proxy.path = cut, path

    lost = world.change(command)
    sent = len(world.proxy.changes)
    listed = world.run("list", "--json")
    settled = world.recovered()

    assert (lost.code, len(listed.data["attempts"])) == (7, 1), lost
    assert listed.data["attempts"][0]["kind"] == "lms-change"
    assert settled.code == 0, settled
    assert len(world.proxy.changes) == sent, "settling changes nothing"
    assert world.run("list", "--json").data["attempts"] == []
    assert world.change(command).code == 0
    deployments = world.run(
        "lms", "deployments", ID, "--token-file", world.token_file, "--json"
    ).data
    assert len({each["id"] for each in deployments["deployments"]}) <= 1
    assert len({tool.client_id for tool in world.canvas.lms.tools()}) == 1


class LostError(Exception):
    """The answer did not come."""


@pytest.mark.parametrize("arrives", [True, False])
def test_a_registration_is_found_by_the_name_that_was_known_before_it(
    run: Run,
    context: Context,
    canvas: Sandbox,
    administrator: Administrator,
    token_file: str,
    *,
    arrives: bool,
) -> None:
    policy = GuardPolicy(allow_private=True)
    keyring = Keyring(context, policy, GivenToken(administrator.token, canvas.base_url))
    site = site_of_order(keyring, Order("acme", canvas.base_url))
    start = site.interface.start
    assert start is not None
    started = ask(site, start(Start("https://tool.invalid/register")))
    assert started is not None
    inspection = inspect_headless(
        context,
        Reach(policy),
        organization="acme",
        configuration_url=started.configuration_url,
        token=started.token,
    )
    plan = Plan("acme", "", inspection, started.token, handle=f"{STARTED}{started.handle}")

    def send(url: str, headers: dict[str, str], body: bytes, leaving: Callable[[], None]) -> Reply:
        leaving()
        if arrives:
            assert httpx.post(url, headers=headers, content=body).status_code == 200
        raise LostError

    with pytest.raises(NeedsRecoveryError):
        register_once(context, plan, send)
    settled = run("recover", ID, "--probe", "--token-file", token_file, "--yes", "--json")

    assert settled.code == 0, settled
    found = [each["client_id"] for each in settled.data["integrations"]]
    assert found == [each.client_id for each in canvas.lms.tools()]
    assert len(found) == int(arrives)
    assert context.profile.attempts.ids() == []


def test_a_change_without_a_token_is_left_as_it_is(world: World) -> None:
    world.via()
    world.proxy.cut, world.proxy.path = 0.0, "/bind"
    world.change("activate")

    done = world.run("recover", ID, "--probe", "--yes", "--json")

    assert (done.code, done.error) == (4, "lms_token_missing")
    assert len(world.run("list", "--json").data["attempts"]) == 1
    assert "--probe --token-file PATH" in world.run("recover", ID).stdout


def test_an_attempt_keeps_the_intended_change_and_no_token(world: World, context: Context) -> None:
    world.via()
    world.proxy.cut, world.proxy.path = 0.9, "/bind"
    world.change("activate")

    kept = context.profile.attempts.get(ID)

    assert json.loads(kept.request)["action"] == "activate"
    files = [path for path in Path(context.profile.place).rglob("*") if path.is_file()]
    token = world.administrator.token.encode()
    assert all(token not in path.read_bytes() for path in files)
