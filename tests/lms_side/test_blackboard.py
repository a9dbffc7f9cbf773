"""Blackboard: client credentials, a client id that is approved or excluded, no deployment ids."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.model.lms_side import LmsState, Target
from ltictl.operations.context import Context
from ltictl.platforms.administration import CallReply, Steps
from ltictl.platforms.interfaces.blackboard import INTERFACE
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform

from .schools import administrator, profile_for_acme, register


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(family=Like.BLACKBOARD.code) as running:
        yield running


@pytest.fixture
def school(home: Home, playback: PlaybackPlatform) -> Context:
    return profile_for_acme(home, playback)


def test_registered_and_approved_without_a_browser(
    ltictl: Ltictl, school: Context, sandbox: Sandbox, tmp_path: Path
) -> None:
    secret = administrator(sandbox).token
    file = tmp_path / "token"
    file.write_text(f"{secret}\n")
    register(ltictl, sandbox)
    token = ("--token-file", str(file), "--allow-private")
    one = "acme-blackboard"

    login = ltictl(
        *("lms", "login", "acme", "--platform", sandbox.base_url, "--family", "blackboard"),
        *token,
    )
    before = ltictl("lms", "status", one, *token, "--json")
    done = ltictl("lms", "activate", one, "--yes", *token)
    after = ltictl("lms", "status", one, *token, "--json")
    found = ltictl("lms", "deployments", one, *token)
    off = ltictl("lms", "deactivate", one, "--yes", *token)
    deploy = ltictl("lms", "deploy", one, "--yes", *token, "--json")

    runs = (login, before, done, after, found, off)
    assert [each.code for each in runs] == [0] * 6, [str(each) for each in runs]
    words = [each.data["integrations"][0]["lms"]["state"] for each in (before, after)]
    assert words == ["NeedsApproval", "Approved"]
    assert sandbox.lms.tools()[-1].state.value == "rejected"
    assert "--from-launch" in found.stderr
    assert (deploy.code, deploy.error["code"]) == (1, "not_offered_by_lms")
    everything = "".join(f"{each.stdout}{each.stderr}" for each in (*runs, deploy))
    kept = b"".join(each.read_bytes() for each in school.profile.root.rglob("*") if each.is_file())
    for part in secret.split(":"):
        assert part not in everything
        assert part.encode() not in kept


def play(steps: Steps[LmsState], *replies: CallReply) -> tuple[LmsState, list[str]]:
    paths = [next(steps).path]
    for each in replies:
        try:
            paths.append(steps.send(each).path)
        except StopIteration as end:
            found: LmsState = end.value
            return found, paths
    raise AssertionError("the steps ask for more")


def page(number: int, following: str) -> CallReply:
    results = [{"id": f"_{number}_1", "clientId": f"c-{number}", "status": "Approved"}]
    return CallReply(200, {"results": results, "paging": {"nextPage": following}})


def test_the_client_id_is_looked_for_on_every_page_of_this_host() -> None:
    second = "/learn/api/public/v1/lti/domains?limit=100&offset=100"
    target = Target("c-2")

    state, paths = play(INTERFACE.status(target), page(1, second), page(2, ""))
    elsewhere, asked = play(INTERFACE.status(target), page(1, "https://evil.example/x"))

    assert (state.found, state.active, state.key, state.deployments) == (True, True, "_2_1", None)
    assert paths[1] == second
    assert (elsewhere.found, len(asked)) == (False, 1)


@pytest.mark.parametrize("text", ["", "key", ":secret", "key:"])
def test_a_token_of_another_kind_is_explained(text: str) -> None:
    with pytest.raises(LtictlError) as caught:
        next(INTERFACE.authorize(text))

    assert caught.value.code == "token_unreadable"
