"""ltictl recognises LMSs under codes of their own, by the right fact and in the right words."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import InvalidValueError
from ltictl.lti.configuration import judge_configuration
from ltictl.lti.vocabulary import PLATFORM_CONFIGURATION
from ltictl.model.platform import Platform, Recognition
from ltictl.model.web_address import WebAddress
from ltictl.platforms.recognition import check_aliases, describe_recognition, recognise
from ltictl.platforms.table import all_families, family_of
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import headless

HOST = "https://lms.example"
MOODLE = ("/mod/lti/auth.php", "/mod/lti/token.php", "/mod/lti/certs.php")
CANVAS = ("/api/lti/authorize_redirect", "/login/oauth2/token", "/api/lti/security/jwks")
BRIGHTSPACE = ("/d2l/lti/authenticate", "/core/connect/token", "/d2l/.well-known/jwks")
ILIAS = ("/ltiauth.php", "/ltitoken.php", "/lticerts.php")
SAKAI = ("/imsoidc/lti13/oidc_auth", "/imsblis/lti13/token/43", "/imsblis/lti13/keyset/43")
UUID = "d67fb871-4aaa-4a0e-af12-18f71fb038a8"
OPENEDX = (
    "/api/lti_consumer/v1/launch/",
    f"/api/lti_consumer/v1/token/{UUID}",
    f"/api/lti_consumer/v1/public_keysets/{UUID}",
)
OTHER = ("/authorize", "/token", "/jwks")
ACCOUNT = "https://canvas.instructure.com/lti/account_name"
CODE, ALIAS, SHAPE = Recognition.CODE, Recognition.ALIAS, Recognition.SHAPE
NONE: dict[str, str] = {}

Row = tuple[str, tuple[str, str, str], tuple[str, ...], Mapping[str, str], str, Recognition]
ROWS: dict[str, Row] = {
    # announced, paths, members, aliases: family, by what
    "Moodle itself": ("moodle", MOODLE, (), NONE, "moodle", CODE),
    "a known code counts, whatever the shape": ("canvas", MOODLE, (), NONE, "canvas", CODE),
    "a second code of a family": ("brightspace", OTHER, (), NONE, "brightspace", CODE),
    "ILIAS's trunk": ("ilias", ILIAS, (), NONE, "ilias", CODE),
    "powereduc": ("powereduc", MOODLE, (), NONE, "moodle", SHAPE),
    "agpu": ("agpu", MOODLE, (), NONE, "moodle", SHAPE),
    "Moodle's code in capitals": ("MOODLE", MOODLE, (), NONE, "moodle", SHAPE),
    "Moodle's shape without a code": ("", MOODLE, (), NONE, "moodle", SHAPE),
    "a fork in a folder": (
        "powereduc",
        tuple(f"/campus/lms{each}" for each in MOODLE),  # type: ignore[dict-item]
        (),
        NONE,
        "moodle",
        SHAPE,
    ),
    "a fork with another key set": ("agpu", (*MOODLE[:2], "/keys"), (), NONE, "moodle", SHAPE),
    "a fork with another token endpoint": (
        "agpu",
        (MOODLE[0], "/oauth/token", MOODLE[2]),
        (),
        NONE,
        "moodle",
        SHAPE,
    ),
    "one address alone is no shape": ("x", (MOODLE[0], "/t", "/k"), (), NONE, "lms", CODE),
    "a longer name is another": (
        "x",
        ("/mod/lti/auth.php5", "/mod/lti/token.phps", "/xmod/lti/certs.php"),
        (),
        NONE,
        "lms",
        CODE,
    ),
    "paths in capitals are others": (
        "x",
        ("/MOD/LTI/AUTH.PHP", "/MOD/LTI/TOKEN.PHP", "/MOD/LTI/CERTS.PHP"),
        (),
        NONE,
        "lms",
        CODE,
    ),
    "marks in a query count for nothing": (
        "x",
        tuple(f"/a?to={each}" for each in MOODLE),  # type: ignore[dict-item]
        (),
        NONE,
        "lms",
        CODE,
    ),
    "a fork of Canvas, by its addresses": ("edu-canvas", CANVAS, (), NONE, "canvas", SHAPE),
    "a fork of Canvas, by its own members": ("fork", OTHER, (ACCOUNT,), NONE, "canvas", SHAPE),
    "another's members are not Canvas's": (
        "fork",
        OTHER,
        ("https://canvas.example/lti/account_name", "version"),
        NONE,
        "lms",
        CODE,
    ),
    "the token endpoint of Canvas is anybody's": (
        "x",
        ("/authorize", CANVAS[1], "/jwks"),
        (),
        NONE,
        "lms",
        CODE,
    ),
    "a Brightspace under a name of its own": ("lor", BRIGHTSPACE, (), NONE, "brightspace", SHAPE),
    "an ILIAS under a name of its own": ("ilias-plus", ILIAS, (), NONE, "ilias", SHAPE),
    "a Sakai under a name of its own": ("longsight", SAKAI, (), NONE, "sakai", SHAPE),
    "an Open edX under a name of its own": ("edly", OPENEDX, (), NONE, "openedx", SHAPE),
    "two shapes at once are none": ("x", MOODLE, (ACCOUNT,), NONE, "lms", CODE),
    "no shape and no alias": ("lti-poc-lms", OTHER, (), NONE, "lms", CODE),
    "an alias": ("powereduc", OTHER, (), {"powereduc": "moodle"}, "moodle", ALIAS),
    "an alias counts more than the shape": ("sham", MOODLE, (), {"sham": "sakai"}, "sakai", ALIAS),
    "an alias that says: not Moodle": ("own", MOODLE, (), {"own": "lms"}, "lms", ALIAS),
    "an alias settles two shapes": ("x", MOODLE, (ACCOUNT,), {"x": "canvas"}, "canvas", ALIAS),
    "an alias is matched exactly": ("Agpu", OTHER, (), {"agpu": "moodle"}, "lms", CODE),
    "an alias of another code": ("agpu", OTHER, (), {"powereduc": "moodle"}, "lms", CODE),
    "an alias with blanks in it": ("My LMS", OTHER, (), {"My LMS": "moodle"}, "moodle", ALIAS),
    "an alias does not override a code": ("moodle", OTHER, (), {"x": "canvas"}, "moodle", CODE),
}


def platform_of(code: str, paths: tuple[str, str, str]) -> Platform:
    authorization, token, jwks = (HOST + each for each in paths)
    return Platform(HOST, authorization, token, jwks, configuration_url=f"{HOST}/c", family=code)


@pytest.mark.parametrize(
    ("code", "paths", "members", "aliases", "family", "way"), ROWS.values(), ids=ROWS
)
def test_an_lms_is_taken_for_what_it_is(
    code: str,
    paths: tuple[str, str, str],
    members: tuple[str, ...],
    aliases: Mapping[str, str],
    family: str,
    way: Recognition,
) -> None:
    check_aliases(aliases)

    found = recognise(platform_of(code, paths), aliases, members)

    assert (family_of(found.family).slug, found.recognised_by) == (family, way)
    assert (found.announced or found.family) == (code or found.family)
    sentence = describe_recognition(found)
    assert bool(sentence) is (way is not CODE)
    assert (repr(code) in sentence) is (way is not CODE and bool(code))


def test_recorded_lmss_keep_their_own_families() -> None:
    """No recorded configuration has the shape of another family than its own."""
    recordings = Path(__file__).parent.parent / "recordings" / "foreign"
    seen = {}
    for each in sorted(recordings.glob("*/configuration-200.json")):
        body = json.loads(each.read_text())["response"]["body"]
        issuer = json.loads(body)["issuer"]
        judged = judge_configuration(body.encode(), WebAddress.parse(issuer, "issuer"))
        bare = Platform(
            issuer,
            judged.platform.authorization_endpoint,
            judged.platform.token_endpoint,
            judged.platform.jwks_uri,
        )
        seen[each.parent.name] = family_of(recognise(bare, NONE, judged.claim).family).slug

    assert seen == {
        "ilias-released": "ilias",
        "ilias-trunk": "ilias",
        "lms-simulator": "lms",
        "lti-toolkit": "lms",
    }


def test_every_preset_has_the_shape_of_its_family_or_of_none() -> None:
    for family in all_families():
        for preset in family.presets.values():
            parts = (preset.authorization_endpoint, preset.token_endpoint, preset.jwks_uri)
            urls = [each.replace("{site}", HOST).replace("{client_id}", "7") for each in parts]
            authorization, token, jwks = (each or f"{HOST}/given" for each in urls)
            platform = Platform(HOST, authorization, token, jwks)
            assert family_of(recognise(platform, NONE).family).slug in {family.slug, "lms"}


MISTAKES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a misspelt family": ({"powereduc": "moodel"}, ("aliases.powereduc", "'moodel'")),
    "the title of a family": ({"powereduc": "Moodle"}, ("aliases.powereduc", "'Moodle'")),
    "no family": ({"powereduc": ""}, ("aliases.powereduc", "''")),
    "no code": ({"": "moodle"}, ('aliases.""', "no code")),
    "blanks as a code": ({"  ": "moodle"}, ('aliases."  "', "no code")),
    "a code that another family announces": ({"canvas": "moodle"}, ("aliases.canvas", "Canvas")),
    "a known code as some LMS": ({"moodle": "lms"}, ("aliases.moodle", "Moodle itself")),
}


@pytest.mark.parametrize(("aliases", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_wrong_alias_is_refused_by_name(aliases: dict[str, str], said: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_aliases(aliases)

    assert all(each in str(caught.value) for each in said), str(caught.value)
    assert caught.value.fix


@given(
    code=st.text(max_size=300), members=st.lists(st.text()), path=st.text("/abc.php?%", max_size=9)
)
def test_any_code_and_any_members_are_read(code: str, members: list[str], path: str) -> None:
    found = recognise(platform_of(code, (f"/{path}", "/t", f"/{path}")), NONE, members)

    assert code in {found.announced, found.family}
    assert "\n" not in describe_recognition(found)


# --- the same through the commands ------------------------------------------------------------


def announcing(playback: PlaybackPlatform, code: str, version: str = "1.0") -> PlaybackPlatform:
    claim: dict[str, Any] = playback.configuration[PLATFORM_CONFIGURATION]
    claim |= {"product_family_code": code, "version": version}
    return playback


def write_aliases(cli: Ltictl, text: str) -> None:
    file = cli.home.ltictl_home / "profiles" / "default" / "profile.toml"
    kept = file.read_text().replace("[platforms.aliases]", "")
    file.write_text(f"{kept}\n[platforms.aliases]\n{text}\n")


def test_powereduc_is_registered_as_the_moodle_that_it_is(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    announcing(playback, "powereduc")

    done = headless(acme, playback.url("configuration"), "--json")

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert (found["id"], found["platform"]["family"]) == ("acme-moodle", "moodle")
    assert found["registration"]["updatable"] == "rerun"
    warnings = [each for each in done.json["warnings"] if "powereduc" in each]
    assert len(warnings) == 1, done
    assert "Moodle" in warnings[0]
    assert "shape" in warnings[0]
    assert 'powereduc = "lms"' in warnings[0]
    shown = acme("show", "acme-moodle")
    assert "by the shape of its configuration; it calls itself 'powereduc'" in shown.stdout
    # The fork's own "1.0" is no Moodle before 4.3.
    assert "LTI External tools" in shown.stdout


def test_what_a_person_wrote_counts_more(acme: Ltictl, playback: PlaybackPlatform) -> None:
    announcing(playback, "powereduc")
    write_aliases(acme, 'powereduc = "lms"')

    done = headless(acme, playback.url("configuration"), "--json")

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert (found["id"], found["platform"]["family"]) == ("acme-lms", "powereduc")
    assert "[platforms.aliases]" in acme("show", "acme-lms").stdout


def test_a_wrong_alias_stops_before_the_lms_is_asked(
    acme: Ltictl, playback: PlaybackPlatform
) -> None:
    write_aliases(acme, 'powereduc = "moodel"')

    done = headless(acme, playback.url("configuration"), "--json")

    assert (done.code, done.error["code"]) == (9, "invalid_setting")
    assert "Did you mean 'moodle'?" in done.error["fix"]
    assert playback.requests == []


@pytest.mark.parametrize(
    ("paths", "identifier", "family"),
    [(MOODLE, "acme-moodle", "moodle"), (OTHER, "acme-lms", None)],
    ids=["Moodle's", "others"],
)
def test_addresses_given_by_hand_tell_the_family(
    acme: Ltictl, paths: tuple[str, str, str], identifier: str, family: str | None
) -> None:
    authorization, token, jwks = (HOST + each for each in paths)
    where = ("--authorization-endpoint", authorization, "--token-endpoint", token)
    named = ("--org", "acme", "--issuer", HOST, "--client-id", "c-1", "--deployment", "1")

    done = acme("add", *named, *where, "--jwks-uri", jwks, "--json")

    assert done.code == 0, done
    (found,) = done.data["integrations"]
    assert (found["id"], found["platform"]["family"]) == (identifier, family)
    said = any("Moodle by its addresses" in each for each in done.json["warnings"])
    assert said is (family is not None)
