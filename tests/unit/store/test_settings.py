"""ltictl reads a ``profile.toml`` whole, or refuses it and names the wrong member."""

import tomllib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import InvalidValueError
from ltictl.model.profile import KeyManager
from ltictl.model.tool import Message
from ltictl.store.settings import TABLES, settings_of

TOOL = '[tool]\nname = "Tool"\nurl = "https://tool.example/"\n'
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)


def refusal(text: str) -> tuple[str, str]:
    with pytest.raises(InvalidValueError) as caught:
        settings_of(tomllib.loads(text))
    return caught.value.message, caught.value.fix


def test_other_addresses_follow_from_the_url() -> None:
    tool = settings_of(tomllib.loads(TOOL + 'target_link_uri = "https://tool.example/go"')).tool

    assert tool.url == "https://tool.example"
    assert tool.initiate_login_uri == "https://tool.example/lti/login"
    assert tool.redirect_uris == ("https://tool.example/go",)
    assert tool.jwks_uri == "https://tool.example/.well-known/jwks.json"
    assert tool.messages == (Message("LtiResourceLinkRequest"),)


def test_durations_and_closed_sets_are_read() -> None:
    keys = '[keys]\nmanaged_by = "external"\nretire_after = "2d"\n'

    found = settings_of(tomllib.loads(f'{TOOL}{keys}[callback]\ntimeout = "90s"\n'))

    assert (found.keys.managed_by, found.keys.retire_after) == (
        KeyManager.EXTERNAL,
        timedelta(days=2),
    )
    assert found.callback.timeout == timedelta(seconds=90)


def test_what_one_family_alone_knows_is_kept_for_its_record() -> None:
    text = (
        '[tool.platforms.canvas]\nprivacy_level = "public"\nextensions = 1\n'
        '[[tool.platforms.canvas.messages]]\ntype = "x"\ndefault = true\n'
    )

    canvas = settings_of(tomllib.loads(TOOL + text)).tool.platforms["canvas"]

    assert canvas.extensions == {"privacy_level": "public", "extensions": 1}
    assert canvas.messages == (Message("x", extensions={"default": True}),)
    assert canvas.scopes is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool]\nname = 'x'", "tool.url is missing"),
        ("[tool]\nname = 1\nurl = 'https://x.example'", "tool.name must be a string"),
        (TOOL + "scopes = 'lineitem'", "tool.scopes must be a list"),
        (TOOL + "scopes = ['lineitem', 1]", "tool.scopes[1] must be a string"),
        (TOOL + "[keys]\nmanaged_by = 'me'", "keys.managed_by must be one of ltictl, external"),
        (TOOL + "[keys]\nbits = '2048'", "keys.bits must be a whole number"),
        (TOOL + "[keys]\npublish_for = '1 day'", "keys.publish_for '1 day' is not a duration"),
        (TOOL + "[keys]\npublish_for = 24", "keys.publish_for must be a duration such as 15m"),
        (TOOL + "[callback]\nport = true", "callback.port must be a whole number"),
        (TOOL + "messages = ['x']", "tool.messages[0] must be a table"),
        (TOOL + "[[tool.messages]]\nlabel = 'x'", "tool.messages[0].type is missing"),
        (TOOL + "[tool.platforms]\ncanvas = 1", "tool.platforms.canvas must be a table"),
        (
            TOOL + "[tool.platforms.canvas]\nscopes = 'x'",
            "tool.platforms.canvas.scopes must be a list",
        ),
        (
            TOOL + "[platforms.aliases]\na = 1",
            "platforms.aliases must be a table in which each value is a string",
        ),
        ("tool = 1", "tool must be a table"),
    ],
)
def test_a_wrong_setting_is_named_with_the_right_form(text: str, message: str) -> None:
    assert refusal(text)[0] == f"{message}."


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        (TOOL + "nmae = 'x'", "tool.nmae is not known", "Did you mean 'name'? Known here: name,"),
        (TOOL + "extensions = {}", "tool.extensions is not known", "Known here: name,"),
        (TOOL + "[callbck]", "callbck is not known", "Did you mean 'callback'? Known here: schema"),
        (
            TOOL + "[[tool.messages]]\ntype = 'x'\nprivacy = 'y'",
            "tool.messages[0].privacy is not known",
            "under [tool.platforms.FAMILY].",
        ),
    ],
)
def test_a_misspelt_member_is_named_with_the_likeliest(text: str, message: str, fix: str) -> None:
    said = refusal(text)

    assert said[0] == f"{message}."
    assert fix in said[1]


@given(st.sampled_from(sorted(TABLES)), st.dictionaries(st.text(max_size=9), ANYTHING), ANYTHING)
def test_anything_else_is_refused_with_words(
    table: str, members: dict[str, object], value: object
) -> None:
    for content in (members, dict.fromkeys(TABLES[table].__struct_fields__, value), value):
        named = ""
        try:
            settings_of({"tool": {"name": "x", "url": "https://x.example"}, table: content})
        except InvalidValueError as error:
            named = error.field
        assert named == "" or named.startswith(table)
