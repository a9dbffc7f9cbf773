"""``doctor`` checks the tool's certificate as an LMS would, and fetches no missing one."""

import datetime as dt
import json
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from ltictl.operations.context import Context
from ltictl.operations.signing import published_keys
from ltictl.store.profile import Profile
from tests.support.answers import Answer
from tests.support.cli import Home, Ltictl
from tests.support.site import Site
from tests.support.tls import Tls

from .templates import make_template, plain

YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
Examine = Callable[..., dict[str, tuple[str, str]]]


@pytest.fixture
def examine(home: Home, ltictl: Ltictl, tmp_path: Path) -> Examine:
    """The checks of doctor for a tool that is served so: result, and detail with fix."""
    folder = home.ltictl_home / "profiles" / "default"
    folder.parent.mkdir(parents=True, mode=0o700)
    make_template(tmp_path, plain).rename(folder)
    keys = json.dumps(published_keys(Context(Profile(folder)))[0]).encode()

    def examine(context: ssl.SSLContext, *options: str) -> dict[str, tuple[str, str]]:
        with Site("127.0.0.1", context) as site:
            path = folder / "profile.toml"
            path.write_text(path.read_text().replace("https://tool.invalid", site.origin))
            site.pages["/.well-known/jwks.json"] = Answer(200, {}, keys)
            site.pages["/lti/login"] = Answer.redirect("https://lms.invalid/auth")
            site.pages["/lti/launch"] = Answer.text("please launch from your LMS", 200)
            done = ltictl("doctor", "--allow-private", "--json", *options)
        checks = done.data["checks"]
        return {each["id"]: (each["result"], f"{each['detail']} {each['fix']}") for each in checks}

    return examine


@pytest.mark.parametrize("intermediate", [False, True])
def test_a_whole_chain(examine: Examine, tmp_path: Path, *, intermediate: bool) -> None:
    tls = Tls(tmp_path, intermediate=intermediate)

    found = examine(tls.server_context(), "--ca-file", str(tls.ca_file))

    assert found["certificate"][0] == "pass", found
    assert {result for result, _ in found.values()} <= {"pass", "unknown"}, found


def test_the_intermediate_is_not_sent(examine: Examine, tmp_path: Path) -> None:
    tls = Tls(tmp_path, intermediate=True)

    found = examine(tls.leaf_only(tmp_path), "--ca-file", str(tls.ca_file))

    result, words = found["certificate"]
    assert (result, "whole chain" in words) == ("fail", True), found


def test_nobody_knows_the_authority(examine: Examine, tmp_path: Path) -> None:
    found = examine(Tls(tmp_path).server_context())

    result, words = found["certificate"]
    assert (result, "--ca-file" in words) == ("fail", True), found


@pytest.mark.parametrize(
    "tls", [{"names": ("other.example",)}, {"names": ("127.0.0.1",), "not_after": YESTERDAY}]
)
def test_for_another_name_or_expired(
    examine: Examine, tmp_path: Path, tls: dict[str, object]
) -> None:
    made_by = Tls(tmp_path, *tls["names"], not_after=tls.get("not_after"))  # type: ignore[arg-type,misc]

    found = examine(made_by.server_context(), "--ca-file", str(made_by.ca_file))

    assert found["certificate"][0] == "fail", found
