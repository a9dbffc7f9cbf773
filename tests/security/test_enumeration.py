"""A stranger who tries ids of invitations learns nothing: each refusal costs the same work.

The work is counted, not timed; the bench times it.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ltictl.operations.context import Context
from ltictl.operations.invite import invite, look_up
from ltictl.operations.organizations import add_organization
from ltictl.operations.registration.refused_link import HIDDEN_REASONS, refusal_of
from ltictl.store.folder import Folder
from ltictl.store.profile import Profile

WRONG = "a" * 32


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a document is read, names are listed, a digest is made."""
    counted: Counter[str] = Counter()

    def count(owner: object, name: str) -> None:
        former: Callable[..., Any] = getattr(owner, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            counted[name] += 1
            return former(*args, **kwargs)

        monkeypatch.setattr(owner, name, counting)

    for name in ("read", "list", "read_many", "exists"):
        count(Folder, name)
    count(hashlib, "sha256")
    return counted


@pytest.fixture
def context(profile_template: Path, tmp_path: Path) -> Context:
    shutil.copytree(profile_template, tmp_path / "profile")
    context = Context(Profile(tmp_path / "profile"))
    add_organization(context, "other")
    return context


def assert_hidden(context: Context, work: Counter[str], token: str) -> dict[str, int]:
    work.clear()
    refusal = refusal_of(context, look_up(context, token), "acme")
    assert refusal is not None
    assert refusal.reason in HIDDEN_REASONS
    return dict(work)


def test_every_hidden_reason_costs_the_same_work(
    context: Context, work: Counter[str], tmp_path: Path
) -> None:
    known = invite(context, organization="acme").invitation.id
    damaged = invite(context, organization="acme").invitation.id
    (tmp_path / "profile" / "invitations" / f"{damaged}.toml").write_text("[")
    others = invite(context, organization="other")

    costs = {
        "unknown": assert_hidden(context, work, f"0123abcd.{WRONG}"),
        "alike": assert_hidden(context, work, f"{known[:-1]}.{WRONG}"),
        "altered": assert_hidden(context, work, f"{known}.{WRONG}"),
        "damaged": assert_hidden(context, work, f"{damaged}.{WRONG}"),
        "other organization": assert_hidden(context, work, others.token),
    }

    assert costs == {reason: {"read": 1, "sha256": 1} for reason in costs}


@settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text(max_size=40), st.text(max_size=40))
@example("../organizations/acme", WRONG)
@example("a" * 200, WRONG)
@example("", "")
@example(".hidden", "A")
def test_no_token_makes_ltictl_search(
    context: Context, work: Counter[str], identifier: str, secret: str
) -> None:
    found = assert_hidden(context, work, f"{identifier}.{secret}")

    assert found.keys() <= {"read", "sha256"}
    assert found["sha256"] <= 2  # an upper-case secret is tried in lower case too
    assert found.get("read", 0) <= 1
