"""Authorization endpoints with a query, as WordPress has, in the real libraries.

The platform reads its query as PHP does, so that a second "?" belongs to what stands before it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl
from tests.support.ltijs import Ltijs
from tests.support.playback import PlaybackPlatform
from tests.support.python_peers import PythonPeer

from .conftest import Configure
from .test_django_lti import manage

NEEDED = {"client_id": "probe-tool", "scope": "openid", "response_type": "id_token"}


def wordpress(request: ReceivedRequest) -> Answer:
    """Answers a login that it understands, and its home page to all others."""
    given = dict(parse_qsl(request.query, keep_blank_values=True))
    known = {"lti-platform", "auth"} <= given.keys() and NEEDED.items() <= given.items()
    complete = known and {"redirect_uri", "nonce", "state", "login_hint"} <= given.keys()
    return Answer.text("the launch's form" if complete else "the home page")


def redirecting(request: ReceivedRequest) -> Answer:
    """An address of the tool's own: nginx, ``return 302 "...&$args"``."""
    return Answer.redirect(f"/?lti-platform&auth&{request.query}")


@pytest.fixture
def site(playback: PlaybackPlatform) -> PlaybackPlatform:
    playback.on("/", wordpress)
    playback.on("/to-wordpress", redirecting)
    return playback


def assert_exported(
    ltictl: Ltictl, site: PlaybackPlatform, form: str, file: Path, *options: str
) -> None:
    """Record the platform, then export it; the warnings are about its query."""
    added = ltictl(
        *("add", "--org", "acme", "--preset", "wordpress", "--issuer", site.base_url),
        *("--client-id", "probe-tool", "--deployment", "1", "--json", *options),
    )
    assert added.code == 0, added
    (found,) = added.data["integrations"]
    assert ltictl("activate", found["id"]).code == 0
    done = ltictl("export", form, "--output", str(file), "--json")
    assert done.code == 0, done
    for each in (added, done):
        warnings = [warning for warning in each.json["warnings"] if "has a query" in warning]
        assert len(warnings) == (0 if options else 1), each


def assert_answered(tool: str, site: PlaybackPlatform, path: str = "/lti/login") -> str:
    """The page that a person sees at the address of the tool's redirect."""
    fields = {
        "iss": site.base_url,
        "target_link_uri": f"{tool}/lti/launch",
        "login_hint": "1",
        "client_id": "probe-tool",
        "lti1p3_new_window": "1",  # past django-lti's page about cookies
    }
    with httpx.Client(trust_env=False) as browser:
        reply = browser.post(f"{tool}{path}", data=fields)
        assert reply.status_code == 302, reply.text
        place = reply.headers["location"]
        assert urlsplit(place).netloc == urlsplit(site.base_url).netloc
        return browser.get(place, follow_redirects=True).text


def assert_unmended(file: Path) -> None:
    """Take out what mends the query, which has to be there."""
    text = file.read_text()
    assert "&auth&scope=openid&appended=" in text
    file.write_text(text.replace("&scope=openid&appended=", ""))


def test_pylti1p3(
    ltictl: Ltictl, configure: Configure, site: PlaybackPlatform, tmp_path: Path
) -> None:
    file = tmp_path / "lti.json"
    with PythonPeer("pylti1p3", "pylti1p3_tool.py", str(file)) as tool:
        configure(tool.base_url)
        assert_exported(ltictl, site, "pylti1p3", file)

        mended = assert_answered(tool.base_url, site)
        assert_unmended(file)
        broken = assert_answered(tool.base_url, site)

    assert (mended, broken) == ("the launch's form", "the home page")


def test_django_lti(
    ltictl: Ltictl, configure: Configure, site: PlaybackPlatform, tmp_path: Path
) -> None:
    database, file = tmp_path / "db.sqlite", tmp_path / "lti.json"
    manage(database, "migrate", "--verbosity", "0")
    with PythonPeer("django-lti", "django_lti_tool.py", str(database), "serve") as tool:
        configure(tool.base_url)
        assert_exported(ltictl, site, "django-lti", file)
        rows = json.loads(file.read_text())
        uuid = next(each["fields"]["uuid"] for each in rows if "uuid" in each["fields"])

        def after_loading() -> str:
            manage(database, "loaddata", str(file))
            return assert_answered(tool.base_url, site, f"/lti/login/{uuid}/")

        mended = after_loading()
        assert_unmended(file)
        broken = after_loading()

    assert (mended, broken) == ("the launch's form", "the home page")


def test_ltijs_needs_an_address_of_ones_own(
    ltictl: Ltictl, configure: Configure, site: PlaybackPlatform, tmp_path: Path
) -> None:
    configure("https://tool.invalid")
    seen: Callable[[Ltijs], str] = lambda tool: assert_answered(tool.base_url, site, "/login")  # noqa: E731
    assert_exported(ltictl, site, "ltijs", tmp_path / "broken.js")
    (tmp_path / "one").mkdir()
    with Ltijs(tmp_path / "broken.js", tmp_path / "one") as tool:
        broken = seen(tool)

    assert ltictl("remove", "acme-wordpress", "--yes").code == 0
    own = ("--authorization-endpoint", site.url("/to-wordpress"))
    assert_exported(ltictl, site, "ltijs", tmp_path / "mended.js", *own)
    (tmp_path / "two").mkdir()
    with Ltijs(tmp_path / "mended.js", tmp_path / "two") as tool:
        mended = seen(tool)

    assert (mended, broken) == ("the launch's form", "not here")
