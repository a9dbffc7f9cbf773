"""Registering again ends in the right state each way, keeps earlier facts, and says so."""

import json

import pytest

from ltictl.errors import LtictlError, NotFoundError
from ltictl.model.attempt import NewClient
from ltictl.model.integration import Integration, Status
from ltictl.operations.registration.existing import RegistrationTarget, choose_target
from ltictl.operations.registration.inspect_platform import Inspection
from ltictl.operations.switch import activate
from ltictl.sandbox.family import Like
from tests.support.cli import Ltictl
from tests.support.processes import Finished
from tests.support.visit import Admin, issued, listening, outcome, words

from .conftest import POLICY, MakeSchool, School, setting


def at(school: School) -> tuple[str, str]:
    return "--profile", str(school.context.profile.root)


def admin_of(given: dict[str, str]) -> Admin:
    return Admin(given["openid_configuration"], given.get("registration_token", ""))


def ids(school: School) -> list[str]:
    return school.context.profile.integrations.ids()


def headless(ltictl: Ltictl, school: School, given: dict[str, str], *args: str) -> Finished:
    return ltictl(
        *("register", "--org", "acme", "--yes", "--allow-private", "--json", *args),
        *("--openid-configuration", given["openid_configuration"]),
        *("--registration-token-file", "-"),
        input=given["registration_token"],
        profile=school.context.profile.root,
    )


@pytest.fixture
def moodle(school_like: MakeSchool) -> School:
    return school_like(Like.MOODLE)


@pytest.fixture
def canvas(school_like: MakeSchool) -> School:
    return school_like(Like.CANVAS)


def test_moodles_update_token_finds_its_organization_although_the_invitation_is_open(
    moodle: School, ltictl: Ltictl
) -> None:
    first = moodle.register(moodle.start()).integration
    activate(moodle.context, [first.id])
    setting(moodle.context, 'description = "changed"')
    admin = admin_of(moodle.updating(first.deployments[0].id))
    running, _ = listening(ltictl, *at(moodle), org="")
    base = running.output("stderr").split('"address": "')[1].partition('"')[0]
    url = issued(ltictl, f"{base}?", *at(moodle))

    page = admin.open(url)
    assert "asks to update the existing integration acme-moodle" in words(page)
    assert "Acme School" in words(page)
    assert 'id="organization"' not in page.text
    assert outcome(admin.press(page)) == "updated"

    assert running.wait(10).code == 0
    stored = moodle.context.profile.integrations.get(first.id)
    assert ids(moodle) == [first.id]
    assert (stored.client_id, stored.deployments) == (first.client_id, first.deployments)
    assert (stored.status, stored.created_at) == (Status.ACTIVE, first.created_at)
    assert len(moodle.sandbox.lms.tools()) == 1


def test_after_an_update_the_terminal_asks_nobody_to_switch_the_tool_on(
    moodle: School, ltictl: Ltictl
) -> None:
    first = moodle.register(moodle.start()).integration
    terminal = ltictl.terminal(
        *("register", "--org", "acme", "--port", "0", "--allow-private"),
        profile=moodle.context.profile.root,
    )
    terminal.wait_for("only in a browser")
    url = next(each for each in terminal.text.split() if each.startswith("http://127.0.0.1"))
    admin = admin_of(moodle.updating(first.deployments[0].id))
    assert outcome(admin.press(admin.open(url))) == "updated"

    terminal.wait_for("Activate acme-moodle now?")  # here it was never switched on
    terminal.send("n\r")

    assert terminal.wait() == 0
    terminal.wait_for("activate acme-moodle")
    assert "Manage tools" not in terminal.text


def test_an_invitation_of_another_organization_changes_nothing(
    moodle: School, ltictl: Ltictl
) -> None:
    first = moodle.register(moodle.start()).integration
    sent = len(moodle.sandbox.lms.ledger)
    admin = admin_of(moodle.updating(first.deployments[0].id))
    _, url = listening(ltictl, *at(moodle), org="beta")

    page = admin.open(url)

    assert "belongs to another organization" in words(page)
    assert "acme" not in words(page).lower()
    assert len(moodle.sandbox.lms.ledger) == sent


def test_an_update_of_a_tool_that_is_not_recorded_is_recorded(moodle: School) -> None:
    first = moodle.register(moodle.start()).integration
    moodle.context.profile.integrations.remove(first.id)

    again = moodle.register(moodle.updating(first.deployments[0].id))

    assert not again.updated
    assert again.integration.client_id == first.client_id
    assert again.integration.deployments == first.deployments


def test_without_a_page_the_token_names_the_updated_tool(moodle: School, ltictl: Ltictl) -> None:
    first = moodle.register(moodle.start()).integration

    done = headless(ltictl, moodle, moodle.updating(first.deployments[0].id))

    assert done.code == 0, done
    assert [each["id"] for each in done.data["integrations"]] == [first.id]
    assert ids(moodle) == [first.id]


def test_without_a_page_another_is_added_with_a_warning(moodle: School, ltictl: Ltictl) -> None:
    first = moodle.register(moodle.start()).integration

    done = headless(ltictl, moodle, moodle.start())

    assert done.code == 0, done
    assert ids(moodle) == [first.id, "acme-moodle-2"]
    assert any("choose Update in Moodle" in each for each in done.json["warnings"])
    assert "--update" not in str(done.json["warnings"])


def test_an_update_by_hand_never_takes_a_client_that_may_be_in_use(
    moodle: School, ltictl: Ltictl
) -> None:
    first = moodle.register(moodle.start()).integration
    activate(moodle.context, [first.id])
    sent = len(moodle.sandbox.lms.ledger)

    done = headless(ltictl, moodle, moodle.start(), "--update", first.id)

    assert done.json["error"]["code"] == "client_in_use"
    assert "choose Update in Moodle" in done.json["error"]["fix"]
    assert "--replace-client" in done.json["error"]["fix"]
    assert len(moodle.sandbox.lms.ledger) == sent
    assert moodle.context.profile.attempts.ids() == []
    assert moodle.context.profile.integrations.get(first.id).client_id == first.client_id


def test_a_new_client_takes_over_where_a_person_says_so_and_exports_keep_the_former_one(
    moodle: School, ltictl: Ltictl
) -> None:
    first = moodle.register(moodle.start()).integration
    activate(moodle.context, [first.id])

    done = headless(ltictl, moodle, moodle.start(), "--update", first.id, "--replace-client")

    assert done.code == 0, done
    stored = moodle.context.profile.integrations.get(first.id)
    assert ids(moodle) == [first.id]
    assert stored.client_id != first.client_id
    assert [each.client_id for each in stored.former_in_use] == [first.client_id]
    assert stored.status is Status.ACTIVE
    assert len(stored.deployments) == 2
    warnings = " ".join(done.json["warnings"])
    assert "The LMS has two tools now." in warnings
    assert "delete it in Moodle only after no activity uses it" in warnings
    assert f"recover {first.id} --former-client {first.client_id}" in warnings
    assert export(ltictl, moodle) == {stored.client_id, first.client_id}


def export(ltictl: Ltictl, school: School) -> set[str]:
    """The clients that PyLTI1p3 would serve."""
    target = school.context.profile.root.parent / "lti.json"
    done = ltictl("export", "pylti1p3", "--output", str(target), profile=at(school)[1])
    done.assert_success()
    (clients,) = json.loads(target.read_text()).values()
    return {each["client_id"] for each in clients}


def replace_client(moodle: School) -> tuple[Integration, Integration]:
    """An integration before and after a person let it take a new client."""
    first = moodle.register(moodle.start()).integration
    activate(moodle.context, [first.id])
    second = moodle.register(moodle.start(), "acme", first.id, NewClient.INSTEAD)
    return first, second.integration


def test_the_way_back_is_one_command_and_may_be_repeated(moodle: School, ltictl: Ltictl) -> None:
    first, second = replace_client(moodle)

    for _ in range(2):
        done = ltictl(
            *("recover", first.id, "--former-client", first.client_id, "--json"),
            profile=moodle.context.profile.root,
        )
        assert done.code == 0, done
        stored = moodle.context.profile.integrations.get(first.id)
        assert stored.client_id == first.client_id
        assert [each.client_id for each in stored.former_in_use] == [second.client_id]
        assert (stored.status, stored.platform) == (Status.ACTIVE, first.platform)
    wrong = ltictl(
        "recover", first.id, "--former-client", "x", "--json", profile=moodle.context.profile.root
    )
    assert wrong.json["error"]["code"] == "no_former_client"
    assert wrong.code == 4


def test_verify_sees_that_a_former_client_is_gone(moodle: School, ltictl: Ltictl) -> None:
    first, second = replace_client(moodle)

    def former() -> tuple[str, str]:
        done = ltictl(*at(moodle), "verify", first.id, "--allow-private", "--json")
        (found,) = done.data["integrations"]
        (check,) = [each for each in found["checks"] if each["id"] == "former_clients"]
        return check["result"], check["detail"]

    assert former()[0] == "pass"
    assert "not seen to be gone" in former()[1]
    assert export(ltictl, moodle) == {first.client_id, second.client_id}
    moodle.sandbox.lms.delete(first.deployments[0].id)
    assert "gone from the LMS" in former()[1]
    assert export(ltictl, moodle) == {second.client_id}
    shown = ltictl(*at(moodle), "show", first.id).stdout
    assert f"{first.client_id} (gone)" in shown


def test_a_client_that_the_lms_says_is_gone_gives_way(moodle: School, ltictl: Ltictl) -> None:
    first = moodle.register(moodle.start()).integration
    activate(moodle.context, [first.id])
    moodle.sandbox.lms.delete(first.deployments[0].id)

    done = headless(ltictl, moodle, moodle.start(), "--update", first.id)

    assert done.code == 0, done
    stored = moodle.context.profile.integrations.get(first.id)
    assert ids(moodle) == [first.id]
    assert [each.client_id for each in stored.former] == [first.client_id]
    assert stored.former_in_use == ()
    assert export(ltictl, moodle) == {stored.client_id}
    assert any("has no more" in each for each in done.json["warnings"])


def test_an_update_of_a_former_tool_does_not_bring_it_back(moodle: School) -> None:
    first, second = replace_client(moodle)

    again = moodle.register(moodle.updating(first.deployments[0].id), "acme", first.id)

    assert again.integration.client_id == second.client_id
    assert any("a former client of 'acme-moodle'" in each for each in again.warnings)
    assert len(moodle.sandbox.lms.tools()) == 2


def test_a_named_integration_must_be_there(moodle: School) -> None:
    first = moodle.register(moodle.start()).integration
    second = moodle.register(moodle.start()).integration
    update = moodle.inspect(moodle.updating(first.deployments[0].id))
    fresh = moodle.inspect(moodle.start())

    def target(organization: str, inspection: Inspection, wanted: str) -> RegistrationTarget:
        return choose_target(moodle.context, POLICY, organization, inspection, wanted=wanted)

    with pytest.raises(LtictlError) as mismatch:
        target("acme", update, second.id)
    with pytest.raises(NotFoundError) as missing:
        target("acme", fresh, "acme-other")
    with pytest.raises(NotFoundError):
        target("beta", fresh, first.id)

    assert mismatch.value.code == "update_mismatch"
    assert f"--update {first.id}" in mismatch.value.fix
    assert first.id in missing.value.fix


def test_canvas_takes_an_update_and_lets_it_wait(canvas: School, ltictl: Ltictl) -> None:
    first = canvas.register(canvas.start()).integration
    activate(canvas.context, [first.id])
    setting(canvas.context, '[tool.platforms.canvas]\nname = "Renamed"')
    given = canvas.updating(first.deployments[0].id)
    running, url = listening(ltictl, *at(canvas))

    page = admin_of(given).open(url)
    done = admin_of(given).press(page)

    assert "updates Example Tool there or adds it once more" in words(page)
    assert "by deleting the tool" not in words(page)
    assert outcome(done) == "updated"
    assert words(done).count("takes effect when an administrator accepts it") == 1
    assert "Accept the update of Example Tool there:" in words(done)
    assert 'id="countdown"' not in done.text  # something is left to do
    assert running.wait(10).code == 0
    stored = canvas.context.profile.integrations.get(first.id)
    assert (stored.client_id, stored.status) == (first.client_id, Status.ACTIVE)
    assert stored.deployments == first.deployments
    assert canvas.sandbox.lms.has_update(first.deployments[0].id)


def test_a_first_registration_at_canvas_does_not_wait(canvas: School) -> None:
    registered = canvas.register(canvas.start())

    assert not registered.waiting
    assert not any("submitted" in each for each in registered.warnings)


def test_two_organizations_may_share_one_client(canvas: School) -> None:
    first = canvas.register(canvas.start()).integration

    shared = canvas.register(canvas.updating(first.deployments[0].id), "beta")

    assert shared.integration.id == "beta-canvas"
    assert shared.integration.client_id == first.client_id
    assert shared.integration.deployments == ()
    assert any("stays with 'acme-canvas'" in each for each in shared.warnings)
    assert canvas.context.profile.integrations.get(first.id) == first
