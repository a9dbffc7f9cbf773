"""The page may be framed by the LMSs that ltictl may reach, and every warning has a line."""

import pytest

from ltictl.cli.render.register_events import event_line
from ltictl.errors import HookWarning, OperatorWarning
from ltictl.model.web_address import WebAddress
from ltictl.net.policy import GuardPolicy
from ltictl.operations.events import WarningRaised
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.tool_reach import private_address_of
from ltictl.platforms.requirements import key_set_place


def test_the_page_may_be_framed_by_what_the_policy_lets_be_reached() -> None:
    assert "http:" not in Reach(GuardPolicy()).ancestors
    assert "http:" in Reach(GuardPolicy(allow_private=True)).ancestors
    assert "http://moodle:*" in Reach(GuardPolicy(http_hosts=frozenset({"moodle"}))).ancestors


@pytest.mark.parametrize(
    ("url", "private", "place"),
    [
        ("https://tool.example/jwks", "", ""),
        ("https://tool.example:8443/jwks", "", "port 8443"),
        ("https://10.0.0.5/jwks", "10.0.0.5", "a private address"),
        ("https://tool.example/jwks", "10.0.0.5", "a private address (tool.example is 10.0.0.5)"),
    ],
)
def test_the_place_of_a_key_set_that_some_lms_does_not_read(
    url: str, private: str, place: str
) -> None:
    assert key_set_place(WebAddress.parse(url, "jwks_uri"), private) == place


def test_a_name_that_leads_here_is_noticed() -> None:
    assert private_address_of("localhost") in {"127.0.0.1", "::1"}
    assert private_address_of("8.8.8.8") == ""
    assert private_address_of("no.such.invalid") == ""


@pytest.mark.parametrize("kind", [HookWarning, OperatorWarning, str])
def test_every_kind_of_warning_has_a_line(kind: type[str]) -> None:
    assert event_line(WarningRaised(kind("x"))) == {"event": "warning", "message": "x"}
