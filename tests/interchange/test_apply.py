"""``apply`` shows a plan, carries out exactly that plan, and does nothing the second time."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ltictl.cli.commands.apply import Letters
from ltictl.cli.render.output import Output
from ltictl.errors import LtictlError
from ltictl.model.integration import Status
from ltictl.operations.apply import Planner, apply_steps
from ltictl.operations.context import Context
from ltictl.operations.planned_change import PlannedChange
from ltictl.store.profile import Profile
from ltictl.store.wanted import read_wanted
from tests.support.cli import Ltictl

from .conftest import Register
from .documents import MANUAL, complete, write

LIFE = timedelta(days=7)


def assert_settles(
    profile: Path, text: str, name: str = "wanted.toml"
) -> list[tuple[str, str, str]]:
    """Carry out the steps, after which nothing is left to do, and return them."""
    path = write(profile.parent / name, text)
    context = Context(Profile(profile))
    steps = Planner(context, LIFE).steps(read_wanted(path))
    for step in steps:
        step.carry_out()
    assert Planner(context, LIFE).steps(read_wanted(path)) == ()
    return [(step.action, step.subject, step.detail) for step in steps]


def integration(profile: Path, identifier: str) -> Any:
    return Profile(profile).integrations.get(identifier)


def test_a_manual_integration_is_made_changed_and_switched(profile: Path) -> None:
    made = assert_settles(profile, MANUAL)
    changed = assert_settles(profile, MANUAL.replace("/token", "/token2").replace('"d2"', '"d3"'))
    switched = assert_settles(
        profile, MANUAL.replace('"active"', '"disabled"').replace("/token", "/token2")
    )

    assert [step[:2] for step in made] == [("add-integration", "acme-blackboard")]
    assert changed == [
        ("change-integration", "acme-blackboard", "token_endpoint, audience"),
        ("add-deployment", "acme-blackboard", "d3"),
        ("remove-deployment", "acme-blackboard", "d2"),
    ]
    assert [step[0] for step in switched] == ["add-deployment", "remove-deployment", "deactivate"]
    stored = integration(profile, "acme-blackboard")
    assert stored.status is Status.DISABLED
    assert stored.platform.token_endpoint == "https://lms.invalid/token2"
    assert [each.id for each in stored.deployments] == ["d1", "d2"]


def test_organizations_are_added_and_renamed_and_never_removed(profile: Path) -> None:
    text = '[[organizations]]\nslug = "acme"\nname = "Acme"\n[[organizations]]\nslug = "new"\n'

    assert assert_settles(profile, text) == [
        ("rename-organization", "acme", "'Acme School' becomes 'Acme'"),
        ("add-organization", "new", ""),
    ]
    assert Profile(profile).organizations.ids() == ["acme", "beta", "new"]


def test_two_runs_of_one_document_at_once_make_each_thing_once(profile: Path) -> None:
    text = f'[[organizations]]\nslug = "new"\nname = "New"\n{MANUAL}'
    wanted = read_wanted(write(profile.parent / "wanted.toml", text))
    contexts = [Context(Profile(profile)) for _ in range(2)]
    plans = [Planner(context, LIFE).steps(wanted) for context in contexts]

    for steps in plans:  # both saw the profile as it was before
        for step in steps:
            step.carry_out()

    assert Profile(profile).integrations.ids() == ["acme-blackboard"]
    assert Profile(profile).organizations.get("new").name == "New"
    assert Planner(contexts[0], LIFE).steps(wanted) == ()


def test_an_id_that_another_registration_took_meanwhile_is_left_to_it(profile: Path) -> None:
    wanted = read_wanted(write(profile.parent / "wanted.toml", MANUAL))
    steps = Planner(Context(Profile(profile)), LIFE).steps(wanted)
    assert_settles(profile, MANUAL.replace('client_id = "', 'client_id = "other-'), "other.toml")

    for step in steps:
        step.carry_out()

    assert Profile(profile).integrations.ids() == ["acme-blackboard", "acme-blackboard-2"]


def test_deployments_from_the_lms_are_not_removed(
    ltictl: Ltictl, profile: Path, tmp_path: Path
) -> None:
    document = write(tmp_path / "d.json", complete("https://lms.invalid"))
    assert ltictl("import", "json", str(document)).code == 0
    text = '[[integrations]]\nid = "acme-moodle"\ndeployments = ["9"]\nstatus = "active"\n'

    assert assert_settles(profile, text) == [("add-deployment", "acme-moodle", "9")]
    stored = integration(profile, "acme-moodle")
    assert [each.id for each in stored.deployments] == ["1", "9"]


@pytest.mark.parametrize(
    ("text", "code", "problem"),
    [
        ("nonsense", "invalid_document", "Expected"),
        ("[[organizations]]\nslug = 'x'\ncolour = 'red'", "invalid_document", "colour"),
        ("[[organization]]\nslug = 'x'", "invalid_document", "organization"),
        ("[[organizations]]\nslug = '../x'", "invalid_document", "cannot be used"),
        ("[[organizations]]\nslug = 7", "invalid_document", "a string"),
        (
            "[[organizations]]\nslug = 'x'\n[[organizations]]\nslug = 'x'",
            "invalid_document",
            "twice",
        ),
        ("[[integrations]]\nstatus = 'active'", "invalid_document", "id is missing"),
        (
            "[[integrations]]\nid = 'nobody'\nstatus = 'active'",
            "no_such_integration",
            "does not say how",
        ),
        (MANUAL.replace('"acme"', '"nobody"'), "no_such_organization", "nobody"),
        (MANUAL.replace("https://lms.invalid/auth", "nowhere"), "invalid_document", "endpoint"),
        (MANUAL.replace('"active"', '"merry"'), "invalid_document", "status"),
    ],
)
def test_what_cannot_be_brought_about_is_said_before_anything_changes(
    profile: Path, text: str, code: str, problem: str
) -> None:
    path = write(profile.parent / "wanted.toml", text)
    before = {each: each.read_bytes() for each in profile.rglob("*.toml")}

    with pytest.raises(LtictlError, match=problem) as refused:
        Planner(Context(Profile(profile)), LIFE).steps(read_wanted(path))

    assert refused.value.code == code
    assert {each: each.read_bytes() for each in profile.rglob("*.toml")} == before


def test_an_id_that_means_another_registration_is_a_mistake(profile: Path) -> None:
    assert_settles(profile, MANUAL)
    other = f'{MANUAL}id = "acme-blackboard"\n'.replace('"client-1"', '"client-2"')

    with pytest.raises(LtictlError, match="client_id") as refused:
        assert_settles(profile, other)

    assert refused.value.code == "integration_differs"


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ('issuer = "https://elsewhere.invalid"', "integration_differs"),
        ('organization = "beta"', "integration_differs"),
        ('token_endpoint = "https://lms.invalid/other"', "invalid_document"),
        ('audience = "https://lms.invalid/other"', "invalid_document"),
        ('family = "moodle"', "invalid_document"),
    ],
)
def test_beside_an_id_nothing_is_passed_over(profile: Path, member: str, code: str) -> None:
    assert_settles(profile, MANUAL)

    with pytest.raises(LtictlError) as refused:
        assert_settles(profile, f'[[integrations]]\nid = "acme-blackboard"\n{member}\n')

    assert refused.value.code == code


def test_the_issuer_beside_an_id_may_be_repeated(profile: Path) -> None:
    assert_settles(profile, MANUAL)

    same = '[[integrations]]\nid = "acme-blackboard"\nissuer = "https://lms.invalid"\n'

    assert assert_settles(profile, same) == []


def test_dry_run_and_exit_codes(ltictl: Ltictl, profile: Path) -> None:
    path = str(write(profile.parent / "wanted.toml", MANUAL))

    dry = ltictl("apply", path, "--dry-run", "--detailed-exitcode")
    unasked = ltictl("apply", path)
    done = ltictl("apply", path, "--yes", "--detailed-exitcode", "--json")
    again = ltictl("apply", path, "--detailed-exitcode", "--json")

    assert (dry.code, dry.stderr) == (10, "")
    assert dry.stdout.startswith("+ add-integration acme-blackboard https://lms.invalid")
    assert (unasked.code, "--yes" in unasked.stderr) == (2, True)
    assert (done.code, done.data["applied"]) == (10, True)
    assert (again.code, again.data["applied"], again.data["changes"]) == (0, False, [])


SCHOOLS = "slug;name;family\nfirst;Éducation;moodle\nsecond;;\n"


def test_a_list_of_schools_becomes_invitations_with_a_mail_each(
    ltictl: Ltictl, profile: Path, tmp_path: Path
) -> None:
    path = tmp_path / "schools.csv"
    path.write_text(SCHOOLS, "utf-8-sig")
    mails = tmp_path / "mails"

    given = ("apply", str(path), "--yes", "--json", "--public-url", "https://tool.invalid/reg")
    done = ltictl(*given, "--mails", str(mails))
    again = ltictl(*given)

    assert done.code == 0, done
    first, second = done.data["invitations"]
    assert [first["organization"], second["organization"]] == ["first", "second"]
    assert first["file"] == str(mails / "first.txt")
    text = (mails / "first.txt").read_text("utf-8")
    url = next(word for word in text.split() if "?t=" in word)
    assert url.startswith("https://tool.invalid/reg?t=")
    assert "?t=" not in done.stdout + done.stderr
    assert "Moodle" in text
    assert stat.S_IMODE((mails / "first.txt").stat().st_mode) == 0o600
    assert Profile(profile).organizations.get("first").name == "Éducation"
    assert again.data == {"changes": [], "applied": False, "invitations": []}
    stored = "".join(each.read_text() for each in profile.rglob("*.toml"))
    assert url.partition("?t=")[2].partition(".")[2] not in stored


@pytest.mark.parametrize("json_wanted", [False, True])
def test_an_invitation_whose_mail_cannot_be_written_is_named(
    ltictl: Ltictl, profile: Path, json_wanted: bool
) -> None:
    """Its URL exists only at that moment."""
    wanted = write(profile.parent / "s.csv", "slug\nnew\nlater\n")
    (profile.parent / "mails" / "new.txt").mkdir(parents=True)

    done = ltictl(
        *("apply", str(wanted), "--yes", "--mails", str(profile.parent / "mails")),
        *(["--json"] if json_wanted else []),
    )

    assert done.code == 1
    if json_wanted:
        data = done.json["data"]
        assert [each["action"] for each in data["changes"]] == ["add-organization", "invite"]
        assert "?t=" in data["invitations"][0]["url"]
    else:
        assert "--- new\n" in done.stdout
        assert "?t=" in done.stdout
    assert Profile(profile).organizations.ids() == ["acme", "beta", "new"]


def test_what_fails_in_the_middle_leaves_nothing_untold(profile: Path) -> None:
    """The hook runs for the changes before the failure, and the failure names them."""
    script = f'echo "$LTICTL_INTEGRATIONS" > {profile.parent}/calls'
    settings = profile / "profile.toml"
    before = settings.read_text().partition("[hooks]")[0]
    settings.write_text(f"{before}[hooks]\nafter_change = {json.dumps(['sh', '-c', script])}\n")
    context = Context(Profile(profile))

    def failing() -> None:
        raise LtictlError("cannot_write", "The disk is full.")

    steps = [
        PlannedChange("activate", "acme-moodle", "", lambda: None),
        PlannedChange("activate", "acme-canvas", "", failing),
        PlannedChange("activate", "acme-sakai", "", lambda: pytest.fail("done after a failure")),
    ]
    letters = Letters(
        context.profile.settings(), "http://127.0.0.1:8765/register", profile.parent, Output(), "en"
    )

    done: list[PlannedChange] = []

    with pytest.raises(LtictlError) as raised:
        apply_steps(context, steps, done, letters.add)

    assert ([step.subject for step in done], raised.value.code) == (["acme-moodle"], "cannot_write")
    assert (profile.parent / "calls").read_text() == "acme-moodle\n"


def test_without_a_folder_the_mails_are_files_all_the_same(ltictl: Ltictl, profile: Path) -> None:
    path = str(write(profile.parent / "s.csv", "slug,name\nnew,New School\n"))

    done = ltictl("apply", path, "--yes")

    mails = ltictl.home.path / "mails"
    assert f"1 mail with secret URLs: {mails}" in done.stderr
    assert "?t=" in (mails / "new.txt").read_text("utf-8")
    assert "?t=" not in done.stdout + done.stderr


def test_a_school_that_has_an_integration_is_not_invited(
    ltictl: Ltictl, register: Register, profile: Path
) -> None:
    register("acme")
    path = write(profile.parent / "s.csv", "slug\nacme\nbeta\n")

    done = ltictl("apply", str(path), "--dry-run", "--json")

    assert [(each["action"], each["subject"]) for each in done.data["changes"]] == [
        ("invite", "beta")
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name\nx", "must name the columns"),
        ("slug,colour\nx,y", "must name the columns"),
        ("slug\nx,y", "more cells"),
        ("slug\nUPPER", "line 2"),
        ('slug\n"x', "no CSV"),
        ("slug\nx\nx", "twice"),
        ("", "must name the columns"),
    ],
)
def test_lists_that_are_not_understood(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(LtictlError, match=problem):
        read_wanted(write(tmp_path / "s.csv", text))


def test_a_document_of_all_schools_may_have_many_megabytes(tmp_path: Path) -> None:
    """That of 100,000 integrations has 36."""
    document = tmp_path / "wanted.toml"
    document.write_text(f"# {'x' * 99}\n" * 200_000 + '[[organizations]]\nslug = "acme"\n')

    assert [each.slug for each in read_wanted(document).organizations] == ["acme"]


def test_the_plan_holds_no_secret(ltictl: Ltictl, profile: Path) -> None:
    path = write(profile.parent / "s.csv", "slug\nnew\n")

    done = ltictl("apply", str(path), "--dry-run", "--json")

    assert "t=" not in json.dumps(done.data)


def test_a_new_id_begins_with_its_organizations_slug(profile: Path) -> None:
    path = write(profile.parent / "wanted.toml", f'{MANUAL}id = "blackboard"\n')
    planner = Planner(Context(Profile(profile)), LIFE)

    with pytest.raises(LtictlError, match="must begin with 'acme-', not 'blackboard'"):
        planner.steps(read_wanted(path))
