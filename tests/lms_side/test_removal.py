"""``remove --at-lms``: an administrator's token deletes the tool there; the profile forgets it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.cli.commands.remove_at_lms import question_of
from ltictl.model.integration import Integration, Status
from ltictl.model.lms_side import Target
from ltictl.model.platform import Platform
from ltictl.net.policy import GuardPolicy
from ltictl.operations.context import Context
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.removal import Removal
from ltictl.operations.lms_side.tokens import GivenToken
from ltictl.operations.lms_side.tool_changes import SeenTool
from ltictl.platforms.administration import CallReply
from ltictl.platforms.consent import Permission
from ltictl.platforms.interfaces.brightspace import DELETION, INTERFACE, SCOPES
from ltictl.platforms.interfaces.moodle import INTERFACE as MOODLE
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.canvas_account import DYNAMIC, NEXT, TABLE
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform

from .conftest import Run
from .schools import administrator as administrator_of
from .schools import profile_for_acme, register

ID = "acme-canvas"
WAYS = [
    pytest.param({DYNAMIC, TABLE, NEXT}, id="registration"),
    pytest.param({TABLE}, id="registration and external tools"),
    pytest.param(set(), id="developer key"),
]


def assert_registered(run: Run, canvas: Sandbox, token_file: str) -> None:
    done = run(
        *("register", "--org", "acme", "--via-lms", "--platform", canvas.base_url),
        *("--token-file", token_file, "--activate-at-lms", "--deploy", "root", "--yes"),
    )
    assert done.code == 0, done


@pytest.mark.parametrize("features", WAYS)
def test_a_dry_run_shows_the_one_request_that_deletes(
    run: Run,
    context: Context,
    canvas: Sandbox,
    administrator: Administrator,
    token_file: str,
    features: set[str],
) -> None:
    administrator.features = features
    assert_registered(run, canvas, token_file)
    administrator.calls.clear()
    command = ("remove", ID, "--at-lms", "--token-file", token_file, "--json")

    dry = run(*command, "--dry-run")
    reading = {name for name, _ in administrator.calls}
    done = run(*command, "--yes")

    (planned,) = dry.data["planned"]
    assert (planned["method"], reading) == ("DELETE", {"GET"})
    assert (done.code, done.data["planned"]) == (0, [])
    sent = [call for call in administrator.calls if call[0] == "DELETE"]
    assert [canvas.base_url + path for _, path in sent] == [planned["url"]]
    assert canvas.lms.tools() == ()
    assert context.profile.integrations.ids() == context.profile.attempts.ids() == []


def test_what_the_lms_has_deleted_already_is_forgotten(
    run: Run, context: Context, canvas: Sandbox, administrator: Administrator, token_file: str
) -> None:
    assert_registered(run, canvas, token_file)
    canvas.lms.delete(canvas.lms.tools()[0].deployment_id)

    done = run("remove", ID, "--at-lms", "--token-file", token_file, "--yes")

    assert done.code == 0, done
    assert "did not have the tool any more" in done.stderr
    assert "DELETE" not in {method for method, _ in administrator.calls}
    assert context.profile.integrations.ids() == []


def test_a_refusal_leaves_everything(
    run: Run, context: Context, canvas: Sandbox, administrator: Administrator, tmp_path: Path
) -> None:
    strong, weak = tmp_path / "strong", tmp_path / "weak"
    strong.write_text(administrator.token)
    weak.write_text(administrator.token_with("manage_developer_keys"))
    assert_registered(run, canvas, str(strong))

    done = run("remove", ID, "--at-lms", "--token-file", str(weak), "--yes", "--json")

    assert (done.code, done.error) == (3, "lms_refused")
    assert context.profile.integrations.ids() == [ID]
    assert len(canvas.lms.tools()) == 1


def test_without_a_token_the_fix_names_the_command_with_one(
    run: Run, context: Context, canvas: Sandbox, administrator: Administrator, token_file: str
) -> None:
    administrator.features = {TABLE, NEXT}  # entered by the interface, so without its own token
    assert_registered(run, canvas, token_file)

    done = run("remove", ID, "--at-lms", "--yes", "--json")

    assert (done.code, done.error) == (1, "removal_not_offered")
    fix = done.envelope["error"]["fix"]
    assert f"ltictl remove {ID} --at-lms --token-file PATH" in fix
    assert context.profile.integrations.ids() == [ID]


def test_the_options_of_another_way_are_refused(run: Run, context: Context) -> None:
    done = run("remove", ID, "--dry-run", "--json")

    assert (done.code, done.error) == (2, "options_missing")
    assert context.profile.integrations.ids() == []


@pytest.fixture
def at(
    home: Home, playback: PlaybackPlatform, request: pytest.FixtureRequest
) -> Iterator[tuple[Context, Sandbox]]:
    """A profile, and the embedded LMS of a family."""
    with Sandbox(family=request.param) as running:
        yield profile_for_acme(home, playback), running


@pytest.mark.parametrize(
    ("at", "one"),
    [
        (Like.MOODLE.code, "acme-moodle"),
        (Like.BRIGHTSPACE.code, "acme-brightspace"),
        (Like.BLACKBOARD.code, "acme-blackboard"),
    ],
    indirect=["at"],
)
def test_other_families_delete_by_their_interface(
    ltictl: Ltictl, at: tuple[Context, Sandbox], one: str, tmp_path: Path
) -> None:
    school, sandbox = at
    register(ltictl, sandbox)
    (file := tmp_path / "token").write_text(administrator_of(sandbox).token)
    command = ("remove", one, "--at-lms", "--token-file", str(file), "--allow-private")

    dry = ltictl(*command, "--dry-run", "--json")
    done = ltictl(*command, "--yes")

    assert len(dry.data["planned"]) == 1, dry
    assert done.code == 0, done
    assert "deleted the tool" in done.stderr
    assert sandbox.lms.tools() == ()
    assert school.profile.integrations.ids() == school.profile.attempts.ids() == []


def test_the_question_says_how_many_activities_use_the_tool(context: Context) -> None:
    at, now = "https://moodle.example", context.now()
    platform = Platform(at, at, at, at, family="moodle")
    one = Integration("acme-moodle", "acme", Status.PENDING, platform, "client-1", now, now)
    context.profile.integrations.add(one)
    keyring = Keyring(context, GuardPolicy(), GivenToken("a-token-of-somebody"))
    tool = {"id": 3, "clientid": "client-1", "deploymentid": 3, "instancecount": 2}
    steps = MOODLE.status(Target("client-1"))
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(CallReply(200, [tool]))

    removal = Removal(one, SeenTool(one, keyring.site_of(one), end.value.value))

    assert question_of(removal) == (
        "Delete at the LMS and forget 'acme-moodle' (moodle.example, client-1; "
        "2 activities there use it)?"
    )


def test_brightspace_asks_a_person_for_the_right_to_delete_only_where_the_text_names_it() -> None:
    consent = INTERFACE.consent
    assert consent is not None
    plain = '{"client_id": "c", "client_secret": "s"}'
    wide = f'{{"client_id": "c", "client_secret": "s", "scope": "{SCOPES[0]} {DELETION}"}}'

    pages = [consent.page(text, Permission("", "", "")) for text in (plain, wide)]

    assert [DELETION.replace(":", "%3A") in page for page in pages] == [False, True]
