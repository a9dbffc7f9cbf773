"""The kept part of a request: its members, no secret, nothing of any length."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.kept_request import request_to_keep

SECRET = "CANARY-SECRET"
_NAMES = st.sampled_from(["client_id", "client_secret", "registration_access_token", "x"])
_VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


def planted(value: Any) -> Any:
    """The same value with a canary wherever a secret may stand."""
    if isinstance(value, list):
        return [planted(each) for each in value]
    if isinstance(value, dict):
        return {
            name: planted(each) if name in {"client_id", "x"} else SECRET
            for name, each in value.items()
        }
    return value


@given(st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_no_secret_stays_at_any_depth(document: dict[str, Any]) -> None:
    kept = request_to_keep(json.dumps(planted(document)))

    assert SECRET not in kept
    assert set(json.loads(kept)) == set(document) & {"client_id", "x"}


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"x": "' + "x" * 70_000 + '"}', '{"x":' + "[" * 100_000]
)
def test_a_body_that_is_no_object_or_too_long_is_not_kept(body: str) -> None:
    assert request_to_keep(body) == ""
