"""The peculiarities of single LMSs show in ltictl's documents and in the LMS."""

import json
from typing import Any

import httpx
import pytest

from ltictl.errors import RefusedError
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.integration import Status, Updatable
from ltictl.operations.checks.checks import Verdict
from ltictl.operations.checks.verify import verify
from ltictl.sandbox.canvas import CanvasLms
from ltictl.sandbox.family import Basis, Like
from ltictl.sandbox.tools import ToolState

from .conftest import POLICY, MakeSchool, School, setting

ALL = list(Like)


def options(like: Like) -> tuple[str, ...]:
    return ("deployment",) if like is Like.BRIGHTSPACE else ()


@pytest.mark.parametrize("like", ALL)
def test_register(school_like: MakeSchool, like: Like) -> None:
    school = school_like(like)

    registered = school.register(school.start(*options(like)))

    (tool,) = school.sandbox.lms.tools()
    stored = registered.integration
    assert stored == school.context.profile.integrations.get(f"acme-{like.value}")
    assert (stored.client_id, stored.status) == (tool.client_id, Status.PENDING)
    expected = [] if like is Like.BLACKBOARD else [tool.deployment_id]  # each school has its own
    assert [each.id for each in stored.deployments] == expected
    assert tool.state is ToolState.PENDING
    assert set(stored.scopes.requested) <= set(stored.scopes.answered or ()) | {"openid"}
    assert school.context.profile.attempts.ids() == []


@pytest.mark.parametrize("like", ALL)
def test_a_stored_integration_gets_a_token_once_the_lms_has_switched_the_tool_on(
    school_like: MakeSchool, like: Like
) -> None:
    school = school_like(like)
    stored = school.register(school.start(*options(like))).integration
    (tool,) = school.sandbox.lms.tools()
    school.sandbox.lms.activate(tool.deployment_id)

    (found,) = verify(school.context, POLICY, [stored.id])

    assert found.result is Verdict.PASS, found.checks
    granted = school.context.profile.integrations.get(stored.id).scopes.granted
    assert set(granted or ()) == set(stored.scopes.requested)


def test_brightspaces_link_works_once(school_like: MakeSchool) -> None:
    school = school_like(Like.BRIGHTSPACE)
    given = school.start()
    assert "registration_token" not in given
    school.inspect(given)

    with pytest.raises(RefusedError) as caught:
        school.inspect(given)

    assert caught.value.code == "configuration_unavailable"
    assert "used before" in caught.value.why
    assert "registrationToken" not in str(caught.value)


def test_in_brightspace_a_second_registration_is_refused_by_its_name(
    school_like: MakeSchool,
) -> None:
    school = school_like(Like.BRIGHTSPACE)
    school.register(school.start())

    with pytest.raises(RefusedError) as caught:
        school.register(school.start())

    assert "The name 'Example Tool' is in use" in caught.value.message
    assert "of that name already" in caught.value.why
    assert "Manage Extensibility" in caught.value.fix
    setting(school.context, '[tool.platforms.brightspace]\nname = "Another Tool"')
    with pytest.raises(RefusedError) as caught:
        school.register(school.start())
    assert "of that domain already" in caught.value.why


def test_moodles_update_changes_the_tool_in_place(school_like: MakeSchool) -> None:
    school = school_like(Like.MOODLE)
    first = school.register(school.start()).integration

    again = school.register(school.updating(first.deployments[0].id), replaces=first.id)

    assert again.updated
    assert (again.integration.id, again.integration.client_id) == (first.id, first.client_id)
    assert len(school.sandbox.lms.tools()) == 1


def test_canvass_update_waits_for_its_administrator(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)
    first = school.register(school.start()).integration
    deployment = first.deployments[0].id
    lms = school.sandbox.lms
    lms.activate(deployment)
    setting(school.context, '[tool.platforms.canvas]\nname = "Renamed"')

    again = school.register(school.updating(deployment))

    assert again.updated
    assert again.integration.id == first.id
    assert json.loads(again.integration.answer)["client_name"] == "Example Tool"
    assert lms.has_update(deployment)
    assert lms.tool(deployment).settings.name == "Example Tool"
    lms.activate(deployment)
    assert (lms.has_update(deployment), lms.tool(deployment).settings.name) == (False, "Renamed")


@pytest.mark.parametrize("like", ALL)
def test_how_a_registration_is_changed_later(school_like: MakeSchool, like: Like) -> None:
    school = school_like(like)
    stored = school.register(school.start()).integration

    assert (
        stored.updatable
        is {
            Like.MOODLE: Updatable.RERUN,
            Like.CANVAS: Updatable.CONFIGURATION_ENDPOINT,
            Like.BRIGHTSPACE: Updatable.NO,
            Like.SAKAI: Updatable.NO,
            Like.BLACKBOARD: Updatable.NO,
        }[like]
    )
    assert bool(stored.client_uri) is (like is Like.CANVAS)


def test_canvas_shows_the_school_and_survives_the_redirect(school_like: MakeSchool) -> None:
    school = school_like(Like.CANVAS)

    inspection = school.inspect(school.start())

    platform = inspection.configuration.platform
    assert platform.name == "Sandbox School"
    assert platform.guid
    assert "?" not in platform.configuration_url
    assert platform.audience == platform.token_endpoint  # not the bare host that it lists
    assert SCOPES["registration"] in inspection.scopes


def test_brightspaces_audience_is_no_endpoint(school_like: MakeSchool) -> None:
    school = school_like(Like.BRIGHTSPACE)

    platform = school.inspect(school.start()).configuration.platform

    assert platform.audience == f"{school.sandbox.base_url}/auth/audience"


def test_sakais_endpoints_belong_to_one_registration(school_like: MakeSchool) -> None:
    school = school_like(Like.SAKAI)

    first = school.register(school.start()).integration
    second = school.register(school.start(), "beta").integration

    assert first.platform.token_endpoint != second.platform.token_endpoint
    assert first.platform.issuer == second.platform.issuer


def test_brightspace_names_a_deployment_only_if_asked(school_like: MakeSchool) -> None:
    school = school_like(Like.BRIGHTSPACE)

    registered = school.register(school.start())

    assert registered.integration.deployments == ()
    assert any("View Deployments" in each for each in registered.warnings)
    assert any("ltictl deployment add acme-brightspace" in each for each in registered.warnings)


def access_token(school: School, integration: str) -> str:
    """A token for all services of an integration, as its tool would ask for one."""
    import asyncio

    from ltictl.lti.access_token import token_request
    from ltictl.lti.client_assertion import client_assertion
    from ltictl.net.client import GuardedClient
    from ltictl.operations.signing import current_key

    stored, context = school.context.profile.integrations.get(integration), school.context
    key = current_key(context)
    assertion = client_assertion(
        context.profile.private_keys.read(key.kid),
        key.kid,
        client_id=stored.client_id,
        audience=stored.platform.audience,
        now=context.now(),
        jti="x",
        deployment_id="",
    )

    async def ask() -> bytes:
        async with GuardedClient(POLICY) as client:
            reply = await client.post(
                stored.platform.token_endpoint,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                content=token_request(assertion, stored.scopes.requested),
                deadline=10,
            )
            return reply.body

    return str(json.loads(asyncio.run(ask()))["access_token"])


def test_canvass_configuration_endpoint_takes_a_token_with_the_registration_service(
    school_like: MakeSchool,
) -> None:
    school = school_like(Like.CANVAS)
    stored = school.register(school.start()).integration
    lms = school.sandbox.lms
    assert isinstance(lms, CanvasLms)
    lms.activate(stored.deployments[0].id)
    bearer = {"Authorization": f"Bearer {access_token(school, stored.id)}"}
    request: dict[str, Any] = json.loads(stored.answer) | {"client_name": "Changed by the tool"}
    request["scope"] = " ".join(stored.scopes.requested)

    read = httpx.get(stored.client_uri, headers=bearer, trust_env=False)
    refused = httpx.put(stored.client_uri, json=request, trust_env=False)
    written = httpx.put(stored.client_uri, headers=bearer, json=request, trust_env=False)

    assert (read.status_code, refused.status_code, written.status_code) == (200, 401, 200)
    assert read.json()["client_id"] == stored.client_id
    assert written.json()["client_name"] == "Example Tool"
    assert lms.has_update(stored.deployments[0].id)


@pytest.mark.parametrize("like", ALL)
def test_every_behaviour_says_how_it_is_known(school_like: MakeSchool, like: Like) -> None:
    school = school_like(like)
    behaviours = school.sandbox.lms.family.behaviours
    bases = {each.basis for each in behaviours}

    assert bases == ({Basis.RECORDED} if like is Like.MOODLE else {Basis.DOCUMENTED, Basis.ASSUMED})
    page = httpx.get(school.sandbox.admin_url, trust_env=False).text
    assert page.count("<em>(") == len(behaviours)
