"""``apply`` with ``lms = {…}`` plans by reading, acts once, and restores a wiped LMS."""

from pathlib import Path
from typing import Any

import pytest

from ltictl.operations.context import Context
from ltictl.sandbox.administration import Administrator
from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import ToolState

from .conftest import Run

ID = "acme-canvas"


@pytest.fixture
def document(canvas: Sandbox, tmp_path: Path) -> Path:
    path = tmp_path / "lti.toml"
    path.write_text(
        '[[integrations]]\norganization = "acme"\nstatus = "active"\n'
        f'lms = {{ url = "{canvas.base_url}", state = "on", deploy = ["root", "course:101"] }}\n'
    )
    return path


def actions(data: dict[str, Any]) -> list[str]:
    return [each["action"] for each in data["changes"]]


def test_an_empty_profile_becomes_what_the_document_says(
    run: Run,
    canvas: Sandbox,
    administrator: Administrator,
    context: Context,
    token_file: str,
    document: Path,
) -> None:
    def apply(*more: str) -> tuple[int, list[str]]:
        done = run(
            *("apply", str(document), "--token-file", token_file, "--detailed-exitcode", "--json"),
            *more,
        )
        return done.code, actions(done.data)

    planned = apply("--dry-run")
    assert ({method for method, _ in administrator.calls}, canvas.lms.tools()) <= ({"GET"}, ())
    made = apply("--yes")
    again = apply("--yes")

    assert planned == made == (10, ["register-at-lms"])
    assert again == (0, [])
    (tool,) = canvas.lms.tools()
    assert tool.state is ToolState.ACTIVE
    assert context.profile.integrations.get(ID).status == "active"

    run("lms", "deactivate", ID, "--token-file", token_file, "--yes")
    assert apply("--yes") == (10, ["activate-at-lms"])
    canvas.lms.delete(tool.deployment_id)  # a test environment, overwritten from production
    assert apply("--yes") == (10, ["register-at-lms"])
    assert apply("--yes") == (0, [])
    assert [each.id for each in context.profile.integrations.all()] == [ID]


@pytest.mark.parametrize(
    "table",
    [
        '{ state = "maybe" }',
        '{ deploy = ["nowhere"] }',
        '{ url = "school" }',
        '{ token = "x" }',
        "{ deploy = [1] }",
        '"on"',
    ],
)
def test_impossible_wishes_are_errors(run: Run, tmp_path: Path, table: str) -> None:
    path = tmp_path / "lti.toml"
    path.write_text(f'[[integrations]]\nid = "acme-canvas"\nlms = {table}\n')

    done = run("apply", str(path), "--dry-run", "--json")

    assert (done.code, done.error) == (2, "invalid_document")
