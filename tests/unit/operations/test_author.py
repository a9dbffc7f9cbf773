"""The author of a change: who, where, which job, and a command line that holds no secret."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.operations.author import author_of, command_for_log

GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/lti",
    "GITHUB_RUN_ID": "42",
}
AZURE = {
    "SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/",
    "SYSTEM_TEAMPROJECT": "lti",
    "BUILD_BUILDID": "7",
}


@pytest.mark.parametrize(
    ("environment", "job"),
    [
        ({}, ""),
        (GITHUB, "https://github.com/acme/lti/actions/runs/42"),
        ({"CI_JOB_URL": "https://gitlab.example/-/jobs/1"}, "https://gitlab.example/-/jobs/1"),
        ({"BUILD_URL": "https://ci.example/job/1/?token=S"}, "https://ci.example/job/1/?..."),
        (AZURE, "https://dev.azure.com/acme/lti/_build/results/7"),
        ({"GITHUB_RUN_ID": "42"}, ""),
    ],
)
def test_the_job_is_read_from_the_runners_variables(environment: dict[str, str], job: str) -> None:
    author = author_of(environment, "activate", ["activate", "acme-moodle"])

    assert author.job == job
    assert author.command == "ltictl activate acme-moodle"
    assert author.user
    assert author.host


def test_the_actor_that_is_named_goes_before_all_others() -> None:
    named = author_of({"LTICTL_ACTOR": " Ada ", **GITHUB}, "activate", [])

    assert (named.name, named.in_words) == ("Ada", "Ada")
    assert (
        author_of(GITHUB, "activate", []).in_words == "https://github.com/acme/lti/actions/runs/42"
    )
    assert "sudo by ada" in author_of({"SUDO_USER": "ada"}, "activate", []).in_words


@given(
    st.text("abcXYZ019.-_~%", min_size=1),
    st.text("abcXYZ019.-_~%&=", min_size=8),
    st.sampled_from(["", "--openid-configuration=", "--platform="]),
    st.sampled_from("?#"),
)
def test_no_address_keeps_its_query_or_its_password(
    path: str, secret: str, option: str, mark: str
) -> None:
    secret = f"SECRET{secret}"
    noted = command_for_log([f"{option}https://u:{secret}@lms.example/{path}{mark}t={secret}"])

    assert secret not in noted
    assert f"{option}https://lms.example/{path}{mark}..." in noted


def test_what_cannot_be_written_down_is_replaced() -> None:
    assert author_of({"LTICTL_ACTOR": "a\udcff"}, "x", ["\udcff"]).name == "a?"
