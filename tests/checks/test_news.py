"""``verify --notify`` announces each piece of news once; ``list --unused`` and ``--expiring``."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.integration import Deployment, DeploymentSource, Status
from ltictl.model.record import replace
from ltictl.operations.checks.news import announce_news
from ltictl.operations.context import Context, utc_now
from ltictl.operations.unused import unused
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

from .conftest import ASKED, Recorded, token

REFUSED = Answer.json({"error": "invalid_client"}, status=401)
WRITE = 'cat >> "$(dirname "$0")/news"; echo "$LTICTL_ACTION $LTICTL_BROKEN $LTICTL_WELL" >&2\n'


def set_hook(context: Context, body: str) -> Path:
    """Make a script the profile's ``on_problem``; return the file that ``WRITE`` writes to."""
    script = context.profile.root.parent / "tell us"
    script.write_text(f"#!/bin/sh\n{body}")
    script.chmod(0o755)
    settings = context.profile.root / "profile.toml"
    text = settings.read_text()
    argv = json.dumps([str(script)])
    settings.write_text(f"{text[: text.index('[hooks]')]}[hooks]\non_problem = {argv}\n")
    return script.with_name("news")


def assert_watched(ltictl: Ltictl, code: int, *args: str) -> Finished:
    done = ltictl("verify", "--all", "--notify", "--allow-private", "--json", *args)
    assert done.code == code, (done.stdout, done.stderr)
    return done


def announced(news: Path) -> list[dict[str, Any]]:
    """The hook's stdin, run by run."""
    if not news.exists():
        return []
    decoder, text, found = json.JSONDecoder(), news.read_text(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def test_only_news_is_announced(
    ltictl: Ltictl, context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    news = set_hook(context, WRITE)
    recorded("acme-moodle")
    recorded("acme-off", status=Status.DISABLED)

    fine = assert_watched(ltictl, 0).data["news"]
    playback.on("token", REFUSED)
    broke = assert_watched(ltictl, 8).data["news"]
    still = assert_watched(ltictl, 8).data["news"]
    playback.on("token", token(*ASKED))
    well = assert_watched(ltictl, 0).data["news"]
    assert_watched(ltictl, 0)

    assert fine == still == {"broken": [], "well": [], "announced": True}
    assert (broke["broken"], well["well"]) == (["acme-moodle"], ["acme-moodle"])
    first, second = announced(news)
    assert [each["id"] for each in first["broken"]] == ["acme-moodle"]
    assert first["broken"][0]["organization"] == "acme"
    assert first["broken"][0]["problems"]
    assert (first["well"], second["broken"]) == ([], [])
    assert [(each["id"], each["problems"]) for each in second["well"]] == [("acme-moodle", [])]


def test_news_that_the_hook_did_not_take_is_announced_again(
    ltictl: Ltictl, context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    set_hook(context, "echo no mail server; exit 3\n")
    recorded("acme-moodle")
    playback.on("token", REFUSED)

    failed = assert_watched(ltictl, 8)
    news = set_hook(context, WRITE)
    playback.on("token", token(*ASKED))
    assert_watched(ltictl, 0)  # never announced as broken, so nothing is well again

    assert failed.data["news"] == {"broken": ["acme-moodle"], "well": [], "announced": False}
    assert any("no mail server" in each for each in failed.json["warnings"])
    assert announced(news) == []

    playback.on("token", REFUSED)
    assert_watched(ltictl, 8)
    set_hook(context, "exit 3\n")
    playback.on("token", token(*ASKED))
    unheard = assert_watched(ltictl, 1)
    set_hook(context, WRITE)
    again = assert_watched(ltictl, 0)

    assert unheard.error["code"] == "hook_failed"
    assert again.data["news"]["well"] == ["acme-moodle"]


def test_a_run_by_hand_announces_nothing_and_hides_nothing(
    ltictl: Ltictl, context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    news = set_hook(context, WRITE)
    recorded("acme-moodle")
    playback.on("token", REFUSED)

    assert "news" not in ltictl("verify", "--all", "--allow-private", "--json").data
    assert announced(news) == []
    assert assert_watched(ltictl, 8).data["news"]["broken"] == ["acme-moodle"]


def test_an_outage_of_all_has_room(context: Context, recorded: Recorded) -> None:
    """Thousands of problems are more than the environment of a program can hold."""
    news = set_hook(context, WRITE)
    made = recorded("acme-moodle")
    for number in range(3):
        context.profile.integrations.add(replace(made, id=f"acme-moodle-{number}"))
    for each in context.profile.integrations.all():
        context.profile.integrations.change(
            each.id, lambda stored: replace(stored, problems=("x" * 100_000,))
        )

    found = announce_news(context, context.profile.integrations.ids())

    assert (len(found.broken), found.failure) == (4, "")
    assert len(announced(news)[0]["broken"]) == 4


def test_without_a_hook_there_is_nothing_to_run(ltictl: Ltictl, context: Context) -> None:
    done = assert_watched(ltictl, 2)

    assert done.error["code"] == "no_problem_hook"
    set_hook(context, "exit 0\n").with_name("tell us").unlink()
    assert assert_watched(ltictl, 1).error["code"] == "hook_missing"
    checks = {each["id"]: each for each in ltictl("doctor", "--offline", "--json").data["checks"]}
    assert checks["hook"]["result"] == "fail"


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        (Status.PENDING, "ltictl activate acme-moodle"),
        (Status.ACTIVE, "ltictl deployment add acme-moodle --from-launch FILE"),
    ],
)
def test_what_to_do_about_an_unused_one(recorded: Recorded, status: Status, fix: str) -> None:
    made = recorded(status=status, created_at=utc_now() - timedelta(days=40))

    (found,) = unused([made], utc_now())

    assert found.fix == fix
    assert "40 days" in found.detail


def test_a_launch_that_an_older_version_recorded_counts(recorded: Recorded) -> None:
    made = recorded(deployments=(Deployment("1", source=DeploymentSource.LAUNCH),))

    assert list(unused([made], utc_now())) == []


@pytest.mark.usefixtures("context")
def test_what_ends_within_a_week_is_listed_the_soonest_first(ltictl: Ltictl) -> None:
    ltictl("org", "add", "beta").assert_success()
    for organization, life in (("acme", "2d"), ("beta", "20d"), ("acme", "1h")):
        ltictl("registration-url", "--org", organization, "--expires", life).assert_success()
    ltictl("rotate-keys", "--allow-private").assert_success()

    found = ltictl("list", "--expiring", "--json").data
    of_beta = ltictl("list", "--expiring", "--org", "beta", "--json").data

    kinds = [each["kind"] for each in found["expiring"]]
    assert kinds == ["invitation", "next_key", "invitation"]
    assert len(found["invitations"]) == 2
    assert all(each["fix"].startswith("ltictl ") for each in found["expiring"])
    assert [each["kind"] for each in of_beta["expiring"]] == ["next_key"]


def test_lists_with_different_columns_exclude_each_other(ltictl: Ltictl) -> None:
    done = ltictl("list", "--unused", "--expiring", "--json")

    assert (done.code, done.error["code"]) == (2, "options_conflict")
