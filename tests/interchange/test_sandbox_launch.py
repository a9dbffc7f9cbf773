"""``sandbox launch`` opens a course of the running embedded LMS, or says why it cannot."""

from pathlib import Path
from typing import Any

import httpx

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl

from .conftest import Register


def test_it_prints_the_course_in_which_the_tool_can_be_launched(
    ltictl: Ltictl, lms: Sandbox, register: Register
) -> None:
    integration = register()

    done = ltictl("sandbox", "launch", integration["id"])

    assert (done.code, done.stderr) == (0, "")
    url = done.stdout.strip()
    assert url == f"{lms.base_url}/launch/1"
    assert integration["client_id"] in httpx.get(url, trust_env=False).text


def test_without_a_running_one_it_says_how_to_start_it(ltictl: Ltictl, profile: Path) -> None:
    with Sandbox() as lms:
        port = int(lms.base_url.rpartition(":")[2])
        identifier = add(ltictl, profile, lms.base_url)

    done = ltictl("sandbox", "launch", identifier, "--json")

    assert (done.code, done.error["code"]) == (1, "sandbox_not_running")
    assert f"--port {port}" in done.error["fix"]


def test_one_that_was_started_again_knows_nothing(
    ltictl: Ltictl, profile: Path, lms: Sandbox
) -> None:
    identifier = add(ltictl, profile, lms.base_url)

    done = ltictl("sandbox", "launch", identifier, "--json")

    assert (done.code, done.error["code"]) == (1, "sandbox_forgot")


def test_a_real_lms_cannot_be_launched_from_here(ltictl: Ltictl, profile: Path) -> None:
    identifier = add(ltictl, profile, "https://lms.invalid")

    done = ltictl("sandbox", "launch", identifier, "--json")

    assert (done.code, done.error["code"]) == (1, "not_in_sandbox")


def add(ltictl: Ltictl, profile: Path, issuer: str, **changes: Any) -> str:
    """An integration at ``issuer``, imported from ltictl's own format."""
    from tests.interchange.documents import complete, write

    document = write(profile.parent / "document.json", complete(issuer, **changes))
    done = ltictl("import", "json", str(document), "--json")
    done.assert_success()
    return str(done.data["integrations"][0]["id"])
