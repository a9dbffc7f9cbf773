"""No secret appears in any output, at any verbosity, after any failure (rows 7, 17)."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import jwt
import pytest

from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Home, Ltictl, make_home
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Finished, start_afresh
from tests.support.sealing import armoured, seal
from tests.support.visit import Admin, listening

TOKEN = "CANARY-TOKEN-5up3r"
LINK = "CANARY-LINK-5up3r"
ENDPOINT = "CANARY-ENDPOINT-5up3r"
ACCESS = "CANARY-ACCESS-5up3r"
CANARIES = (TOKEN, LINK, ENDPOINT, ACCESS)


@pytest.fixture
def ltictl(home: Home) -> Iterator[Ltictl]:
    """Starts afresh: a forked run has the command line of the program that forks."""
    with Ltictl(home, start_afresh) as runner:
        yield runner


class Watch:
    """Reads the command lines of all processes, again and again."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ending.wait(0.01):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self.seen.add(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))


@dataclass
class World:
    """One run's profile and platform."""

    ltictl: Ltictl
    playback: PlaybackPlatform
    shown: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.playback.url('configuration')}?once={LINK}"

    def run(self, *args: str, **how: Any) -> Finished:
        done = self.ltictl(*args, **how)
        self.shown.append(done.stdout + done.stderr)
        done.assert_no_defect()
        return done

    def register(self, *args: str) -> Finished:
        """Register headless; address and token on stdin and from a file, as the docs say."""
        source = self.ltictl.home.path / "token"
        source.write_text(TOKEN)
        done = self.run(
            *("register", "--org", "acme", "--yes", "--allow-private"),
            *("--openid-configuration", "-", "--registration-token-file", str(source), *args),
            input=f"{self.url}\n",
        )
        source.unlink()
        return done


def echo(request: ReceivedRequest) -> str:
    body, headers = request.body.decode(), request.headers
    # A platform that shows the query of its own endpoint shows its own secret.
    query = request.query.replace(ENDPOINT, "its own")
    return f"{headers.get('authorization', '')} {query} {headers} {body}"


def echoing(status: int, content_type: str = "text/html") -> Callable[[ReceivedRequest], Answer]:
    """A platform that answers with all that it was sent."""
    return lambda request: Answer.text(f"<p>{echo(request)}</p>", status, content_type)


def away(request: ReceivedRequest) -> Answer:
    return Answer.redirect(f"http://127.0.0.1:9/?{request.query}&t={TOKEN}")


def naming_another(playback: PlaybackPlatform) -> None:
    playback.configuration["issuer"] = f"https://other.example/{LINK}"


def spoil(route: str, *answers: Any) -> Callable[[PlaybackPlatform], None]:
    return lambda playback: playback.on(route, *answers)


FAILURES: dict[str, Callable[[PlaybackPlatform], None]] = {
    "no failure": lambda _: None,
    "404": spoil("configuration", echoing(404)),
    "a page": spoil("configuration", echoing(200)),
    "redirected": spoil("configuration", away),
    "closed": spoil("configuration", Answer(close_after=0)),
    "cut off": spoil("configuration", Answer.json({"issuer": "x" * 500}, close_after=200)),
    "no HTTP": spoil("configuration", Answer(raw=b"\x00\r\n\r\n")),
    "another issuer": naming_another,
    "refused": spoil("registration", echoing(403)),
    "refused in JSON": spoil(
        "registration", lambda r: Answer.json({"error": "x", "error_description": echo(r)}, 400)
    ),
    "failed": spoil("registration", echoing(500)),
    "unusable": spoil("registration", echoing(200)),
    "lost": spoil("registration", Answer(close_after=0)),
    "registration redirected": spoil("registration", away),
}
VERBOSITIES = (("--verbose",), ("--json", "--verbose"))
AFTERWARDS = (
    ("list",),
    ("list", "--json"),
    ("show", "acme-moodle"),
    ("verify", "acme-moodle", "--allow-private"),
    ("doctor", "--allow-private"),
    ("keys", "list"),
    ("jwks",),
    ("config",),
    ("org", "show", "acme"),
    ("invitation", "list"),
    ("recover", "--yes"),
    ("relay-page",),
    ("activate", "acme-moodle"),
    ("deactivate", "acme-moodle", "--yes"),
    ("edit", "acme-moodle", "--set", "audience=https://lms.invalid/token", "--yes"),
    ("remove", "acme-moodle", "--yes"),
    ("restore", "acme-moodle", "--yes"),
    ("log",),
    ("log", "--json"),
    ("log", "--check"),
    ("report",),
    ("metrics",),
    ("show", "nothing"),
)


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    with Watch() as running:
        yield running


def world_of(folder: Path, template: Path) -> tuple[Ltictl, Path]:
    import shutil

    home = make_home(folder)
    profile = home.ltictl_home / "profiles" / "default"
    profile.parent.mkdir(parents=True, mode=0o700)
    shutil.copytree(template, profile)
    return Ltictl(home, start_afresh), profile


def assert_nothing_shown(
    folder: Path, template: Path, failure: str, verbosity: tuple[str, ...]
) -> None:
    """Run one failure at one verbosity, then every other command; no canary is shown."""
    ltictl, profile = world_of(folder, template)
    with ltictl, PlaybackPlatform(registration=accepting(registration_access_token=ACCESS)) as lms:
        endpoint = lms.configuration["registration_endpoint"]
        lms.configuration["registration_endpoint"] = f"{endpoint}?key={ENDPOINT}"
        FAILURES[failure](lms)
        world = World(ltictl, lms)
        world.register(*verbosity)
        for command in AFTERWARDS if failure in {"no failure", "unusable"} else AFTERWARDS[1:2]:
            world.run(*command, "--verbose")
    keys = [
        line for pem in profile.glob("keys/*.pem") for line in pem.read_text().splitlines()[1:-1]
    ]
    assert keys
    for text in world.shown:
        for secret in (*CANARIES, *keys, "BEGIN PRIVATE"):
            assert secret not in text, f"{failure}: {secret} in\n{text}"
    # A whole answer is kept until it is settled, also one in which a platform echoes the token.
    kept = ["attempts/acme-moodle.attempt"] if failure in {"failed", "unusable"} else []
    assert sightings(profile, (TOKEN, LINK)) == kept, failure
    assert {place.split("/")[0] for place in sightings(profile, (ACCESS,))} <= {
        "secrets",
        "removed",
    }


def sightings(folder: Path, secrets: tuple[str, ...]) -> list[str]:
    """Files under ``folder`` that hold a secret."""
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(each.encode() in path.read_bytes() for each in secrets)
    ]


def test_no_secret_is_ever_seen(watch: Watch, tmp_path: Path, profile_template: Path) -> None:
    runs = [(failure, VERBOSITIES[number % 2]) for number, failure in enumerate(FAILURES)]
    runs += [("no failure", VERBOSITIES[1]), ("unusable", VERBOSITIES[0])]
    assert len(runs) + 4 * len(AFTERWARDS) >= 30

    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(assert_nothing_shown, tmp_path / str(number), profile_template, *run)
            for number, run in enumerate(runs)
        ]
        for job in jobs:
            job.result()

    ours = [each for each in watch.seen if "ltictl" in each]
    assert len(ours) > 10, "the watch saw nothing"
    assert [each for each in ours if any(secret in each for secret in CANARIES)] == []


LAUNCH = "CANARY-LAUNCH-5up3r"
RELAY = "https://tool.invalid/lti/register"
EXPORTS = ("pylti1p3", "django-lti", "ltijs", "json")


# How each command of a life ends at that LMS.
ENDS = {
    "update, tried": 3,
    "update": 3,
    "verify": 8,
    "a launch": 1,
    "deployments": 0,
    "an address": 3,
    "a block": 3,
    "a block that was cut": 2,
    "sandbox launch": 1,
    "apply": 0,
    "export": 2,  # a private key is never printed
    "export pylti1p3": 0,
    "export django-lti": 0,
    "export ltijs": 0,
    "export json": 0,
    "import": 0,
    "recover": 0,
    "rotate-keys": 0,
    "remove": 3,
}


def launch() -> str:
    """A launch as a tool receives it, signed by nobody that the LMS knows."""
    return jwt.encode(
        {"iss": "https://lms.example", "email": LAUNCH}, "k" * 40, headers={"kid": "k"}
    )


def pasted(world: World, shape: str) -> str:
    """The text that an LMS administrator would send: an address, or a sealed block."""
    issued = world.ltictl("registration-url", "--org", "acme", "--public-url", RELAY).stdout
    sent = {
        "t": issued.strip().partition("?t=")[2],
        "openid_configuration": world.url,
        "registration_token": f"{TOKEN} {shape}".replace(" ", "-"),  # each works once
    }
    if shape == "address":
        return f"{RELAY}?{urlencode(sent)}\n"
    key = str(world.ltictl("relay-page", "--json").data["key"])
    invitation = sent["t"].partition(".")[0]
    return armoured(seal(key, invitation, int(time.time()) + 60, sent))


def life(world: World) -> dict[str, tuple[tuple[str, ...], str]]:
    """Commands of an integration's life, each with what stands on its stdin."""
    folder = world.ltictl.home.path
    wanted = folder / "wanted.toml"
    wanted.write_text('[[organizations]]\nslug = "bern"\n')
    reach, yes = "--allow-private", "--yes"
    paste = ("register", "--paste", yes, reach)
    exports: dict[str, tuple[tuple[str, ...], str]] = {
        f"export {each}": (("export", each, "--output", str(folder / each / "document")), "")
        for each in EXPORTS
    }
    return {
        "update, tried": (("update", "acme-moodle", "--dry-run", reach), ""),
        "update": (("update", "acme-moodle", yes, reach), ""),
        "verify": (("verify", "acme-moodle", reach), ""),
        "a launch": (("deployment", "add", "acme-moodle", "--from-launch", "-", reach), launch()),
        "deployments": (("deployment", "list", "acme-moodle"), ""),
        "an address": (paste, pasted(world, "address")),
        "a block": (paste, pasted(world, "block")),
        "a block that was cut": (paste, pasted(world, "block")[:-90]),
        "sandbox launch": (("sandbox", "launch", "acme-moodle"), ""),
        "apply": (("apply", str(wanted), yes), ""),
        "export": (("export", "pylti1p3"), ""),
        **exports,
        "import": (("import", "json", str(folder / "json" / "document")), ""),
        "recover": (("recover", yes), ""),
        "rotate-keys": (("rotate-keys", "--now", yes), ""),
        "remove": (("remove", "acme-moodle", "--at-lms", yes, reach), ""),
    }


@pytest.mark.parametrize("verbosity", VERBOSITIES, ids=" ".join)
def test_nor_by_any_change_of_an_integration(
    watch: Watch,
    acme: Ltictl,
    profile: Path,
    playback: PlaybackPlatform,
    verbosity: tuple[str, ...],
) -> None:
    """At an LMS that lets registrations be changed and, but for that, echoes what it is sent."""
    (claim,) = [each for each in playback.configuration if "platform-configuration" in each]
    playback.configuration[claim]["product_family_code"] = "another"
    accept = accepting(
        registration_access_token=ACCESS, registration_client_uri=playback.url("/client")
    )
    playback.on("registration", accept, echoing(403))
    playback.on("token", echoing(400))
    playback.on("/client", echoing(403))
    world = World(acme, playback)
    assert world.register(*verbosity).code == 0
    for each in EXPORTS:
        (acme.home.path / each).mkdir()

    ended = {
        name: world.run(*args, *verbosity, input=stdin).code
        for name, (args, stdin) in life(world).items()
    }

    assert ended == ENDS, world.shown
    assert [each.method for each in playback.requests_to("/client")] == ["GET", "GET", "DELETE"]
    assert {each.headers["authorization"] for each in playback.requests_to("/client")} == {
        f"Bearer {ACCESS}"
    }
    assert len(playback.requests_to("registration")) == 3
    keys = [
        line for pem in profile.glob("keys/*.pem") for line in pem.read_text().splitlines()[1:-1]
    ]
    for text in (*world.shown, *watch.seen):
        for secret in (*CANARIES, LAUNCH, launch(), *keys, "BEGIN PRIVATE"):
            assert secret not in text, f"{secret} in\n{text}"
    assert sightings(profile, (TOKEN, LINK, LAUNCH)) == []
    assert {each.split("/")[0] for each in sightings(profile, (ACCESS,))} <= {"secrets", "removed"}


@pytest.mark.parametrize("verbosity", VERBOSITIES, ids=" ".join)
def test_nor_while_the_page_is_served(
    acme: Ltictl, profile: Path, playback: PlaybackPlatform, verbosity: tuple[str, ...]
) -> None:
    playback.on("registration", echoing(403), accepting(registration_access_token=ACCESS))
    running, url = listening(acme, *verbosity)
    secret = url.partition("?t=")[2].partition(".")[2]
    admin = Admin(f"{playback.url('configuration')}?once={LINK}", TOKEN)
    pages = [admin.open(url)]
    pages += [admin.press(pages[0]), admin.open(url)]
    time.sleep(0.1)
    second = Admin(f"{playback.url('configuration')}?once={LINK}2", TOKEN)
    pages.append(second.press(second.open(url)))
    done = running.wait(10)

    shown = done.stdout + done.stderr.replace(url, "")
    for canary in (*CANARIES, secret):
        assert canary not in shown
    for page in pages:
        assert not [canary for canary in (TOKEN, ACCESS) if canary in page.text]
        assert secret not in page.text
    assert sightings(profile, (TOKEN, LINK, secret)) == []
    assert len(playback.requests_to("configuration")) == 2
