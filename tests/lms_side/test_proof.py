"""A script brings an empty profile and an LMS's token to a launched tool: no browser, no person."""

import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ltictl.lti.vocabulary import CLAIM
from ltictl.sandbox.family import Like
from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import ToolState
from ltictl.store.profile import Profile
from tests.support.cli import Home
from tests.support.processes import run_argv

from .launches import launched
from .schools import administrator

BEGIN = f"""
ltictl() {{ "{sys.executable}" -m ltictl "$@"; }}
ltictl init --name "Example Tool" --url https://tool.example.com
ltictl org add acme
"""
CANVAS = """
ltictl register --org acme --via-lms --platform "$LMS" \
    --activate --activate-at-lms --deploy root --yes --allow-private
"""
# What 'ltictl lms script moodle' prints runs on Moodle's own host; the file holds its two lines.
MOODLE = """
{
  read -r configuration
  ltictl register --org acme --openid-configuration "$configuration" \
      --registration-token-file - --yes --allow-private
} < two-lines
ltictl activate acme-moodle
ltictl lms activate acme-moodle --yes --allow-private
ltictl lms deploy acme-moodle --course 2 --yes --allow-private
"""


@pytest.mark.parametrize(("like", "script"), [(Like.CANVAS, CANVAS), (Like.MOODLE, MOODLE)])
def test_a_script_and_a_token_lead_to_a_launched_tool(
    home: Home, tmp_path: Path, like: Like, script: str
) -> None:
    with Sandbox(family=like.code) as sandbox:
        token = administrator(sandbox).token
        if like is Like.MOODLE:
            _write_two_lines(tmp_path / "two-lines", sandbox)
        variables = {"LTICTL_LMS_TOKEN": token, "LMS": sandbox.base_url}

        done = run_argv(
            ["bash", "-euo", "pipefail", "-c", BEGIN + script],
            cwd=tmp_path,
            env=home.environment(variables),
        )

        assert done.code == 0, done
        profile = Profile(home.ltictl_home / "profiles" / "default")
        (integration,) = profile.integrations.all()
        (tool,) = sandbox.lms.tools()
        assert (integration.client_id, integration.status) == (tool.client_id, "active")
        assert (tool.state, profile.attempts.ids()) == (ToolState.ACTIVE, [])
        (deployment,) = integration.deployments
        claims = launched(sandbox, deployment.id)
        assert claims[f"{CLAIM}deployment_id"] == deployment.id
        assert token not in done.stdout + done.stderr
        files = [each for each in home.path.rglob("*") if each.is_file()]
        assert all(token.encode() not in each.read_bytes() for each in files)


def _write_two_lines(path: Path, sandbox: Sandbox) -> None:
    address = sandbox.lms.start_registration("https://tool.example.com/lti/register")
    given = parse_qs(urlsplit(address).query)
    path.write_text(f"{given['openid_configuration'][0]}\n{given['registration_token'][0]}\n")
