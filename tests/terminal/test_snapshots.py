"""The screens of the main commands at four widths, kept as text; LTICTL_SNAPSHOTS=write makes them.

Colours are the terminal's own, so that a light and a dark one show them readably: no snapshot of
colours is needed, only that nothing else is used.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path

import pytest

from ltictl.cli.render.output import Output
from ltictl.cli.render.verification import show_verification
from ltictl.model.integration import Deployment, Status
from ltictl.model.record import replace
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.findings import Verification
from ltictl.store.profile import Profile
from tests.support import things
from tests.support.cli import Ltictl
from tests.support.streams import Tty, text_of
from tests.support.terminal import CONTROL_C

SNAPSHOTS = Path(__file__).parent / "snapshots"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "configuration_url")
WIDTHS = (60, 80, 120, 200)
LONG = "gymnasium-am-kaiserlichen-hofgarten-muenchen"
SCREENS = {
    "list": ("list",),
    "list-search": ("list", "canvas"),
    "show": ("show", "acme-moodle"),
    "needs-attention": ("list", "--needs-attention"),
    "mistake": ("register", "acme"),
    "unknown": ("activate", "acme"),
    "edit": ("edit", "acme-moodle", "--set", "name=New School", "--dry-run"),
    "lms-status": ("lms", "status", "acme-canvas"),
    "log": ("log", "--action", "restore"),
    "move": ("move", "acme-moodle", "--issuer", "https://lms.acme.example", "--dry-run"),
    "move-consent": ("move", "acme-moodle", "--issuer", "https://lms.acme.example", "--no-input"),
    "refresh": ("refresh", "acme-canvas"),
    "diff": ("diff", "staging", "default"),
    "report": ("report",),
    "org-erase": ("org", "erase", LONG, "--dry-run"),
    "org-erase-active": ("org", "erase", "acme"),
    "org-show-empty": ("--profile", "staging", "org", "show", "beta"),
    "keys": ("keys", "list"),
    "expiring": ("list", "--expiring"),
    "help": ("help", "log"),
    "no-profile": ("--profile", "prod", "list"),
}
# Bold, dim, and the colours that a theme chooses; no black, no white, no background.
THEMED = {"0", "1", "2", "31", "32", "33", "36", "31;1", "33;1"}


@pytest.fixture
def school(acme: Ltictl, profile: Path) -> Ltictl:
    """With a school of a long name, in three states."""
    now = datetime.now(UTC).replace(microsecond=0)
    for slug, family, status, days in (
        ("acme", "moodle", Status.ACTIVE, 3),
        ("acme", "canvas", Status.PENDING, 40),
        (LONG, "moodle", Status.DISABLED, 200),
    ):
        at = now - timedelta(days=days, minutes=5)
        host = f"https://{family}.{slug[:8]}.example"
        Profile(profile).integrations.add(
            things.integration(
                f"{slug}-{family}",
                organization=slug,
                status=status,
                platform=replace(
                    things.PLATFORM,
                    issuer=host,
                    family=family,
                    **dict.fromkeys(ENDPOINTS, f"{host}/mod/lti/auth.php"),
                ),
                client_id=f"{family}-{slug[:8]}-client",
                created_at=at,
                updated_at=at,
                activated_at=at,
                problems=(),
                former_client_ids=(),
                deployments=(Deployment("7"),),
            )
        )
    acme("--profile", "staging", "init", "--name", "Tool", "--url", "https://staging.example")
    acme("--profile", "staging", "org", "add", "beta")
    return acme


def assert_as_before(name: str, shown: str) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("LTICTL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == path.read_text("utf-8")


def without_chance(shown: str) -> str:
    """Return a screen with the same letters for random names, times and the user."""
    for found, instead in (
        (rf"(?<![\w/-]){re.escape(getuser())}@[\w.-]+ *", "me@here  "),
        (r"(?<=keys/)[\w-]{12,43}", "KID"),
        (r"^[\w-]{11,43}(?=…?  (?:current|next))", "KID"),
    ):
        shown = re.sub(found, instead, shown, flags=re.MULTILINE)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]*", lambda at: re.sub(r"\d", "0", at[0]), shown)


def assert_themed(sent: bytes) -> None:
    assert set(re.findall(r"\x1b\[([0-9;]*)m", sent.decode())) <= THEMED


@pytest.mark.parametrize("width", WIDTHS)
def test_screens_look_as_they_did(school: Ltictl, width: int) -> None:
    for name, argv in SCREENS.items():
        with school.terminal(*argv, columns=width, rows=60) as terminal:
            terminal.wait(30)
            home = str(school.home.path)
            shown = without_chance(terminal.text)
            if name == "keys":  # its age, and with it the width of a column, varies
                shown = re.sub(r"just now|\d+ \w+ ago", "AGE", shown)
                shown = re.sub(r" {2,}", "  ", shown)
            if name != "no-profile":  # its path is broken wherever the folder's name has it
                assert home not in shown
                assert_as_before(f"{name}-{width}", shown)
            assert_themed(terminal.received)
            assert max(map(len, shown.splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_filled_log_looks_as_it_did(school: Ltictl, width: int) -> None:
    by = {"LTICTL_ACTOR": "Ada, ticket 4711"}
    school("deactivate", "acme-moodle", "--yes", env=by).assert_success()
    school("edit", "acme-moodle", "--set", "name=New School", "--yes", env=by).assert_success()
    school("activate", "acme-moodle", env=by).assert_success()
    # Of one integration: the profile itself was made at a time that varies.
    with school.terminal("log", "acme-moodle", columns=width, rows=60) as terminal:
        terminal.wait(30)
        assert_themed(terminal.received)
        assert_as_before(f"log-filled-{width}", without_chance(terminal.text))


@pytest.mark.parametrize("width", WIDTHS)
def test_register_looks_as_it_did(school: Ltictl, width: int) -> None:
    with school.terminal("register", "--org", "acme", "--port", "0", columns=width) as terminal:
        terminal.wait_for("Waiting for an LMS")
        terminal.send("?")
        terminal.wait_for("Keys: ? why")
        terminal.send(CONTROL_C)
        terminal.wait()
        shown = re.sub(r"127\.0\.0\.1:\d+/register\?t=[\w.\n-]+?(?=\n[A-Z])", "URL", terminal.text)
        assert_themed(terminal.received)
    assert_as_before(f"register-{width}", shown)


@pytest.mark.parametrize("width", WIDTHS)
def test_verify_looks_as_it_did(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    down = Check(
        "token",
        Verdict.FAIL,
        "moodle.acme.example does not answer.",
        "Check the LMS's address and this computer's network.",
    )
    scope = Check("scopes", Verdict.WARN, "Tokens do not carry score.", "Allow it in the LMS.")
    fine = Check("token", Verdict.PASS, "a token for lineitem, score")
    unseen = Check("activation", Verdict.UNKNOWN, "cannot be checked from outside", decides=False)
    found = [Verification(f"school-{n}-moodle", (down, unseen)) for n in range(9)]
    found += [
        Verification("acme-canvas", (fine, scope)),
        Verification("acme-sakai", (fine, unseen)),
    ]
    output = Output(stdout=Tty(), stderr=Tty())

    show_verification(output, found)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", text_of(output.stdout) + text_of(output.stderr))
    assert_themed(text_of(output.stdout).encode())
    assert_as_before(f"verify-{width}", plain.rstrip("\n"))
