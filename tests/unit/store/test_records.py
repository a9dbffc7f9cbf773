"""Documents and records: the content of a file, and the error for a wrong member."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from ltictl.errors import InvalidValueError
from ltictl.model.integration import Deployment, DeploymentSource, Integration, Scopes
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.store.records import document_of, record_of
from tests.support import things

WHOLE = document_of(things.integration())


def read(**changes: Any) -> Integration:
    return record_of(Integration, {**WHOLE, **changes})


def test_members_that_are_empty_by_default_are_left_out() -> None:
    bare = replace(
        things.integration(), scopes=Scopes(("a",), ()), deployments=(), problems=(), client_uri=""
    )

    document = document_of(bare, "id")

    assert document.keys().isdisjoint(
        {"id", "deployments", "problems", "client_uri", "verified_at"}
    )
    assert document["scopes"] == {"requested": ["a"], "answered": []}, "empty is not unknown"
    assert document["updatable"] == "rerun"
    assert record_of(Integration, {**document, "id": bare.id}) == bare


def test_what_a_document_leaves_out_takes_its_default() -> None:
    url = "https://lms.example/t"
    bare = record_of(
        Integration,
        {
            "id": "acme-lms",
            "organization": "acme",
            "status": "active",
            "client_id": "c",
            "created_at": things.NOW,
            "updated_at": things.NOW,
            "platform": {
                "issuer": "https://lms.example",
                "authorization_endpoint": url,
                "token_endpoint": url,
                "jwks_uri": url,
            },
            "deployments": [{"id": "1"}],
            "unheard_of": 1,
        },
    )

    assert bare.deployments == (Deployment("1", "", DeploymentSource.MANUAL),)
    assert bare.platform.audience == url, "the token endpoint, unless the LMS names another"
    assert (bare.scopes, bare.answer, bare.activated_at) == (Scopes(), "", None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_id": 1}, "client_id must be a string"),
        ({"client_id": ""}, "client_id must be 1 to 255 printable characters"),
        ({"status": "on"}, "status must be one of pending, active, disabled"),
        ({"problems": ["a", 1]}, "problems[1] must be a string"),
        ({"problems": "a"}, "problems must be a list"),
        ({"platform": "x"}, "platform must be a table"),
        ({"platform": {}}, "platform.issuer is missing"),
        (
            {"platform": WHOLE["platform"] | {"issuer": "x"}},
            "platform.issuer must begin with https://",
        ),
        ({"deployments": [{}]}, "deployments[0].id is missing"),
        ({"scopes": {"granted": [1]}}, "scopes.granted[0] must be a string"),
        ({"created_at": "2026-01-31T12:00:00Z"}, "created_at must be a time with its offset"),
        ({"created_at": datetime(2026, 1, 31)}, "created_at must be a time with its offset"),  # noqa: DTZ001  the point
        ({"created_at": date(2026, 1, 31)}, "created_at must be a time with its offset"),
        ({"verified_at": 3}, "verified_at must be a time"),
        ({"id": "A B"}, "integration 'A B' cannot be used as a name"),
    ],
    ids=str,
)
def test_the_member_that_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        read(**changes)

    assert caught.value.message.startswith(message)


def test_a_missing_member_at_the_top_is_named() -> None:
    with pytest.raises(InvalidValueError) as caught:
        record_of(Organization, {"slug": "acme"})

    assert caught.value.message == "created_at is missing."


def test_a_time_with_another_offset_is_the_same_moment() -> None:
    there = things.NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert read(created_at=there).created_at == things.NOW.astimezone(UTC)


def test_a_changed_record_is_checked_like_a_new_one() -> None:
    platform = things.integration().platform

    assert platform.host == "lms.example"
    assert replace(platform, issuer="https://other.example:8443").host == "other.example:8443"
    with pytest.raises(InvalidValueError):
        replace(platform, issuer="nowhere")
    with pytest.raises(TypeError):
        replace(platform, unheard_of=1)
    assert replace(platform) == platform
    assert isinstance(platform, Platform)
