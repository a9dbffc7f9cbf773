"""Rewriting keeps paths and queries, leaves other hosts alone, and the way back leads home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import UsageError
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.operations.lms_facts.rewrite_addresses import (
    at_new_issuer,
    moved_where_possible,
    rewritten,
)
from tests.support.things import PLATFORM

NEW = "https://new.example"
SEGMENT = st.text("abz019-_.~", min_size=1, max_size=6)
FOLDER = st.lists(SEGMENT, max_size=3).map(lambda parts: "".join(f"/{each}" for each in parts))
PORT = st.sampled_from(["", ":8443"])
SLASH = st.sampled_from(["", "/"])
QUERY = st.sampled_from(["", "?", "?a=1&b=https://old.example/x"])


@given(PORT, FOLDER, SLASH, PORT, FOLDER, FOLDER, QUERY)
def test_only_the_issuers_part_changes_and_the_way_back_leads_home(
    port: str, folder: str, slash: str, new_port: str, new_folder: str, path: str, query: str
) -> None:
    former, new = (
        f"https://old.example{port}{folder}{slash}",
        f"https://new.example{new_port}{new_folder}",
    )
    url = f"https://old.example{port}{folder}{path}{query}"

    moved = rewritten(url, former, new)

    assert moved == f"https://new.example{new_port}{new_folder}{path}{query}"
    assert rewritten(moved, new, former) == url
    assert rewritten(moved, former, new) == moved  # an address at the new place stays


@given(
    st.sampled_from(["https://else.example", "http://old.example", "https://old.example:1"]), FOLDER
)
def test_an_address_elsewhere_is_never_guessed(origin: str, path: str) -> None:
    assert rewritten(f"{origin}{path}", "https://old.example", NEW) is None
    assert moved_where_possible(f"{origin}{path}", "https://old.example", NEW) == f"{origin}{path}"


@pytest.mark.parametrize(
    ("url", "former", "new", "moved"),
    [
        (
            "https://a.edu/moodle/t",
            "https://a.edu/moodle",
            "https://a.edu/lms",
            "https://a.edu/lms/t",
        ),
        ("https://a.edu/moodle2/t", "https://a.edu/moodle", "https://b.edu/lms", None),
        ("https://a.edu/sso/t", "https://a.edu/lms", "https://b.edu/lms", "https://b.edu/sso/t"),
        ("https://a.edu/sso/t", "https://a.edu/moodle", "https://a.edu/lms", "https://a.edu/sso/t"),
        ("https://A.edu:443/t", "https://a.edu", "https://b.edu", "https://b.edu/t"),
        ("https://a.edu", "https://a.edu/", "https://b.edu/x/", "https://b.edu/x"),
        ("http://localhost:1/t", "http://localhost:1", "https://b.edu", "https://b.edu/t"),
        ("https://münchen.example/t", "https://xn--mnchen-3ya.example", NEW, f"{NEW}/t"),
    ],
)
def test_folders_count_in_whole_segments(
    url: str, former: str, new: str, moved: str | None
) -> None:
    assert rewritten(url, former, new) == moved


@pytest.mark.parametrize("text", ["", "urn:lms", "api.example", "not a url"])
def test_an_audience_may_be_no_url_at_all(text: str) -> None:
    assert moved_where_possible(text, "https://old.example", NEW) == text


def test_an_issuer_as_audience_becomes_the_new_issuer_byte_for_byte() -> None:
    platform = replace(PLATFORM, audience=PLATFORM.issuer)

    assert at_new_issuer("acme-moodle", platform, f"{NEW}/").audience == f"{NEW}/"


@given(st.sets(st.sampled_from(["authorization_endpoint", "token_endpoint", "jwks_uri"])))
def test_one_endpoint_elsewhere_is_enough_to_refuse(elsewhere: set[str]) -> None:
    platform = replace(PLATFORM, **dict.fromkeys(elsewhere, "https://sso.example/x"))

    if elsewhere:
        with pytest.raises(UsageError, match=r"sso\.example") as refused:
            at_new_issuer("acme-moodle", platform, NEW)
        assert refused.value.code == "endpoints_elsewhere"
        assert all(f"--set={each}={NEW}/..." in refused.value.fix for each in elsewhere)
        return
    moved = at_new_issuer("acme-moodle", platform, NEW)
    assert {WebAddress.parse(getattr(moved, each)).origin for each in (*elsewhere, "issuer")} == {
        NEW
    }
    assert (moved.configuration_url, moved.registration_endpoint) == (f"{NEW}/c", f"{NEW}/register")
    assert replace(at_new_issuer("acme-moodle", moved, PLATFORM.issuer)) == platform


def test_an_lms_without_services_keeps_having_none() -> None:
    platform = replace(PLATFORM, token_endpoint="", audience="")

    assert at_new_issuer("acme-moodle", platform, NEW).token_endpoint == ""
