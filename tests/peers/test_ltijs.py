"""``export ltijs``: the real ltijs loads the module, twice, and answers ``/login``."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl
from tests.support.ltijs import Ltijs

from .conftest import Configure, Register


def test_ltijs_answers_a_login_for_active_integrations(
    ltictl: Ltictl, lms: Sandbox, configure: Configure, register: Register, tmp_path: Path
) -> None:
    configure("https://tool.invalid")
    first, second = register("acme"), register("beta")
    assert ltictl("deactivate", second["id"], "--yes").code == 0
    module = tmp_path / "ltijs-platforms.js"

    done = ltictl("export", "ltijs", "--all", "--output", str(module), "--json")

    assert done.code == 0, done
    (warning,) = done.json["warnings"]
    assert "ltijs signs with its own keys" in warning
    with Ltijs(module, tmp_path) as tool:
        assert {each["clientId"]: each["active"] for each in tool.platforms} == {
            first["client_id"]: True,
            second["client_id"]: False,
        }
        answers = {each["id"]: login(tool, lms, each["client_id"]) for each in (first, second)}

    assert answers[second["id"]].status_code == 401
    found = answers[first["id"]]
    assert found.status_code == 302
    address = urlsplit(found.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{lms.base_url}/auth"
    assert parse_qs(address.query)["client_id"] == [first["client_id"]]


def login(tool: Ltijs, lms: Sandbox, client_id: str) -> httpx.Response:
    fields = {
        "iss": lms.base_url,
        "target_link_uri": f"{tool.base_url}/",
        "login_hint": "4",
        "lti_message_hint": "{}",
        "client_id": client_id,
    }
    return httpx.post(f"{tool.base_url}/login", data=fields, trust_env=False)
