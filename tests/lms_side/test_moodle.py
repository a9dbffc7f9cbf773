"""Moodle's web service and the sandbox's agree with the answers of a real Moodle."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ltictl.model.integration import Integration, Status
from ltictl.model.lms_side import LmsState, Place, PlaceKind, Target
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.platforms.administration import CallReply, Steps
from ltictl.platforms.interfaces.moodle import INTERFACE
from ltictl.platforms.interfaces.moodle_script import moodle_script
from ltictl.platforms.table import family_named
from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import SandboxTool
from tests.support.cli import Home, Ltictl
from tests.support.parts import require
from tests.support.playback import PlaybackPlatform

from .schools import administrator, profile_for_acme, register

RECORDINGS = Path(__file__).parent.parent / "recordings" / "moodle-rest"
NAMES = sorted(each.stem for each in RECORDINGS.glob("*.json"))
ADMIN, TEACHER = "TOKEN-OF-ADMIN", "TOKEN-OF-TEACHER"


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))
    return found


def reply(name: str) -> CallReply:
    answer = recorded(name)["response"]
    return CallReply(answer["status"], json.loads(answer["body"]))


def assert_played(steps: Steps[Any], *names: str) -> Any:
    """Feed recorded replies, and require that each call is the one that was recorded."""
    call = next(steps)
    for position, name in enumerate(names):
        asked = INTERFACE.sign(call, ADMIN)
        wanted = recorded(name)["request"]
        assert (asked.method, asked.path) == (wanted["method"], wanted["target"])
        assert dict(asked.form or {}).keys() == wanted["form"].keys()
        try:
            call = steps.send(reply(name))
        except StopIteration as end:
            assert position == len(names) - 1
            return end.value
    raise AssertionError("the steps ask for more")


TOOL = Target("eBYLVUVQQEe0y3w", ("11",))


def seen() -> LmsState:
    found = assert_played(INTERFACE.status(TOOL), "get-tool-types")
    assert isinstance(found, LmsState)
    return found


def test_the_state_of_a_tool_is_found_by_its_client_id() -> None:
    state = seen()

    assert (state.found, state.active, state.word, state.key) == (True, True, "Active", "11")
    assert [each.id for each in state.deployments or ()] == ["11"]
    assert state.recorded == {"client_name": "Example Tool"}
    assert "sesskey" not in repr(state).lower()
    other = assert_played(INTERFACE.status(Target("jvV0BiSbEydt5S8")), "get-tool-types")
    assert (other.active, other.word, other.key) == (False, "Pending", "12")
    assert not assert_played(INTERFACE.status(Target("gone")), "get-tool-types").found


def test_the_switch() -> None:
    assert INTERFACE.switch is not None
    assert assert_played(INTERFACE.switch(TOOL, seen(), True), "update-to-active") == "Active"
    assert assert_played(INTERFACE.switch(TOOL, seen(), False), "update-to-pending") == "Pending"


def test_a_course_shows_the_tool() -> None:
    assert INTERFACE.deploy is not None
    steps = INTERFACE.deploy(TOOL, seen(), Place(PlaceKind.COURSE, "2"))

    found = assert_played(steps, "toggle-chooser-on")

    assert (found.id, found.kind, found.context, found.available) == (
        "11",
        PlaceKind.COURSE,
        "2",
        True,
    )


def test_the_owner_of_a_token() -> None:
    found = assert_played(INTERFACE.who(), "site-info")

    assert (found.name, found.account, found.missing, found.beyond) == (
        "Admin User",
        "Acme School Moodle",
        (),
        (),
    )
    assert len(found.rights) == 5


@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_inside_a_success_is_one(name: str) -> None:
    answer = reply(name)
    refused = isinstance(answer.document, dict) and "exception" in answer.document

    problem = INTERFACE.problem(answer)

    assert bool(problem) is refused
    if refused:
        code = answer.document["errorcode"]
        assert problem.startswith(code)
        known = {"invalidparameter"} | {code for code in [code] if code.startswith("Invalid state")}
        assert code in known or any(problem.startswith(each) for each in INTERFACE.words)


def test_the_session_key_is_taken_out_before_an_answer_is_kept() -> None:
    body = recorded("update-to-active")["response"]["body"].replace("SESSKEY", "aB3dE5fG7h")

    kept = INTERFACE.blanked(body.encode()).decode()

    assert "aB3dE5fG7h" not in kept
    assert json.loads(kept)["state"] == json.loads(body)["state"]


# ---- the sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def register_by_hand(sandbox: Sandbox) -> str:
    """Register a tool without ltictl, and return its number."""
    from urllib.parse import parse_qs, urlsplit

    address = sandbox.lms.start_registration("https://tool.example/register?t=1")
    token = parse_qs(urlsplit(address).query)["registration_token"][0]
    request = json.loads(
        (RECORDINGS.parent / "moodle-4.5" / "04-registration-request" / "full.json").read_text()
    )["request"]["body"]
    body = request if isinstance(request, str) else json.dumps(request)
    answer = httpx.post(
        f"{sandbox.base_url}/registration",
        content=body,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        trust_env=False,
        timeout=20,
    )
    answer.raise_for_status()
    return sandbox.lms.tools()[-1].deployment_id


def shape_of(value: Any) -> Any:
    """Names and types, and the words of refusals: what two servers may be compared by."""
    if isinstance(value, dict):
        if "exception" in value:
            return value
        return {name: shape_of(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    return type(value).__name__


LEFT_OUT = {  # members of the recorded identity that no caller reads
    *("firstname", "lastname", "lang", "userpictureurl", "downloadfiles", "uploadfiles"),
    *("version", "mobilecssurl", "advancedfeatures", "usercanmanageownfiles", "userquota"),
    *("usermaxuploadfilesize", "userhomepage", "siteid", "sitecalendartype"),
    *("usercalendartype", "theme", "limitconcurrentlogins", "policyagreed"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_sandbox_answers_as_recorded(sandbox: Sandbox, name: str) -> None:
    number = register_by_hand(sandbox)
    administration = administrator(sandbox)
    exchange = recorded(name)
    tokens = {ADMIN: administration.token, TEACHER: administration.token_with()}
    form = {
        field: tokens.get(value, value) if field == "wstoken" else value
        for field, value in exchange["request"]["form"].items()
    }
    for field in ("id", "tooltypeid"):
        if form.get(field) == "11":
            form[field] = number
    headers = {
        name: f"Bearer {tokens.get(value.removeprefix('Bearer '), '')}"
        for name, value in exchange["request"]["headers"].items()
        if name == "Authorization"
    }

    answer = httpx.post(
        sandbox.base_url + exchange["request"]["target"],
        data=form,
        headers=headers,
        trust_env=False,
        timeout=20,
    )

    wanted = json.loads(exchange["response"]["body"])
    if isinstance(wanted, dict):
        wanted = {name: each for name, each in wanted.items() if name not in LEFT_OUT}
    found = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert "/" not in answer.text.replace("\\/", "")
    if isinstance(wanted, list):
        wanted, found = wanted[:1], found[:1]
    assert _plain(shape_of(found)) == _plain(shape_of(wanted))


def _plain(value: Any) -> Any:
    """Lists that may be empty count as lists."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name != "instanceids"}
    return [_plain(each) for each in value] if isinstance(value, list) else value


# ---- the whole way, without a browser


@pytest.fixture
def school(home: Home, playback: PlaybackPlatform) -> Context:
    return profile_for_acme(home, playback)


def test_registered_and_activated_without_a_browser(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    administration = administrator(sandbox)
    file = tmp_path / "token"
    file.write_text(f"{administration.token}\n")
    register(ltictl, sandbox)
    token = ("--token-file", str(file), "--allow-private", "--json")

    login = ltictl("lms", "login", "acme", "--platform", sandbox.base_url, *token)
    before = ltictl("lms", "status", "acme-moodle", *token)
    dry = ltictl("lms", "activate", "acme-moodle", "--dry-run", *token)
    done = ltictl("lms", "activate", "acme-moodle", "--yes", *token)
    shown = ltictl("lms", "deploy", "acme-moodle", "--course", "2", "--yes", *token)
    after = ltictl("lms", "status", "acme-moodle", *token)

    assert login.data["identity"]["name"] == "Admin User"
    assert before.data["integrations"][0]["lms"]["active"] is False
    assert dry.data["planned"][0]["body"]["state"] == "1"
    assert done.code == 0, done
    assert shown.code == 0, shown
    (state,) = after.data["integrations"]
    assert (state["lms"]["active"], state["lms"]["state"]) == (True, "Active")
    assert state["differences"] == []
    assert sandbox.lms.tools()[-1].state.value == "active"
    everything = "".join(
        f"{each.stdout}{each.stderr}" for each in (login, before, dry, done, shown, after)
    )
    assert administration.token not in everything
    assert sandbox.lms.session_key not in everything
    kept = [each for each in school.profile.root.rglob("*") if each.is_file()]
    assert not [each for each in kept if administration.token.encode() in each.read_bytes()]
    assert not [each for each in kept if sandbox.lms.session_key.encode() in each.read_bytes()]


def test_a_lost_answer_is_settled_by_reading(
    ltictl: Ltictl,
    school: Context,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    played = administrator(sandbox)
    file = tmp_path / "token"
    file.write_text(played.token)
    register(ltictl, sandbox)
    kept = sandbox.lms.keep
    token = ("--token-file", str(file), "--yes", "--allow-private", "--json")

    def lose(tool: SandboxTool) -> SandboxTool:
        kept(tool)
        raise OSError("the answer is lost")

    before = len(played.calls)
    with monkeypatch.context() as losing:
        losing.setattr(sandbox.lms, "keep", lose)
        lost = ltictl("lms", "activate", "acme-moodle", *token)
    again = ltictl("lms", "activate", "acme-moodle", *token)
    settled = ltictl("recover", "acme-moodle", "--probe", *token)

    assert (lost.code, settled.code) == (7, 0), (str(lost), str(settled))
    assert again.code in {0, 7}  # it reads first, and sees that nothing is left to do
    changes = [name for _, name in played.calls[before:] if name == "mod_lti_update_tool_type"]
    assert changes == ["mod_lti_update_tool_type"]
    switch = school.profile.integrations.get("acme-moodle").lms_switch
    assert switch is not None
    assert (switch.active, switch.word) == (True, "Active")
    assert played.token not in f"{lost}{again}{settled}"


def test_the_list_of_a_moodle_is_read_once_for_all_its_integrations(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    register(ltictl, sandbox)
    known = school.profile.integrations.get("acme-moodle")
    for number in range(2, 30):
        other = replace(known, id=f"acme-moodle-{number}", client_id=f"client-{number}")
        school.profile.integrations.add(other)
    played = administrator(sandbox)
    (file := tmp_path / "token").write_text(played.token)
    played.calls.clear()

    done = ltictl("lms", "status", "--all", "--token-file", str(file), "--allow-private", "--json")

    assert done.code == 0, done
    found = [each["lms"]["found"] for each in done.data["integrations"]]
    assert (found.count(True), len(found)) == (1, 29)
    assert played.calls == [("POST", "mod_lti_get_tool_types")]


@pytest.mark.parametrize("family", ["schoology", "openedx", "openolat", "ilias", "sakai"])
def test_an_lms_without_an_interface_says_where_to_click(
    ltictl: Ltictl, school: Context, family: str
) -> None:
    assert school.profile.organizations.ids() == ["acme"]
    code = family_named(family).codes[0]
    at = "https://lms.example/x"
    platform = Platform("https://lms.example", at, at, at, family=code)
    now = school.now()
    school.profile.integrations.add(
        Integration(f"acme-{family}", "acme", Status.PENDING, platform, "c-1", now, now)
    )

    done = ltictl("lms", "status", "--all")

    assert done.code == 0, done
    assert f"has no such interface. Look: {family_named(family).switch}" in done.stderr


def test_a_token_without_the_right_is_refused_in_plain_words(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert school.profile.organizations.ids() == ["acme"]
    administration = administrator(sandbox)
    file = tmp_path / "token"
    register(ltictl, sandbox)
    results = {}
    for name, token in (("teacher", administration.token_with()), ("wrong", "0" * 32)):
        file.write_text(token)
        results[name] = ltictl(
            *("lms", "login", "acme", "--platform", sandbox.base_url, "--token-file", str(file)),
            *("--allow-private", "--json"),
        )
        assert token not in results[name].stdout + results[name].stderr

    assert (results["teacher"].code, results["teacher"].error["code"]) == (3, "lms_refused")
    assert "moodle/site:config" in results["teacher"].error["why"]
    assert (results["wrong"].code, results["wrong"].error["code"]) == (3, "lms_refused")
    assert "Manage tokens" in results["wrong"].error["fix"]


# ---- the program for the host

MOODLE = """<?php
namespace mod_lti\\local\\ltiopenid {
    class jwks_helper {
        public static function get_private_key() { return ['key' => 'KEY', 'kid' => 'k1']; }
    }
    class registration_helper {
        public static function get() { return new self(); }
        public function new_clientid() { return 'abcdefghijklmno'; }
    }
}
namespace Firebase\\JWT {
    class JWT {
        public static function encode($claims, $key, $alg, $kid) {
            return json_encode([$claims, $key, $alg, $kid]);
        }
    }
}
namespace {
    class moodle_url {
        private $path;
        public function __construct($path) { $this->path = $path; }
        public function out($escaped) { return 'https://moodle.example' . $this->path; }
    }
    if (!defined('CLI_SCRIPT')) { exit(9); }
    $CFG = new stdClass();
    $CFG->dirroot = __DIR__;
}
"""


def php() -> str:
    found = shutil.which("php")
    require("php", found is not None, "apt-get install php-cli")
    return str(found)


def test_the_program_prints_the_two_lines_that_register_takes(tmp_path: Path) -> None:
    script, moodle = tmp_path / "script.php", tmp_path / "moodle"
    moodle.mkdir()
    (moodle / "config.php").write_text(MOODLE)
    script.write_text(moodle_script({"organization": "acme", "url": "https://tool.invalid"}))

    checked = subprocess.run([php(), "-l", script], capture_output=True, text=True, check=False)
    done = subprocess.run([php(), script, moodle], capture_output=True, text=True, check=False)
    without = subprocess.run([php(), script], capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout
    assert done.returncode == 0, done.stderr
    configuration, token = done.stdout.splitlines()
    assert configuration == "https://moodle.example/mod/lti/openid-configuration.php"
    claims, key, algorithm, kid = json.loads(token)
    assert (key, algorithm, kid) == ("KEY", "RS256", "k1")
    assert (claims["sub"], claims["scope"]) == ("abcdefghijklmno", "reg")
    assert claims["exp"] - claims["iat"] == 3600
    assert (without.returncode, without.stdout) == (2, "")
    assert "Usage" in without.stderr


@pytest.mark.parametrize("text", ["a?>b", "a\nphpinfo();", "a\rphpinfo();", "a\u2028b", "%s"])
def test_what_a_profile_says_stays_in_a_comment(tmp_path: Path, text: str) -> None:
    script = tmp_path / "script.php"
    script.write_text(moodle_script({"organization": text, "url": text}))

    done = subprocess.run([php(), script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage" in done.stderr


def test_the_command_prints_the_program(ltictl: Ltictl, school: Context) -> None:
    assert school.profile.organizations.ids() == ["acme"]
    done = ltictl("lms", "script", "moodle", "--org", "acme")

    assert done.code == 0, done
    assert done.stdout.startswith("<?php\n")
    assert "// For: acme" in done.stdout
