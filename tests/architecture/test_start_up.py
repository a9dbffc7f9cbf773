"""Frequent commands import nothing that they do not need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ltictl.model.integration import Integration, Status
from ltictl.model.platform import Platform
from ltictl.operations.context import Context, utc_now
from ltictl.operations.initialise import initialise
from ltictl.operations.organizations import add_organization
from ltictl.store.profile import Profile

HEAVY = {"httpx", "jwt", "cryptography", "rich", "starlette", "uvicorn", "jinja2", "pydantic"}
# Runs the command, then says on the last line of stderr which modules it ended up with.
PROBE = """
import sys
from ltictl.__main__ import main
sys.argv = ["ltictl", *sys.argv[1:]]
code = 0
try:
    main()
except SystemExit as end:
    code = end.code or 0
found = {name.split('.')[0] for name, module in sys.modules.items() if module}
sys.stderr.write(f"{code} {' '.join(sorted(found))}")
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile with one pending integration."""
    context = Context(Profile(tmp_path_factory.mktemp("home") / "profile"))
    initialise(context, name="Example Tool", url="https://tool.example")
    add_organization(context, "acme")
    at = "https://lms.example"
    platform = Platform(at, f"{at}/auth", f"{at}/token", f"{at}/jwks", f"{at}/token")
    now = utc_now()
    context.profile.integrations.add(
        Integration("acme-moodle", "acme", Status.PENDING, platform, "client-1", now, now)
    )
    return context.profile.root


def modules_after(profile: Path, *args: str) -> tuple[int, set[str]]:
    environment = {"PATH": os.environ["PATH"], "LTICTL_PROFILE": str(profile)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *args],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, *names = done.stderr.splitlines()[-1].split()
    return int(code), set(names)


@pytest.mark.parametrize(
    "args",
    [
        ("list", "--json"),
        ("list",),
        ("show", "acme-moodle", "--json"),
        ("activate", "acme-moodle", "--json"),
        ("org", "list"),
        ("metrics",),
        ("registration-url", "--org", "acme"),
        ("--help",),
        ("list", "--help"),
        ("register", "--help"),
        ("no-such-command",),
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported(profile: Path, args: tuple[str, ...]) -> None:
    code, modules = modules_after(profile, *args)

    assert code == (2 if args == ("no-such-command",) else 0)
    assert "ltictl" in modules
    assert modules & HEAVY == set()


def test_the_probe_would_notice(profile: Path) -> None:
    _, modules = modules_after(profile, "verify", "acme-moodle")

    assert {"httpx", "ssl"} <= modules


def test_the_http_client_comes_without_its_own_command_line(profile: Path) -> None:
    _, modules = modules_after(profile, "verify", "acme-moodle", "--json")

    assert "httpx" in modules
    assert modules & {"click", "rich", "pygments"} == set()


@pytest.mark.parametrize("args", [("--version",), ("__complete", "integrations")], ids=" ".join)
def test_versions_and_completion_need_no_library_at_all(
    profile: Path, args: tuple[str, ...]
) -> None:
    code, modules = modules_after(profile, *args)

    assert code == 0
    assert modules & (HEAVY | {"typer", "msgspec", "rtoml", "json"}) == set()
