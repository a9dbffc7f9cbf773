"""An administrator's token alone suffices to register, switch on, deploy and launch in Canvas."""

import json
from pathlib import Path

import pytest

from ltictl.lti.vocabulary import CLAIM
from ltictl.operations.context import Context
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.canvas import CanvasLms
from ltictl.sandbox.canvas_account import DYNAMIC, NEXT, TABLE
from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import ToolState

from .conftest import Run
from .launches import launched

ID = "acme-canvas"
# What an account has, and the way that is found by asking.
WAYS = [
    pytest.param({DYNAMIC, TABLE, NEXT}, id="dynamic registration"),
    pytest.param({TABLE, NEXT}, id="registrations"),
    pytest.param({TABLE}, id="registrations and external tools"),
    pytest.param(set(), id="developer keys"),
]


def order(canvas: Sandbox, token_file: str, *more: str) -> list[str]:
    return [
        *("register", "--org", "acme", "--via-lms", "--platform", canvas.base_url),
        *("--token-file", token_file, "--yes", "--json", *more),
    ]


@pytest.mark.parametrize("features", WAYS)
def test_one_command_registers_switches_on_and_deploys(
    run: Run, canvas: Sandbox, administrator: Administrator, token_file: str, features: set[str]
) -> None:
    administrator.features = features

    done = run(*order(canvas, token_file, "--activate", "--activate-at-lms", "--deploy", "root"))

    assert done.code == 0, done
    integration = done.data["integrations"][0]
    (tool,) = canvas.lms.tools()
    assert (integration["id"], integration["client_id"]) == (ID, tool.client_id)
    assert (integration["status"], tool.state) == ("active", ToolState.ACTIVE)
    assert integration["registration"]["lms_switch"]["active"] is True
    sent = run("show", ID, "--all", "--json").data["request"]
    assert "redirect_uris" in json.dumps(sent)
    assert ("client_name" in sent) == (DYNAMIC in features)
    (deployment,) = integration["deployments"]
    assert deployment["id"] == tool.deployment_id
    assert launched(canvas, deployment["id"])[f"{CLAIM}deployment_id"] == deployment["id"]


def test_the_dynamic_way_needs_five_requests_beyond_the_registration(
    run: Run, canvas: Sandbox, administrator: Administrator, token_file: str
) -> None:
    run(*order(canvas, token_file, "--activate-at-lms", "--deploy", "root"))

    assert len(administrator.calls) <= 5, administrator.calls


@pytest.mark.parametrize("features", WAYS)
def test_a_second_run_registers_nothing(
    run: Run, canvas: Sandbox, administrator: Administrator, token_file: str, features: set[str]
) -> None:
    administrator.features = features
    whole = ("--activate-at-lms", "--deploy", "root")
    run(*order(canvas, token_file, *whole))
    tools = canvas.lms.tools()
    administrator.calls.clear()

    done = run(*order(canvas, token_file, *whole))

    assert (done.code, canvas.lms.tools()) == (0, tools)
    assert {method for method, _ in administrator.calls} == {"GET"}
    assert "registered there already" in done.envelope["warnings"][0]


def test_a_tool_that_is_gone_is_seen_and_put_back_in_its_place(
    run: Run, canvas: Sandbox, token_file: str
) -> None:
    """As after a beta environment was overwritten from production."""
    first = run(*order(canvas, token_file)).data["integrations"][0]
    canvas.lms.delete(first["deployments"][0]["id"])

    status = run("lms", "status", ID, "--token-file", token_file, "--json")
    again = run(*order(canvas, token_file))

    assert status.data["integrations"][0]["lms"]["found"] is False
    assert again.code == 0, again
    second = again.data["integrations"][0]
    assert (second["id"], len(canvas.lms.tools())) == (ID, 1)
    assert second["client_id"] != first["client_id"]


@pytest.fixture
def registered(run: Run, canvas: Sandbox, administrator: Administrator, token_file: str) -> str:
    """The integration's id; the requests on the way are forgotten."""
    done = run(*order(canvas, token_file))
    assert done.code == 0, done
    administrator.calls.clear()
    return ID


def test_the_switch_is_shown_and_moved(
    run: Run, canvas: Sandbox, token_file: str, registered: str
) -> None:
    def state() -> object:
        done = run("lms", "status", registered, "--token-file", token_file, "--json")
        return done.data["integrations"][0]["lms"]["active"]

    assert state() is False
    on = run("lms", "activate", registered, "--token-file", token_file, "--yes", "--json")
    again = run("lms", "activate", registered, "--token-file", token_file, "--yes", "--json")
    assert (on.data["changed"], again.data["changed"]) == ([registered], [])
    assert (state(), canvas.lms.tools()[0].state) == (True, ToolState.ACTIVE)
    off = run("lms", "deactivate", registered, "--token-file", token_file, "--yes", "--json")
    assert (off.data["changed"], state()) == ([registered], False)
    assert "off in Canvas since" in run("show", registered).stdout


@pytest.mark.parametrize("command", [["activate"], ["deploy"], ["deploy", "--course", "101"]])
def test_a_dry_run_shows_the_requests_and_sends_none(
    run: Run, administrator: Administrator, token_file: str, registered: str, command: list[str]
) -> None:
    done = run(
        *("lms", command[0], registered, *command[1:]),
        *("--token-file", token_file, "--dry-run", "--json"),
    )

    assert done.code == 0, done
    planned = done.data["planned"]
    assert planned, done
    assert all(each["method"] in {"POST", "PUT"} for each in planned)
    assert {method for method, _ in administrator.calls} == {"GET"}
    assert done.data["changed"] == []


def test_without_a_terminal_a_change_needs_yes(run: Run, token_file: str, registered: str) -> None:
    done = run("lms", "activate", registered, "--token-file", token_file, "--json")

    assert (done.code, done.error) == (2, "consent_needed")


def test_a_course_is_reached_by_a_control(
    run: Run, administrator: Administrator, token_file: str, registered: str
) -> None:
    done = run(
        *("lms", "deploy", registered, "--course", "101"),
        *("--token-file", token_file, "--yes", "--json"),
    )

    assert done.code == 0, done
    assert [path for method, path in administrator.calls if method == "POST"] == [
        "/api/v1/accounts/self/lti_registrations/1/controls/bulk"
    ]
    wrong = run(
        *("lms", "deploy", registered, "--course", "999"),
        *("--token-file", token_file, "--yes", "--json"),
    )
    assert (wrong.code, wrong.error) == (3, "lms_refused")


def test_a_change_that_waits_is_accepted(
    run: Run, canvas: Sandbox, context: Context, token_file: str, registered: str, tmp_path: Path
) -> None:
    assert isinstance(canvas.lms, CanvasLms)
    none = run("lms", "accept-update", registered, "--token-file", token_file, "--yes", "--json")
    tool = canvas.lms.tools()[0]
    ticket = canvas.lms.issue(tool.deployment_id, "https://tool.invalid/register")
    (tmp_path / "token").write_text(ticket.secret)
    profile = Path(context.profile.place) / "profile.toml"
    profile.write_text(profile.read_text().replace("Example Tool", "Renamed Tool"))
    update = run(
        *("register", "--org", "acme", "--yes", "--json"),
        *("--openid-configuration", canvas.lms.configuration_address(ticket)),
        *("--registration-token-file", str(tmp_path / "token")),
    )
    waiting = run("lms", "status", registered, "--token-file", token_file, "--json")

    accepted = run(
        "lms", "accept-update", registered, "--token-file", token_file, "--yes", "--json"
    )

    assert (none.code, none.error) == (4, "no_update_waits")
    assert update.code == 0, update
    assert waiting.data["integrations"][0]["lms"]["update_waits"] is True
    assert accepted.data["changed"] == [registered], accepted
    assert canvas.lms.tools()[0].settings.name == "Renamed Tool"


def test_a_token_of_somebody_who_may_less_says_so(
    run: Run, canvas: Sandbox, administrator: Administrator, tmp_path: Path, registered: str
) -> None:
    weak = tmp_path / "weak"
    weak.write_text(administrator.token_with("manage_developer_keys"))

    login = run(
        *("lms", "login", "acme", "--platform", canvas.base_url),
        *("--token-file", str(weak), "--json"),
    )
    refused = run("lms", "activate", registered, "--token-file", str(weak), "--yes", "--json")

    assert (login.code, refused.code, refused.error) == (0, 3, "lms_refused")
    assert login.data["identity"]["missing"] == ["manage_lti_registrations"]
    assert f"lms login acme --platform {canvas.base_url}" in refused.envelope["error"]["fix"]
    assert "manage_lti_registrations" in refused.envelope["error"]["why"]
    assert canvas.lms.tools()[0].state is ToolState.PENDING


def test_an_lms_that_asks_for_a_pause_gets_one(
    run: Run, canvas: Sandbox, administrator: Administrator, token_file: str, registered: str
) -> None:
    administrator.throttled = 1

    done = run("lms", "activate", registered, "--token-file", token_file, "--yes", "--json")

    assert (done.code, canvas.lms.tools()[0].state) == (0, ToolState.ACTIVE)
    assert administrator.calls[0] == administrator.calls[1]


def test_verify_tells_the_switch_where_a_token_is_at_hand(
    run: Run, canvas: Sandbox, token_file: str, registered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def activation(*more: str) -> object:
        done = run("verify", registered, "--json", *more)
        checks = done.data["integrations"][0]["checks"]
        return next(each["result"] for each in checks if each["id"] == "lms_activation")

    assert activation() == "unknown"
    assert activation("--token-file", token_file) == "fail"
    attention = run("list", "--needs-attention", "--json").data["attention"]
    assert any("switch is off" in each["detail"] for each in attention)
    run("lms", "activate", registered, "--token-file", token_file, "--yes")
    monkeypatch.setenv("LTICTL_LMS_TOKEN", Path(token_file).read_text().strip())
    assert activation() == "unknown"  # nobody said which LMS the token is for
    monkeypatch.setenv("LTICTL_LMS_URL", canvas.base_url)
    assert activation() == "pass"


def test_a_login_is_kept_only_where_asked_and_for_one_lms(
    run: Run, context: Context, canvas: Sandbox, token_file: str, registered: str
) -> None:
    where = ("lms", "login", "acme", "--platform", canvas.base_url)
    looked = run(*where, "--token-file", token_file, "--json")
    before = run("lms", "status", registered, "--json")
    kept = run(*where, "--token-file", token_file, "--keep", "--json")
    after = run("lms", "status", registered, "--json")
    elsewhere = run("lms", "login", "acme", "--platform", "http://127.0.0.1:1", "--json")
    dropped = run(*where, "--forget", "--json")

    assert looked.data["identity"]["rights"] == [
        "manage_lti_registrations",
        "manage_developer_keys",
    ]
    assert "become_user" in looked.data["identity"]["beyond"]
    assert (before.code, kept.data["kept"], after.code) == (8, True, 0)
    assert elsewhere.code != 0
    assert dropped.code == 0
    secret = Path(token_file).read_text().strip()
    root = Path(context.profile.place)
    assert all(secret not in path.read_text() for path in root.rglob("*.toml"))


def test_a_command_of_the_profile_prints_the_token_for_the_host(
    run: Run, context: Context, canvas: Sandbox, token_file: str, registered: str, tmp_path: Path
) -> None:
    script = tmp_path / "print-token"
    host = canvas.base_url.removeprefix("http://")
    script.write_text(f'#!/bin/sh\n[ "$LTICTL_LMS_HOST" = "{host}" ] && cat "{token_file}"\n')
    script.chmod(0o700)
    profile = Path(context.profile.place) / "profile.toml"
    profile.write_text(
        profile.read_text().replace(
            "[lms]\n", f"[lms]\ntoken_command = {json.dumps([str(script)])}\n"
        )
    )

    assert run("lms", "status", registered, "--json").code == 0
