"""``export django-lti``: after ``loaddata``, the embedded LMS launches the real library."""

import json
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import httpx

from ltictl.sandbox.server import Sandbox
from tests.support.cli import Ltictl
from tests.support.python_peers import PythonPeer, run_peer

from .conftest import Configure, Register

if TYPE_CHECKING:
    from playwright.sync_api import Page


def manage(database: Path, *arguments: str) -> str:
    done = run_peer("django-lti", "django_lti_tool.py", str(database), *arguments)
    done.assert_success()
    return done.stdout


def assert_loads(ltictl: Ltictl, database: Path, fixture: Path, *args: str) -> None:
    done = ltictl("export", "django-lti", "--output", str(fixture), "--json", *args)
    done.assert_success()
    assert stat.S_IMODE(fixture.stat().st_mode) == 0o600
    manage(database, "loaddata", str(fixture))


def kids(url: str) -> list[str]:
    keys = httpx.get(f"{url}/.well-known/jwks.json", trust_env=False).json()["keys"]
    return sorted(each["kid"] for each in keys)


def test_django_lti_launches_and_gets_a_token_also_after_a_rotation(
    ltictl: Ltictl,
    lms: Sandbox,
    configure: Configure,
    register: Register,
    tmp_path: Path,
    chromium_page: "Page",
) -> None:
    database, fixture = tmp_path / "db.sqlite", tmp_path / "lti.json"
    manage(database, "migrate", "--verbosity", "0")
    with PythonPeer("django-lti", "django_lti_tool.py", str(database), "serve") as tool:
        login = f"{tool.base_url}/lti/login/{{integration_uuid}}/"
        configure(tool.base_url, initiate_login_uri=login)
        integration = register()
        assert_loads(ltictl, database, fixture)
        identifier = str(uuid5(NAMESPACE_URL, f"ltictl:integration:{integration['id']}"))

        assert lms.lms.tools()[0].settings.initiate_login_uri.endswith(f"/{identifier}/")
        facts = launch(chromium_page, lms, integration)
        assert (facts["registration"], facts["access_token"]) == (identifier, True)

        # A key that is only published must not begin to sign.
        assert ltictl("rotate-keys", "--json").code == 0
        published = json.loads(ltictl("jwks").stdout)["keys"]
        assert_loads(ltictl, database, fixture)
        assert len(published) == 2
        assert kids(tool.base_url) == sorted(each["kid"] for each in published)
        assert launch(chromium_page, lms, integration)["access_token"] is True
        newest = manage(
            database,
            "shell",
            "--command",
            "from lti_tool.models import Key; print(Key.objects.active().latest().as_jwk()['kid'])",
        )
        assert newest.split()[-1] == integration_key(ltictl)


def launch(page: "Page", lms: Sandbox, integration: dict[str, Any]) -> dict[str, Any]:
    page.goto(f"{lms.base_url}/launch/{integration['deployments'][0]['id']}")
    page.click(".open.student")
    facts = page.frame_locator("#tool-frame").locator("#facts").inner_text()
    return dict(json.loads(facts))


def integration_key(ltictl: Ltictl) -> str:
    keys = ltictl("keys", "list", "--json").data["keys"]
    return str(next(each["kid"] for each in keys if each["state"] == "current"))


def test_loading_again_updates_and_a_disabled_one_is_switched_off(
    ltictl: Ltictl, configure: Configure, register: Register, tmp_path: Path
) -> None:
    database, fixture = tmp_path / "db.sqlite", tmp_path / "lti.json"
    manage(database, "migrate", "--verbosity", "0")
    configure("https://tool.invalid")
    first, _ = register("acme"), register("beta")
    assert_loads(ltictl, database, fixture)
    assert ltictl("deactivate", first["id"], "--yes").code == 0

    assert_loads(ltictl, database, fixture, "--all")

    rows = json.loads(manage(database, "dumpdata", "lti_tool"))
    states = {
        row["fields"].get("client_id", row["fields"].get("deployment_id")): row["fields"][
            "is_active"
        ]
        for row in rows
        if row["model"] != "lti_tool.key"
    }
    assert states[first["client_id"]] is False
    assert states["1"] is False
    assert states["2"] is True
    assert len(states) == 4
