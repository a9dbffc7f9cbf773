"""``update --all`` and ``list --outdated`` bring a new service to every customer, one by one."""

import json
from typing import Any

import pytest

from ltictl.cli.app import main
from ltictl.sandbox.family import Like
from tests.support.schemas import assert_schema, data_schema

from .conftest import MakeSchool, School, setting


@pytest.fixture
def canvas(school_like: MakeSchool) -> School:
    """Two integrations at one LMS, both switched on."""
    school = school_like(Like.CANVAS)
    for _ in range(2):
        done = school.register(school.start())
        school.sandbox.lms.activate(done.integration.deployments[0].id)
    return school


def run(
    school: School, capsys: pytest.CaptureFixture[str], *argv: str
) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    profile = school.context.profile.place
    code = main([*argv, "--profile", profile, "--json", "--no-input"])
    data = json.loads(capsys.readouterr().out)["data"]
    if data:
        assert_schema(data, data_schema(argv[0]))
    return code, data


def test_all_are_updated_and_each_says_how_it_went(
    canvas: School, capsys: pytest.CaptureFixture[str]
) -> None:
    message = (
        'type = "LtiDeepLinkingRequest"\nlabel = "Choose"\nplacements = ["assignment_selection"]'
    )
    none = run(canvas, capsys, "list", "--outdated")[1]
    setting(canvas.context, f"[[tool.messages]]\n{message}")

    behind = run(canvas, capsys, "list", "--outdated")[1]
    dry = run(canvas, capsys, "update", "--all", "--dry-run", "--allow-private")
    sent = run(canvas, capsys, "update", "--all", "--yes", "--allow-private")

    assert none["outdated"] == []
    assert [each["messages"] for each in behind["outdated"]] == [["LtiDeepLinkingRequest"]] * 2
    assert [each["outcome"] for each in dry[1]["results"]] == ["differs", "differs"]
    assert sent[0] == 0
    assert [each["outcome"] for each in sent[1]["results"]] == ["changed", "changed"]
    lms = canvas.sandbox.lms
    assert all(lms.has_update(tool.deployment_id) for tool in lms.tools())


def test_one_that_fails_is_no_obstacle_for_the_next_one(
    canvas: School, capsys: pytest.CaptureFixture[str]
) -> None:
    setting(canvas.context, '[tool.platforms.canvas]\nname = "Renamed"')
    first = canvas.sandbox.lms.tools()[0]
    canvas.sandbox.lms.delete(first.deployment_id)

    code, data = run(canvas, capsys, "update", "--all", "--yes", "--allow-private")

    outcomes = {each["id"]: each["outcome"] for each in data["results"]}
    assert code == 8
    assert outcomes == {"acme-canvas": "failed", "acme-canvas-2": "changed"}


def test_the_others_are_skipped_with_the_reason(
    school_like: MakeSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    school = school_like(Like.MOODLE)
    school.register(school.start())

    code, data = run(school, capsys, "update", "--all", "--yes", "--allow-private")
    other = run(school, capsys, "update", "--all", "--platform", "canvas", "--yes")

    assert code == 0
    assert [(e["outcome"], e["error"]["code"]) for e in data["results"]] == [
        ("skipped", "update_not_offered")
    ]
    assert other[1]["results"] == []
