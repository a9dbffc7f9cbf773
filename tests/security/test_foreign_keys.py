"""Key sets of platforms: ltictl trusts a launch only with a sound key (rows 20 and 21)."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ltictl.lti.foreign_keys import judge_key_set
from ltictl.lti.keys import encode_integer
from tests.support.answers import Answer
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform
from tests.support.visit import headless

NUMBERS = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
SMALL = rsa.generate_private_key(65537, 1024).public_key().public_numbers()  # noqa: S505
GOOD = {"kty": "RSA", "kid": "k1", "n": encode_integer(NUMBERS.n), "e": encode_integer(NUMBERS.e)}
GOOD |= {"alg": "RS256", "use": "sig"}
WEAK = {"n": encode_integer(SMALL.n), "e": encode_integer(SMALL.e)}


def without(*members: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in members}


@pytest.mark.parametrize(
    "key",
    [GOOD, without("alg"), without("use"), GOOD | {"alg": "RS512"}, GOOD | {"x5c": ["x"]}],
)
def test_sound_keys(key: dict[str, Any]) -> None:
    found = judge_key_set({"keys": [key]})

    assert (found.kids, found.problems) == (("k1",), ())


@pytest.mark.parametrize(
    ("key", "word"),
    [
        (GOOD | WEAK, "1024 bits"),
        (GOOD | {"n": encode_integer(2**2047)}, "no sound"),
        (GOOD | {"n": encode_integer(2**2046 - 1)}, "2046 bits"),
        (GOOD | {"n": "AQAB"}, "17 bits"),
        (GOOD | {"n": ""}, "0 bits"),
        (GOOD | {"n": "!!!"}, "0 bits"),
        (GOOD | {"n": None}, "0 bits"),
        (GOOD | {"n": ["x"]}, "0 bits"),
        (GOOD | {"n": "ä"}, "0 bits"),
        (GOOD | {"e": encode_integer(1)}, "no sound"),
        (GOOD | {"e": encode_integer(3)}, "no sound"),
        (GOOD | {"e": encode_integer(65536)}, "no sound"),
        (GOOD | {"e": encode_integer(0)}, "no sound"),
        (without("e"), "no sound"),
        (without("kid"), "no kid"),
        (GOOD | {"kid": ""}, "no kid"),
        (GOOD | {"kid": 5}, "no kid"),
        *((GOOD | {member: "x"}, "private") for member in ("d", "p", "q", "dp", "dq", "qi", "k")),
    ],
)
def test_keys_that_prove_nothing(key: dict[str, Any], word: str) -> None:
    alone = judge_key_set({"keys": [key]})
    beside = judge_key_set({"keys": [key, GOOD | {"kid": "other"}]})

    assert alone.kids == ()
    assert word in alone.problems[0]
    assert beside.kids == ("other",)
    assert beside.problems == (alone.problems[0],)


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "EC", "kid": "e", "crv": "P-256", "x": "x", "y": "y"},
        {"kty": "oct", "kid": "o", "k": "secret"},
        GOOD | {"use": "enc"},
        GOOD | {"alg": "RSA-OAEP"},
        GOOD | {"alg": "HS256"},
        GOOD | {"alg": "none"},
        GOOD | {"alg": None},
        GOOD | {"alg": ["RS256"]},
        GOOD | {"kty": None},
        "RSA",
        None,
        5,
        [],
    ],
)
def test_keys_for_other_purposes_are_passed_over(key: Any) -> None:
    assert judge_key_set({"keys": [key]}).kids == ()
    beside = judge_key_set({"keys": [key, GOOD | {"kid": "ours"}]})
    assert (beside.kids, beside.problems) == (("ours",), ())


@pytest.mark.parametrize("keys", [None, [], {}, "x", 5, [GOOD] * 101], ids=range(6))
def test_sets_that_are_none(keys: Any) -> None:
    found = judge_key_set({"keys": keys})

    assert found.kids == ()
    assert found.problems


def test_a_kid_that_stands_there_twice() -> None:
    assert "twice" in judge_key_set({"keys": [GOOD, GOOD]}).problems[0]


@pytest.mark.parametrize(
    ("keys", "result", "word"),
    [
        ([GOOD], "pass", "1 key"),
        ([GOOD | WEAK], "fail", "1024 bits"),
        ([GOOD, GOOD | WEAK | {"kid": "weak"}], "warn", "1024 bits"),
        ([GOOD | {"d": "AQAB"}], "fail", "private half"),
    ],
)
def test_verify_says_what_it_found(
    acme: Ltictl, playback: PlaybackPlatform, keys: list[Any], result: str, word: str
) -> None:
    assert headless(acme, playback.url("configuration")).code == 0
    playback.on("jwks", Answer.json({"keys": keys}))

    done = acme("verify", "acme-moodle", "--allow-private", "--json")

    (integration,) = done.data["integrations"]
    check = next(each for each in integration["checks"] if each["id"] == "platform_key_set")
    assert check["result"] == result
    assert word in check["detail"]
