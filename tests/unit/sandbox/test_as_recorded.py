"""The embedded LMS answers the recorded requests as the recorded Moodle did."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ltictl.sandbox.lms import Lms
from tests.support import recordings
from tests.support.recordings import Recording

from .world import School, without_ids

NOT_COMPARED = {
    "03-registration-token/decoded": "a decoded token, no exchange; test_initiation compares it",
}
BODIES = [recording.name for recording in recordings.all_in("04-registration-request")]
TOKENS = [recording.name for recording in recordings.all_in("03-registration-token")]


def test_every_recording_is_compared_or_listed_with_a_reason() -> None:
    folders = ("03-registration-token", "04-registration-request")
    files = {
        f"{folder}/{path.stem}"
        for folder in folders
        for path in (recordings.FOLDER / folder).glob("*.json")
    }

    assert files == {*BODIES, *TOKENS, *NOT_COMPARED}


@pytest.mark.parametrize("name", BODIES)
def test_the_same_registration_request_gets_the_same_answer(school: School, name: str) -> None:
    recording = recordings.load(name)

    answer = send(school, recording, f"Bearer {school.fresh_token()}")

    assert_same(answer, recording)


@pytest.mark.parametrize("name", TOKENS)
def test_the_same_kind_of_token_gets_the_same_answer(school: School, name: str) -> None:
    recording = recordings.load(name)
    kind = name.partition("/")[2]
    prepared = AUTHORIZATIONS.get(kind)
    token = school.fresh_token()

    if kind == "query-token":
        answer = send(school, recording, None, {"registration_token": token})
    else:
        answer = send(school, recording, prepared(school) if prepared else f"Bearer {token}")

    assert_same(answer, recording)


def test_the_configuration_has_the_recorded_members_and_values(school: School) -> None:
    recorded = recordings.load("02-openid-configuration").response.json()

    answer = school.http.get("/.well-known/openid-configuration")

    ours = answer.json()
    addresses = {name for name in recorded if name.endswith(("_endpoint", "_uri"))} | {"issuer"}
    assert list(ours) == list(recorded)
    assert answer.headers["content-type"].startswith("application/json")
    assert {name: ours[name] for name in ours if name not in addresses} == {
        name: recorded[name] for name in recorded if name not in addresses
    }
    assert all(ours[name].startswith(school.sandbox.base_url) for name in addresses)


def test_the_key_set_has_the_recorded_members(school: School) -> None:
    recorded = recordings.load("02-platform-jwks").response.json()["keys"][0]

    key = school.http.get("/jwks").json()["keys"][0]

    assert list(key) == list(recorded)
    assert {name: key[name] for name in ("kty", "alg", "e", "use")} == {
        name: recorded[name] for name in ("kty", "alg", "e", "use")
    }


def send(
    school: School,
    recording: Recording,
    authorization: str | None,
    query: dict[str, str] | None = None,
) -> httpx.Response:
    """The recorded request with a token of this platform in place of the recorded one."""
    kept = ("Content-Type", "Accept")
    headers = {
        name: recording.request.headers[name] for name in kept if name in recording.request.headers
    }
    if authorization is not None:
        headers["Authorization"] = authorization
    content = recording.request.body
    method = recording.request.method
    return school.http.request(
        method, "/registration", content=content, headers=headers, params=query
    )


def assert_same(answer: httpx.Response, recording: Recording) -> None:
    expected = recording.response
    assert answer.status_code == expected.status, answer.text
    assert answer.headers["content-type"] == expected.headers["Content-Type"]
    if expected.status == 200:
        ours, theirs = answer.json(), expected.json()
        assert list(ours) == list(theirs)
        assert without_ids(ours) == without_ids(theirs)
        # Even escaped alike; only the ids may be longer or shorter.
        assert without_digits(answer.text, ours) == without_digits(expected.body.decode(), theirs)
    elif expected.abridged:
        assert '<p class="errormessage">' in answer.text
    else:
        assert answer.content == expected.body


def without_digits(text: str, answer: dict[str, Any]) -> str:
    configuration = next(value for value in answer.values() if isinstance(value, dict))
    client_id, deployment_id = answer["client_id"], configuration["deployment_id"]
    return text.replace(client_id, "").replace(f'"deployment_id":"{deployment_id}"', "")


def minted(**changes: object) -> Callable[[School], str]:
    """A token that the platform itself would not give out, signed with its own key."""

    def authorization(school: School) -> str:
        return f"Bearer {own_token(school, **changes)}"

    return authorization


def own_token(school: School, **changes: object) -> str:
    lms: Lms = school.sandbox.lms
    now = int(school.clock.now)
    claims = {"sub": "abcdefghij12345", "scope": "reg", "iat": now, "exp": now + 3600}
    return lms.key.sign(claims | changes)


def unknown_kid(school: School) -> str:
    lms = school.sandbox.lms
    stranger = type(lms.key)("nosuchkid", lms.key.private)
    return "Bearer " + stranger.sign({"sub": "abcdefghij12345", "scope": "reg"})


def tampered(part: int) -> Callable[[School], str]:
    def authorization(school: School) -> str:
        parts = school.fresh_token().split(".")
        parts[part] = school.fresh_token().split(".")[part]
        return "Bearer " + ".".join(parts)

    return authorization


def use(school: School, *, deleted: bool = False) -> str:
    token = school.fresh_token()
    answer = school.post(token, recordings.load("04-registration-request/full").request.json())
    answer.raise_for_status()
    if deleted:
        tool = school.sandbox.lms.client(answer.json()["client_id"])
        assert tool is not None
        school.sandbox.lms.delete(tool.deployment_id)
    return f"Bearer {token}"


def rejected_before(school: School) -> str:
    token = school.fresh_token()
    if school.post(token, {}).status_code != 400:
        raise ValueError("an empty request was not rejected")
    return f"Bearer {token}"


AUTHORIZATIONS: dict[str, Callable[[School], str | None]] = {
    "absent": lambda _: None,
    # Trailing white space is no part of a header's value (RFC 9110, section 5.5).
    "empty-bearer": lambda _: "Bearer",
    "expired": minted(iat=1, exp=3601),
    "garbage": lambda _: "Bearer notajwt",
    "lowercase-bearer": lambda school: f"bearer {school.fresh_token()}",
    "not-bearer": lambda _: "Basic abc",
    "not-yet-valid": lambda school: minted(iat=int(school.clock.now) + 600)(school),
    "replayed": use,
    "reused-after-tool-deleted": lambda school: use(school, deleted=True),
    "tampered-payload": tampered(1),
    "tampered-signature": tampered(2),
    "unknown-kid": unknown_kid,
    "update-unknown-type": minted(scope="reg-update", sub="99999"),
    "valid-after-rejected-body-2": rejected_before,
    "wrong-scope": minted(scope="other"),
}


@pytest.mark.parametrize(
    "kind",
    [
        "expired",
        "garbage",
        "not-yet-valid",
        "tampered-payload",
        "tampered-signature",
        "unknown-kid",
    ],
)
def test_the_error_page_says_what_the_recorded_one_says(school: School, kind: str) -> None:
    recording = recordings.load(f"03-registration-token/{kind}")
    # The one that names a moment names its own; its hour is made the recorded one.
    school.clock.now = 1_795_418_016

    answer = send(school, recording, AUTHORIZATIONS[kind](school))

    text = str(recording.visible_text).replace('"', "&#34;")
    assert f'<p class="errormessage">{text}</p>' in answer.text
