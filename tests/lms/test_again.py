"""Registering again: each way ends in the right state, keeps what was there, and says so."""

import pytest

from ltictl.errors import LtictlError, NotFoundError
from ltictl.model.integration import Status
from ltictl.operations.registration.existing import replaced_by
from ltictl.operations.switch import activate
from ltictl.sandbox.family import Like
from tests.support.cli import Ltictl
from tests.support.processes import Finished
from tests.support.visit import Admin, issued, listening, outcome, words

from .conftest import MakeSchool, School, setting


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
    first = moodle.register(moodle.started()).integration
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


def test_an_invitation_of_another_organization_changes_nothing(
    moodle: School, ltictl: Ltictl
) -> None:
    first = moodle.register(moodle.started()).integration
    sent = len(moodle.sandbox.lms.ledger)
    admin = admin_of(moodle.updating(first.deployments[0].id))
    _, url = listening(ltictl, *at(moodle), org="beta")

    page = admin.open(url)

    assert "belongs to another organization" in words(page)
    assert "acme" not in words(page).lower()
    assert len(moodle.sandbox.lms.ledger) == sent


def test_an_update_of_a_tool_that_is_not_recorded_is_recorded(moodle: School) -> None:
    first = moodle.register(moodle.started()).integration
    moodle.context.profile.integrations.remove(first.id)

    again = moodle.register(moodle.updating(first.deployments[0].id))

    assert not again.updated
    assert again.integration.client_id == first.client_id
    assert again.integration.deployments == first.deployments


def test_without_a_page_the_token_says_what_is_updated(moodle: School, ltictl: Ltictl) -> None:
    first = moodle.register(moodle.started()).integration

    done = headless(ltictl, moodle, moodle.updating(first.deployments[0].id))

    assert done.code == 0, done
    assert [each["id"] for each in done.data["integrations"]] == [first.id]
    assert ids(moodle) == [first.id]


def test_without_a_page_another_is_added_and_told(moodle: School, ltictl: Ltictl) -> None:
    first = moodle.register(moodle.started()).integration

    done = headless(ltictl, moodle, moodle.started())

    assert done.code == 0, done
    assert ids(moodle) == [first.id, "acme-moodle-2"]
    assert any("--update acme-moodle" in each for each in done.json["warnings"])


def test_a_new_client_in_the_place_of_a_former_one(moodle: School, ltictl: Ltictl) -> None:
    first = moodle.register(moodle.started()).integration
    activate(moodle.context, [first.id])

    done = headless(ltictl, moodle, moodle.started(), "--update", first.id)

    assert done.code == 0, done
    stored = moodle.context.profile.integrations.get(first.id)
    assert ids(moodle) == [first.id]
    assert stored.client_id != first.client_id
    assert stored.former_client_ids == (first.client_id,)
    assert stored.status is Status.ACTIVE
    assert len(stored.deployments) == 2
    assert any("the LMS made a second tool" in each for each in done.json["warnings"])


def test_what_is_named_must_be_there(moodle: School) -> None:
    first = moodle.register(moodle.started()).integration
    second = moodle.register(moodle.started()).integration
    update = moodle.inspected(moodle.updating(first.deployments[0].id))
    fresh = moodle.inspected(moodle.started())

    with pytest.raises(LtictlError) as mismatch:
        replaced_by(moodle.context, "acme", update, second.id)
    with pytest.raises(NotFoundError) as missing:
        replaced_by(moodle.context, "acme", fresh, "acme-other")
    with pytest.raises(NotFoundError):
        replaced_by(moodle.context, "beta", fresh, first.id)

    assert mismatch.value.code == "update_mismatch"
    assert f"--update {first.id}" in mismatch.value.fix
    assert first.id in missing.value.fix


def test_canvas_takes_an_update_and_lets_it_wait(canvas: School, ltictl: Ltictl) -> None:
    first = canvas.register(canvas.started()).integration
    activate(canvas.context, [first.id])
    setting(canvas.context, '[tool.platforms.canvas]\nname = "Renamed"')
    given = canvas.updating(first.deployments[0].id)
    running, url = listening(ltictl, *at(canvas))

    page = admin_of(given).open(url)
    done = admin_of(given).press(page)

    assert outcome(done) == "updated"
    assert "takes effect when an administrator accepts it" in words(done)
    assert running.wait(10).code == 0
    stored = canvas.context.profile.integrations.get(first.id)
    assert (stored.client_id, stored.status) == (first.client_id, Status.ACTIVE)
    assert stored.deployments == first.deployments
    assert canvas.sandbox.lms.has_update(first.deployments[0].id)


def test_a_first_registration_at_canvas_does_not_wait(canvas: School) -> None:
    registered = canvas.register(canvas.started())

    assert not registered.waiting
    assert not any("submitted" in each for each in registered.warnings)


def test_two_organizations_may_share_one_client(canvas: School) -> None:
    first = canvas.register(canvas.started()).integration

    shared = canvas.register(canvas.updating(first.deployments[0].id), "beta")

    assert shared.integration.id == "beta-canvas"
    assert shared.integration.client_id == first.client_id
    assert shared.integration.deployments == ()
    assert any("stays with 'acme-canvas'" in each for each in shared.warnings)
    assert canvas.context.profile.integrations.get(first.id) == first
