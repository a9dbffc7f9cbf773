"""``export pylti1p3``: the real library loads the file, and the embedded LMS launches it."""

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl
from tests.support.python_peers import PythonPeer

from .conftest import Configure, Register

if TYPE_CHECKING:
    from playwright.sync_api import Page

CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"


def assert_exports(ltictl: Ltictl, path: Path) -> list[str]:
    done = ltictl("export", "pylti1p3", "--output", str(path), "--json")
    done.assert_success()
    assert done.json["warnings"] == []
    return list(done.data["files"])


def test_pylti1p3_launches_chooses_content_and_gets_a_token(
    ltictl: Ltictl,
    lms: Sandbox,
    configure: Configure,
    register: Register,
    tmp_path: Path,
    chromium_page: "Page",
) -> None:
    document = tmp_path / "lti.json"
    with PythonPeer("pylti1p3", "pylti1p3_tool.py", str(document)) as tool:
        configure(tool.base_url)
        integration = register()
        files = assert_exports(ltictl, document)

        served = httpx.get(f"{tool.base_url}/.well-known/jwks.json", trust_env=False).json()
        ours = json.loads(ltictl("jwks").stdout)
        assert [each["kid"] for each in served["keys"]] == [each["kid"] for each in ours["keys"]]
        modes = {Path(each).suffix: stat.S_IMODE(Path(each).stat().st_mode) for each in files}
        assert modes == {".json": 0o644, ".key": 0o600, ".pub": 0o644}

        chromium_page.goto(f"{lms.base_url}/launch/{integration['deployments'][0]['id']}")
        frame = chromium_page.frame_locator("#tool-frame")
        chromium_page.click(".open.student")
        facts = json.loads(frame.locator("#facts").inner_text())
        assert facts["access_token"] is True
        assert facts["claims"]["aud"] == integration["client_id"]

        chromium_page.click("#select-content")
        frame.locator("#back").click()
        chromium_page.click("[aria-label='Open Chapter 7 as teacher']")
        chosen = json.loads(frame.locator("#facts").inner_text())
        assert chosen["claims"][CUSTOM] == {"chapter": "7"}


def test_several_clients_of_one_issuer_have_one_default(
    ltictl: Ltictl, lms: Sandbox, configure: Configure, register: Register, tmp_path: Path
) -> None:
    configure("https://tool.invalid")
    first, second = register("acme"), register("beta")

    assert_exports(ltictl, tmp_path / "lti.json")

    document = json.loads((tmp_path / "lti.json").read_text())
    clients = document[lms.base_url]
    assert [(each["client_id"], each["default"]) for each in clients] == [
        (first["client_id"], True),
        (second["client_id"], False),
    ]
    assert [each["deployment_ids"] for each in clients] == [["1"], ["2"]]
