"""``doctor`` finds and names every fault of a profile, and changes nothing."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.operations.signing import published_keys
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.processes import Finished

from . import breakages
from .documents import files_of
from .templates import with_integrations

KEY_SET, LOGIN, LAUNCH = "/.well-known/jwks.json", "/lti/login", "/lti/launch"


@pytest.fixture
def context(home: Home, profile_with_integrations: Path, playback: PlaybackPlatform) -> Context:
    """A profile whose tool is served by ``playback``, with nothing wrong anywhere."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(profile_with_integrations, folder)
    settings = (folder / "profile.toml").read_text()
    settings = settings.replace("https://tool.invalid", playback.base_url)
    (folder / "profile.toml").write_text(settings)
    context = Context(Profile(folder))
    playback.on(KEY_SET, lambda _: served(context))
    playback.on(LOGIN, Answer.redirect("https://lms.invalid/auth"))
    playback.on(LAUNCH, Answer.text("please launch from your LMS", 200))
    return context


def served(context: Context, at: datetime | None = None) -> Answer:
    headers = {"Content-Type": "application/json"}
    headers["Date"] = format_datetime(at or datetime.now(UTC), usegmt=True)
    return Answer(200, headers, json.dumps(published_keys(context)[0]).encode())


def examined(ltictl: Ltictl, *arguments: str) -> tuple[Finished, dict[str, str]]:
    done = ltictl("doctor", "--json", "--allow-private", *arguments)
    return done, {check["id"]: check["result"] for check in done.data["checks"]}


def assert_explained(done: Finished, identifier: str) -> str:
    """Detail and fix of one check; both must say something."""
    [check] = [each for each in done.data["checks"] if each["id"] == identifier]
    assert check["detail"]
    assert check["fix"], check
    return f"{check['detail']} {check['fix']}"


def test_nothing_is_wrong(ltictl: Ltictl, context: Context) -> None:
    before = files_of(context.profile.root)

    done, results = examined(ltictl)

    assert done.code == 0, done
    assert set(results.values()) == {"pass"}, results
    assert set(results) >= {
        *("profile", "permissions", "leftovers", "documents", "attempts", "hook", "signing_keys"),
        *("private_keys", "published_key_set", "clock", "login_url", "launch_page"),
    }
    assert files_of(context.profile.root) == before


HERE: dict[str, tuple[breakages.Break, str, str, str]] = {
    "a secret that others may read": (breakages.open_secret, "permissions", "fail", "chmod"),
    "a removed secret too": (breakages.open_removed, "permissions", "fail", "chmod"),
    "a temporary file": (breakages.leave_temporary, "leftovers", "warn", ".0123.tmp"),
    "an attempt that sent nothing": (breakages.begin_only, "leftovers", "warn", "acme-moodle"),
    "a damaged integration": (
        breakages.damage("integrations/acme-moodle-2.toml"),
        *("documents", "fail", "acme-moodle-2.toml"),
    ),
    "a damaged organization": (
        breakages.damage("organizations/acme.toml"),
        *("documents", "fail", "acme.toml"),
    ),
    "a damaged secret": (
        breakages.damage("secrets/acme-moodle-3.toml"),
        *("documents", "fail", "acme-moodle-3.toml"),
    ),
    "settings that say nothing": (breakages.forget_settings, "profile", "fail", "profile.toml"),
    "an unsettled attempt": (breakages.cut_off, "attempts", "fail", "ltictl recover acme-moodle"),
    "a damaged attempt": (breakages.garble_attempt, "attempts", "fail", "ltictl recover"),
    "a hook that is not there": (breakages.no_hook, "hook", "fail", "/not/there"),
    "a key without its private half": (breakages.lose_pem, "private_keys", "fail", "backup"),
    "a private half without its document": (
        breakages.lose_key_document,
        *("private_keys", "warn", "no document"),
    ),
    "no key at all": (breakages.lose_all_keys, "signing_keys", "fail", "rotate-keys"),
}


@pytest.mark.parametrize(("broken", "check", "result", "words"), HERE.values(), ids=HERE)
def test_doctor_names_each_fault_of_the_profile(
    ltictl: Ltictl, context: Context, broken: breakages.Break, check: str, result: str, words: str
) -> None:
    broken(context)
    before = files_of(context.profile.root)

    done, results = examined(ltictl, "--offline")

    assert results[check] == result, done
    assert words in assert_explained(done, check)
    assert done.code == (8 if result == "fail" else 0)
    others = {name for name, found in results.items() if found == "fail"} - {check}
    assert others == set(), done
    assert files_of(context.profile.root) == before


THERE: dict[str, tuple[str, Answer, str, str]] = {
    "no key set": (KEY_SET, Answer.text("no", 404), "published_key_set", "jwks"),
    "another's key set": (
        KEY_SET,
        Answer.json({"keys": [{"kid": "other", "kty": "RSA"}]}),
        *("published_key_set", "does not serve"),
    ),
    "no login": (LOGIN, Answer.text("no", 404), "login_url", "404"),
    "a login that fails": (LOGIN, Answer.text("oops", 500), "login_url", "500"),
    "a launch page that may not be framed": (
        LAUNCH,
        Answer(200, {"X-Frame-Options": "DENY"}, b"page"),
        *("launch_page", "frame"),
    ),
    "a launch page for its own site only": (
        LAUNCH,
        Answer(200, {"Content-Security-Policy": "default-src *; frame-ancestors 'self'"}, b"x"),
        *("launch_page", "frame"),
    ),
    "no launch page": (LAUNCH, Answer.text("no", 404), "launch_page", "404"),
}


@pytest.mark.parametrize(("path", "answer", "check", "words"), THERE.values(), ids=THERE)
def test_doctor_names_each_fault_of_the_tool(
    ltictl: Ltictl,
    context: Context,
    playback: PlaybackPlatform,
    path: str,
    answer: Answer,
    check: str,
    words: str,
) -> None:
    assert context.profile.exists()
    playback.on(path, answer)

    done, results = examined(ltictl)

    assert (done.code, results[check]) == (8, "fail"), done
    assert words in assert_explained(done, check)
    assert [name for name, found in results.items() if found == "fail"] == [check]


@pytest.mark.parametrize(
    "policy", ["frame-ancestors https: 'self'", "frame-ancestors https://*.school.example"]
)
def test_a_page_that_lmss_may_frame(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform, policy: str
) -> None:
    assert context.profile.exists()
    headers = {"Content-Security-Policy": policy, "X-Frame-Options": "DENY"}
    playback.on(LAUNCH, Answer(200, headers, b"page"))

    done, results = examined(ltictl)

    assert (done.code, results["launch_page"]) == (0, "pass"), done


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Answer.text("unknown issuer", 400), "unknown"),
        (Answer.text("<form method=post></form>", 200), "pass"),
        (Answer.redirect("/lti/elsewhere"), "fail"),
    ],
)
def test_what_a_login_may_answer(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform, answer: Answer, result: str
) -> None:
    """A redirect within the tool is followed: here to a page that is not there."""
    assert context.profile.exists()
    playback.on(LOGIN, answer)

    done, results = examined(ltictl)

    assert results["login_url"] == result, done
    assert done.code == (8 if result == "fail" else 0)


@pytest.mark.parametrize(("hours", "words"), [(-2, "ahead"), (2, "behind")])
def test_a_clock_that_is_wrong(
    ltictl: Ltictl, context: Context, playback: PlaybackPlatform, hours: int, words: str
) -> None:
    playback.on(KEY_SET, served(context, datetime.now(UTC) + timedelta(hours=hours)))

    done, results = examined(ltictl)

    assert (done.code, results["clock"]) == (8, "fail"), done
    assert words in assert_explained(done, "clock")


def test_a_tool_that_is_down(ltictl: Ltictl, home: Home) -> None:
    folder = home.ltictl_home / "profiles" / "default"
    context = Context(Profile(folder))
    with_integrations(context)
    path = folder / "profile.toml"
    path.write_text(path.read_text().replace("https://tool.invalid", "http://127.0.0.1:1"))

    done, results = examined(ltictl)

    assert done.code == 8
    assert [results[each] for each in ("published_key_set", "login_url", "launch_page")] == [
        "fail"
    ] * 3
