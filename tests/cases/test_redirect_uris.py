"""All commands judge redirect_uris against the launches' addresses in the same way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.lti.redirects import describe_unlisted, unlisted_targets
from ltictl.lti.registration import build_request
from ltictl.model.record import replace
from ltictl.model.tool import Message, Overrides, Tool
from ltictl.operations.requests import request_for
from ltictl.platforms.table import family_named
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import headless

HOST = "https://tool.example.com"
LAUNCH = f"{HOST}/launch"


def tool(target: str, redirects: tuple[str, ...], *messages: str) -> Tool:
    return Tool(
        name="T",
        url=HOST,
        initiate_login_uri=f"{HOST}/login",
        target_link_uri=target,
        redirect_uris=redirects,
        jwks_uri=f"{HOST}/jwks",
        messages=tuple(Message("LtiDeepLinkingRequest", target_link_uri=each) for each in messages),
    )


RIGHT: dict[str, Tool] = {
    "the same": tool(LAUNCH, (LAUNCH,)),
    "messages without an address": tool(LAUNCH, (LAUNCH,), ""),
    "messages listed": tool(LAUNCH, (f"{HOST}/pick", LAUNCH), f"{HOST}/pick"),
    "more than needed": tool(LAUNCH, (LAUNCH, f"{LAUNCH}/")),
    "with the id": tool(f"{HOST}/{{integration}}", (f"{HOST}/{{integration}}",)),
    "with the UUID": tool(f"{HOST}/{{integration_uuid}}", (f"{HOST}/{{integration_uuid}}",)),
}
WRONG: dict[str, tuple[Tool, tuple[str, ...]]] = {
    "the case of the field": (
        tool(LAUNCH, (f"{LAUNCH}/",), f"{HOST}/play", f"{HOST}/pick"),
        (f"{LAUNCH} ({LAUNCH}/ is another address)", f"{HOST}/play", f"{HOST}/pick"),
    ),
    "no slash": (tool(f"{LAUNCH}/", (LAUNCH,)), (f"({LAUNCH} is another",)),
    "upper case": (tool(LAUNCH, (f"{HOST}/Launch",)), ("/Launch is another",)),
    "host in capitals": (
        tool(LAUNCH, ("https://TOOL.example.com/launch",)),
        ("TOOL.example.com/launch is another",),
    ),
    "a port": (tool(LAUNCH, ("https://tool.example.com:443/launch",)), (":443/launch is",)),
    "http": (tool(LAUNCH, ("http://tool.example.com/launch",)), ("(http://",)),
    "www": (tool(LAUNCH, ("https://www.tool.example.com/launch",)), ("(https://www.",)),
    "a query": (tool(f"{LAUNCH}?a=1", (LAUNCH,)), (f"{LAUNCH}?a=1 ({LAUNCH} is",)),
    "an escape": (tool(f"{HOST}/l%61unch", (LAUNCH,)), (f"({LAUNCH} is",)),
    "another": (tool(LAUNCH, (f"{HOST}/oidc",)), (LAUNCH,)),
    "one message": (tool(LAUNCH, (LAUNCH,), f"{HOST}/pick"), (f"{HOST}/pick",)),
    "the id where it is not": (tool(f"{HOST}/{{integration}}", (f"{HOST}/x",)), ("/i1",)),
}


def fault_of(described: Tool) -> str:
    request = build_request(described, "i1")
    return describe_unlisted(unlisted_targets(request), request["redirect_uris"])


@pytest.mark.parametrize("described", RIGHT.values(), ids=RIGHT)
def test_listed_addresses_are_no_matter(described: Tool) -> None:
    assert not fault_of(described)
    assert not request_for(described, family_named("lms"), "i1").warnings


@pytest.mark.parametrize(("described", "words"), WRONG.values(), ids=WRONG)
def test_targets_missing_from_the_list_are_named(described: Tool, words: tuple[str, ...]) -> None:
    found = fault_of(described)

    assert all(each in found for each in words), found
    (warning,) = request_for(described, family_named("lms"), "i1").warnings
    assert found in warning


def test_one_familys_messages_concern_its_request_alone() -> None:
    own = Overrides(messages=(Message("LtiDeepLinkingRequest", target_link_uri=f"{HOST}/pick"),))
    described = replace(tool(LAUNCH, (LAUNCH,)), platforms={"moodle": own})

    assert not request_for(described, family_named("lms"), "i1").warnings
    assert any(
        "/pick" in each for each in request_for(described, family_named("moodle"), "i").warnings
    )


PATHS = st.sampled_from(["/launch", "/launch/", "/Launch", "/pick", "/l%61unch", "/launch?a"])


@given(PATHS, st.lists(PATHS, min_size=1, max_size=4), st.lists(PATHS, max_size=3))
def test_exactly_the_missing_targets_are_named(
    target: str, redirects: list[str], messages: list[str]
) -> None:
    described = tool(HOST + target, tuple(HOST + each for each in redirects))
    described = replace(
        described,
        messages=tuple(
            Message("LtiDeepLinkingRequest", target_link_uri=HOST + e) for e in messages
        ),
    )

    found = unlisted_targets(build_request(described, "i1"))

    wanted = {HOST + each for each in (target, *messages) if each not in redirects}
    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_all_commands_say_the_same(acme: Ltictl, playback: PlaybackPlatform) -> None:
    file = acme.home.ltictl_home / "profiles" / "default" / "profile.toml"
    launch = "https://tool.invalid/lti/launch"
    setting = f'[tool]\nredirect_uris = ["{launch}/"]\n'
    file.write_text(file.read_text().replace("[tool]\n", setting, 1))
    said = f"redirect_uris does not list {launch} ({launch}/ is another address)"

    examined = acme("doctor", "--offline", "--json")
    done = {
        "lms-config": acme("lms-config", "schoology", "--json"),
        "register": headless(acme, playback.url("configuration"), "--json"),
    }

    check = next(each for each in examined.data["checks"] if each["id"] == "redirect_uris")
    assert (check["result"], check["detail"]) == ("warn", said)
    for command, each in done.items():
        assert each.code == 0, each
        found: list[Any] = [warning for warning in each.json["warnings"] if said in warning]
        assert len(found) == 1, (command, each)
