"""``refresh``: the facts that an LMS shows now, compared with the stored ones, and recorded."""

from pathlib import Path
from typing import Any

import pytest

from ltictl.lti.vocabulary import SCOPES
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home
from tests.support.in_process import Run, run
from tests.support.playback import PlaybackPlatform
from tests.support.schemas import assert_schema, data_schema

from .conftest import Recorded

__all__ = ["run"]
ID = "acme-moodle"


@pytest.fixture
def stored(run: Run, home: Home, recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ltictl with an integration at the playing platform."""
    recorded(ID)
    monkeypatch.setenv("LTICTL_HOME", str(home.ltictl_home))
    return run


def results(run: Run, *args: str, code: int = 0) -> dict[str, str]:
    done = run("refresh", *args, "--json")
    assert_schema(done.envelope["data"], data_schema("refresh"))
    return {each["id"]: each["outcome"] for each in done.envelope["data"]["results"]} | (
        {} if done.code == code else {"exit code": str(done.code)}
    )


def test_what_changed_is_shown_asked_and_recorded(
    stored: Run, context: Context, playback: PlaybackPlatform
) -> None:
    playback.configuration["token_endpoint"] += "/new"
    before = context.profile.integrations.get(ID)

    assert results(stored, ID, "--dry-run") == {ID: "differs"}
    assert stored("refresh", ID, "--json").envelope["error"]["code"] == "consent_needed"
    assert context.profile.integrations.get(ID) == before
    assert results(stored, ID, "--yes") == {ID: "changed"}
    again = stored("refresh", ID)

    after = context.profile.integrations.get(ID)
    assert after.platform.token_endpoint == f"{before.platform.token_endpoint}/new"
    assert (after.client_id, after.deployments) == (before.client_id, before.deployments)
    assert again.code == 0
    assert again.stderr.endswith("Nothing changed.\n")
    entries = stored("log", ID, "--action", "refresh", "--json").envelope["data"]["entries"]
    assert len(entries) == 1


def test_an_audience_of_its_own_stays(
    stored: Run, context: Context, playback: PlaybackPlatform
) -> None:
    audience = "https://proved.example"
    context.profile.integrations.change(
        ID, lambda one: replace(one, platform=replace(one.platform, audience=audience))
    )
    playback.configuration["token_endpoint"] += "/new"

    assert results(stored, ID, "--yes") == {ID: "changed"}

    assert context.profile.integrations.get(ID).platform.audience == audience


def test_a_service_that_the_lms_lists_now_is_named(stored: Run, context: Context) -> None:
    def asked_for_less(one: Any) -> Any:
        return replace(one, scopes=replace(one.scopes, requested=(SCOPES["lineitem"],)))

    context.profile.integrations.change(ID, asked_for_less)

    done = stored("refresh", ID, "--dry-run")

    assert "score" in done.stderr
    assert f"To request it: ltictl update {ID}" in done.stderr


def test_one_address_is_asked_once_and_one_failure_stops_no_other(
    stored: Run, context: Context, recorded: Recorded, playback: PlaybackPlatform
) -> None:
    made = context.profile.integrations.get(ID)
    recorded("acme-moodle-2")
    recorded("acme-canvas", platform=replace(made.platform, family="canvas"))
    gone = replace(made.platform, configuration_url=playback.url("/nothing/here"))
    recorded("acme-moodle-3", platform=gone)
    before = len(playback.requests_to("configuration"))

    found = results(stored, "--all", "--dry-run", code=8)

    assert found == {
        "acme-canvas": "skipped",
        ID: found[ID],
        "acme-moodle-2": found[ID],
        "acme-moodle-3": "failed",
    }
    assert found[ID] != "failed"
    assert len(playback.requests_to("configuration")) == before + 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(200, {"Content-Type": "text/html"}, b"<p>hello"), "configuration_not_json"),
        (Answer.redirect("https://new.invalid/"), "lms_moved"),
        (Answer(503, {}, b""), "configuration_unavailable"),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    stored: Run, home: Home, playback: PlaybackPlatform, answer: Answer, code: str
) -> None:
    document: Path = (
        Profile(home.ltictl_home / "profiles" / "default").root / f"integrations/{ID}.toml"
    )
    before = document.read_bytes()
    playback.on("configuration", answer)

    done = stored("refresh", ID, "--yes", "--json")

    assert (done.code, done.envelope["error"]["code"]) == (3, code)
    assert "registration in the LMS again" not in done.envelope["error"]["fix"]
    assert document.read_bytes() == before


def test_an_lms_that_shows_its_configuration_once_is_named(
    stored: Run, context: Context, recorded: Recorded
) -> None:
    made = context.profile.integrations.get(ID)
    recorded("acme-canvas", platform=replace(made.platform, family="canvas"))

    done = stored("refresh", "acme-canvas", "--json")

    assert (done.code, done.envelope["error"]["code"]) == (1, "configuration_not_shown")
    assert "with a token" in done.envelope["error"]["why"]
