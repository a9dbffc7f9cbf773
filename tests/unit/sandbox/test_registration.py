"""Registration beyond single recorded requests: sequences, updates, the platform's ledger."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from ltictl.errors import NotFoundError
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.sandbox.tools import LedgerEntry, ToolState
from tests.support import recordings

from .world import School, request_body, token_in, without_ids


def full() -> dict[str, object]:
    body: dict[str, object] = recordings.load("04-registration-request/full").request.json()
    return body


def test_a_new_tool_is_pending_and_has_what_the_platform_answered(school: School) -> None:
    answer = school.post(school.fresh_token(), full()).json()

    tool = school.sandbox.lms.tools()[-1]
    assert tool.state is ToolState.PENDING
    assert tool.client_id == answer["client_id"]
    assert tool.deployment_id == answer[TOOL_CONFIGURATION]["deployment_id"]
    assert tool.settings.name == "Example Tool"


def test_activating_and_deleting(school: School) -> None:
    tool = school.register()

    activated = school.sandbox.lms.activate(tool.deployment_id)
    assert activated.state is ToolState.ACTIVE
    assert school.sandbox.lms.tool(tool.deployment_id) == activated

    school.sandbox.lms.delete(tool.deployment_id)
    assert activated not in school.sandbox.lms.tools()
    with pytest.raises(NotFoundError):
        school.sandbox.lms.activate(tool.deployment_id)


def test_the_ledger_keeps_every_request_and_its_outcome(school: School) -> None:
    token = school.fresh_token()
    before = len(school.sandbox.lms.ledger)

    school.post(token, request_body(jwks_uri=...))
    client_id = school.post(token, request_body()).json()["client_id"]
    school.post(token, request_body())
    school.post("notajwt", request_body())
    school.http.post("/registration", json=request_body())
    school.http.get("/registration", headers={"Authorization": f"Bearer {token}"})

    assert school.sandbox.lms.ledger[before:] == [
        LedgerEntry(client_id, "reg", 400, None),
        LedgerEntry(client_id, "reg", 200, client_id),
        LedgerEntry(client_id, "reg", 401, None),
        LedgerEntry(None, None, 404, None),
        LedgerEntry(None, None, 401, None),
    ]


def test_of_requests_at_the_same_time_one_token_makes_one_tool(school: School) -> None:
    token, before = school.fresh_token(), len(school.sandbox.lms.tools())

    def post(_: int) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{school.sandbox.base_url}/registration"
        return httpx.post(url, json=full(), headers=headers, trust_env=False).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(post, range(4)))

    assert statuses == [200, 401, 401, 401]
    assert len(school.sandbox.lms.tools()) == before + 1


def test_the_update_flow_goes_as_recorded(school: School) -> None:
    tool = school.register(full())
    school.sandbox.lms.activate(tool.deployment_id)
    url = school.sandbox.lms.start_update(tool.deployment_id, "https://tool.example/register")
    headers = {"Authorization": f"Bearer {token_in(url)}"}
    steps = ("get", "post-1", "post-2", "get-after", "put")

    for step in (*steps, "../update-token-other-domain", "../update-token-after-delete"):
        name = f"07-update/update-token-{step}" if step in steps else f"07-update/{step[3:]}"
        recording = recordings.load(name)
        if step.endswith("after-delete"):
            assert school.sandbox.lms.tool(tool.deployment_id).state is ToolState.ACTIVE
            school.sandbox.lms.delete(tool.deployment_id)
        content = recording.request.body
        answer = school.http.request(
            recording.request.method, "/registration", content=content, headers=headers
        )
        assert answer.status_code == recording.response.status, step
        if answer.status_code == httpx.codes.OK:
            ours = answer.json()
            assert without_ids(ours) == without_ids(recording.response.json()), step
            assert ours["client_id"] == tool.client_id
            assert ours[TOOL_CONFIGURATION]["deployment_id"] == tool.deployment_id
        else:
            assert answer.content == recording.response.body, step


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({TOOL_CONFIGURATION: "tool"}, 404, "get_parameter()"),
        ({TOOL_CONFIGURATION: [1]}, 400, "missing_domain"),
        ({"client_name": {"en": "Tool"}}, 404, "Error writing to database"),
        ({"redirect_uris": [["a"]]}, 404, "Error writing to database"),
        ({"client_name": True}, 200, '"client_name":"1"'),
        ({"initiate_login_uri": 7}, 200, '"initiate_login_uri":"7"'),
    ],
)
def test_values_of_other_types(
    school: School, changes: dict[str, Any], status: int, text: str
) -> None:
    answer = school.post(school.fresh_token(), request_body(**changes))

    assert answer.status_code == status
    assert text in answer.text


@pytest.mark.parametrize("body", [b"null", b'"text"', b"5", b"\xff"])
def test_a_body_that_is_no_object_is_an_error_page(school: School, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {school.fresh_token()}"}

    answer = school.http.post("/registration", content=body, headers=headers)

    assert answer.status_code == 404
    assert "registration_to_config()" in answer.text


def test_a_body_may_have_300_kilobytes_and_no_more(school: School) -> None:
    headers = {"Authorization": f"Bearer {school.fresh_token()}"}
    before = len(school.sandbox.lms.ledger)

    largest = school.http.post("/registration", content=b" " * 307_200, headers=headers)
    larger = school.http.post("/registration", content=b" " * 307_201, headers=headers)

    assert (largest.status_code, larger.status_code) == (404, 413)
    assert len(school.sandbox.lms.ledger) == before + 1
