"""Recordings of independent platforms, played back to whole commands.

ILIAS's registrations stand in ``test_ilias_recordings``.
"""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ltictl.model.record import replace
from tests.support.answers import Answer, ReceivedRequest, Scripted
from tests.support.cli import Ltictl
from tests.support.foreign import answer, bearer, configuration, launch_token
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

Play = Callable[[str], PlaybackPlatform]


@pytest.fixture
def play(acme: Ltictl) -> Iterator[Play]:
    """The platform of a folder, which also serves the tool's key set."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(folder: str) -> PlaybackPlatform:
            platform = stack.enter_context(PlaybackPlatform(configuration(folder)))
            platform.on("jwks", answer(folder, "jwks-200"))
            serve_tool(acme, platform)
            return platform

        yield start


def serve_tool(cli: Ltictl, platform: PlaybackPlatform) -> None:
    """Let the platform's server hold the tool's key set; the platforms themselves fetch nothing."""
    file = cli.home.ltictl_home / "profiles" / "default" / "profile.toml"
    line = f'[tool]\njwks_uri = "{platform.url("/tool-keys")}"\n'
    file.write_text(file.read_text().replace("[tool]\n", line, 1))
    platform.on("/tool-keys", Answer.text(cli("jwks").stdout, content_type="application/json"))


def register(cli: Ltictl, platform: PlaybackPlatform, folder: str, name: str) -> Finished:
    """With the recorded token and answer; the answer repeats the key set's address of the tool."""
    found, token = answer(folder, name), bearer(folder, name)
    own = platform.url("/tool-keys").encode()
    body = found.body.replace(b"https://localhost:22500/.well-known/jwks.json", own)
    platform.on("registration", replace(found, body=body))
    given = ("--registration-token-file", "-") if token else ()
    return cli(
        *("register", "--org", "acme", "--yes", "--json", "--allow-private"),
        *("--openid-configuration", platform.url("configuration"), *given),
        input=token or None,
    )


def assert_verified(cli: Ltictl, identifier: str, code: int) -> dict[str, dict[str, str]]:
    done = cli("verify", identifier, "--allow-private", "--json")
    assert done.code == code, done
    return {each["id"]: each for each in done.data["integrations"][0]["checks"]}


def assert_exported(cli: Ltictl, identifier: str, folder: Path) -> dict[str, Any]:
    """The one client of PyLTI1p3's file."""
    assert cli("activate", identifier).code == 0
    done = cli("export", "pylti1p3", "--output", str(folder / "lti.json"), "--json")
    assert done.code == 0, done
    (clients,) = json.loads((folder / "lti.json").read_text()).values()
    (client,) = clients
    return dict(client)


def audience(request: ReceivedRequest) -> str:
    part = request.form["client_assertion"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["aud"])


def test_lti_toolkit(acme: Ltictl, play: Play, tmp_path: Path) -> None:
    """It refuses the audience that it names, and its authorization endpoint takes POST alone."""
    platform = play("lti-toolkit")
    platform.on("authorization", answer("lti-toolkit", "authorization-get-404"))
    right, wrong = answer("lti-toolkit", "token-200-2"), answer("lti-toolkit", "token-500")
    own = platform.url("token")
    platform.on("token", lambda request: right if audience(request) == own else wrong)

    done = register(acme, platform, "lti-toolkit", "registration-200-3")
    checks = assert_verified(acme, "acme-lms", 0)
    shown = acme("show", "acme-lms").stdout
    client = assert_exported(acme, "acme-lms", tmp_path)

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert found["client_id"] == client["client_id"] == "IfIO3-Oqj8dbGGlKsokvt"
    assert [each["id"] for each in found["deployments"]] == ["caRSxXaWThj3QgFPNqCZz"]
    assert found["platform"]["issuer"] == f"{platform.base_url}/"
    assert (checks["audience"]["result"], checks["token"]["result"]) == ("warn", "warn")
    assert "not granted: lineitem, contextmembership.readonly" in checks["token"]["detail"]
    assert checks["authorization_endpoint"]["result"] == "warn"
    assert "HTTP 404 to GET" in checks["authorization_endpoint"]["detail"]
    assert f"audience        {own}" in shown
    assert client["auth_audience"] is None  # the token endpoint, which works


def test_lms_simulator(acme: Ltictl, play: Play, tmp_path: Path) -> None:
    """It has the address of a token endpoint, and says there that it has none."""
    platform = play("lms-simulator")
    platform.on("authorization", answer("lms-simulator", "authorization-200"))
    platform.on("token", answer("lms-simulator", "token-501"))

    done = register(acme, platform, "lms-simulator", "registration-201")
    checks = assert_verified(acme, "acme-lms", 8)
    client = assert_exported(acme, "acme-lms", tmp_path)

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert found["client_id"] == client["client_id"] == "6a2151a2-8140-4b67-b036-ec7610f9e364"
    assert [each["id"] for each in found["deployments"]] == ["1"]
    assert checks["token"]["result"] == "fail"
    assert "not_implemented (HTTP 501)" in checks["token"]["detail"]
    assert "There is no token endpoint" in checks["token"]["detail"]
    assert checks["authorization_endpoint"]["result"] == "pass"
    assert checks["platform_key_set"]["result"] == "pass"
    problem = next(
        line for line in acme("show", "acme-lms").stdout.splitlines() if "problem" in line
    )
    assert "501" in problem


@pytest.mark.parametrize(
    ("folder", "name"),
    [("ilias-released", "registration-200"), ("ilias-trunk", "registration-200-2")],
)
def test_ilias(acme: Ltictl, play: Play, tmp_path: Path, folder: str, name: str) -> None:
    platform = play(folder)
    platform.on("authorization", Answer.text("", 400))
    platform.on("token", answer(folder, "token-200"))

    done = register(acme, platform, folder, name)
    checks = assert_verified(acme, "acme-ilias", 0)
    client = assert_exported(acme, "acme-ilias", tmp_path)

    assert done.code == 0, done
    assert client["deployment_ids"] == ["40"]
    assert checks["token"]["result"] == "warn"
    assert checks["token"]["detail"] == "not granted: contextmembership.readonly"
    assert "deployments     40 (registration)" in acme("show", "acme-ilias").stdout


def test_ilias_without_the_client(acme: Ltictl, play: Play) -> None:
    platform = play("ilias-released")
    platform.on("authorization", Answer.text("", 400))
    platform.on("token", answer("ilias-released", "token-401-2"))

    register(acme, platform, "ilias-released", "registration-200")
    checks = assert_verified(acme, "acme-ilias", 8)

    assert "invalid_client (HTTP 401)" in checks["token"]["detail"]
    assert "ILIAS has no tool with this client_id" in checks["token"]["detail"]


OPENEDX = "/api/lti_consumer/v1"
UUID = "d67fb871-4aaa-4a0e-af12-18f71fb038a8"


@pytest.fixture
def openedx(acme: Ltictl, playback: PlaybackPlatform) -> PlaybackPlatform:
    """Recorded with ``add``, as its preset and the block's own addresses say."""
    token, keys = f"{OPENEDX}/token/{UUID}", f"{OPENEDX}/public_keysets/{UUID}"
    playback.on(keys, answer("openedx", "jwks-200-2"))
    playback.on(token, answer("openedx", "token-200-2"))
    playback.on(f"{OPENEDX}/launch/", answer("openedx", "authorization-400"))
    serve_tool(acme, playback)
    done = acme(
        *("add", "--org", "acme", "--preset", "openedx", "--issuer", playback.base_url),
        *("--token-endpoint", playback.url(token), "--jwks-uri", playback.url(keys)),
        *("--client-id", "ea53956b-327b-439e-a97b-6b708f1dc0cc", "--deployment", "1", "--json"),
    )
    assert done.code == 0, done
    assert done.json["warnings"] == []
    return playback


@pytest.mark.usefixtures("openedx")
def test_openedx(acme: Ltictl, tmp_path: Path) -> None:
    checks = assert_verified(acme, "acme-openedx", 0)
    client = assert_exported(acme, "acme-openedx", tmp_path)

    assert checks["token"]["result"] == "pass"
    assert checks["token"]["detail"].startswith("4 services granted")
    assert checks["authorization_endpoint"]["detail"] == "answers (HTTP 400)"
    assert client["auth_token_url"].endswith(f"/token/{UUID}")


def test_openedx_that_does_not_know_the_client(acme: Ltictl, openedx: PlaybackPlatform) -> None:
    openedx.on(f"{OPENEDX}/token/{UUID}", answer("openedx", "token-400-3"))

    checks = assert_verified(acme, "acme-openedx", 8)

    assert "invalid_client (HTTP 400)" in checks["token"]["detail"]


def test_wordpress(acme: Ltictl, playback: PlaybackPlatform, tmp_path: Path) -> None:
    def page(request: ReceivedRequest) -> Answer:
        keys = request.query == "lti-platform&keys"
        return answer("wordpress", "jwks-200" if keys else "authorization-200")

    playback.on("/", page)
    serve_tool(acme, playback)
    done = acme(
        *("add", "--org", "acme", "--preset", "wordpress", "--issuer", playback.base_url),
        *("--client-id", "probe-tool", "--deployment", "1", "--json"),
    )
    checks = assert_verified(acme, "acme-wordpress", 0)
    client = assert_exported(acme, "acme-wordpress", tmp_path)

    assert done.code == 0, done
    results = {name: each["result"] for name, each in checks.items()}
    assert results.pop("lms_activation") == "unknown"
    assert set(results.values()) == {"pass"}, checks
    assert client["auth_login_url"].startswith(f"{playback.base_url}/?lti-platform&auth&")


REFUSALS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "lti-toolkit, a wrong token": (
        "lti-toolkit",
        "registration-400",
        ("HTTP 400", "Invalid registration token", "issues a fresh token"),
    ),
    "lti-toolkit, no token": (
        "lti-toolkit",
        "registration-400-2",
        ("HTTP 400", "Missing or invalid Authorization header", "token"),
    ),
    "the simulator, a wrong token": (
        "lms-simulator",
        "registration-401-2",
        ("HTTP 401", "invalid_token", "issues a fresh token"),
    ),
}


@pytest.mark.parametrize(("folder", "name", "said"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_explained(
    acme: Ltictl, play: Play, folder: str, name: str, said: tuple[str, ...]
) -> None:
    platform = play(folder)

    done = register(acme, platform, folder, name)

    assert (done.code, done.error["code"]) == (3, "platform_refused")
    text = " ".join(done.error[each] for each in ("message", "why", "fix"))
    assert not [each for each in said if each not in text], text
    assert acme("list", "--json").data == {"integrations": [], "attempts": [], "invitations": []}


LAUNCHES = {
    "lti-toolkit": ("https://localhost:22444/", "IfIO3-Oqj8dbGGlKsokvt", "caRSxXaWThj3QgFPNqCZz"),
    "lms-simulator": ("https://localhost:22445", "6a2151a2-8140-4b67-b036-ec7610f9e364", "1"),
    "wordpress": ("https://localhost:22443", "probe-tool", "1"),
}


@pytest.mark.parametrize(("folder", "known"), LAUNCHES.items(), ids=LAUNCHES)
def test_its_launch_tells_the_deployment(
    acme: Ltictl, playback: PlaybackPlatform, folder: str, known: tuple[str, str, str]
) -> None:
    issuer, client, deployment = known
    keys: Scripted = answer(folder, "jwks-200")
    playback.on("/keys", keys)
    added = acme(
        *("add", "--org", "acme", "--issuer", issuer, "--client-id", client, "--no-services"),
        *("--authorization-endpoint", f"{issuer}/auth", "--jwks-uri", playback.url("/keys")),
        "--json",
    )
    assert added.code == 0, added

    done = acme(
        *("deployment", "add", "acme-lms", "--from-launch", "-", "--allow-private", "--json"),
        input=launch_token(f"{folder}-launch"),
    )

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert [(each["id"], each["source"]) for each in found["deployments"]] == [
        (deployment, "launch")
    ]
