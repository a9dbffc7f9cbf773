"""Only the profile opens a sealed block, only whole, and only for its invitation and time."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from ltictl.errors import LtictlError, UnreadableError
from ltictl.relay.sealed_block import (
    LaunchedRegistration,
    looks_sealed,
    new_private_key,
    open_block,
    relay_public_key,
)
from tests.support.sealing import armoured, decoded, encoded, seal

KEY = new_private_key()
PUBLIC = relay_public_key(KEY)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = int(NOW.timestamp()) + 3600
SENT = {
    "t": "3f9a2c71.secret",
    "openid_configuration": "https://lms.example/c?once=1",
    "registration_token": "ey.token",
}
FOUND = LaunchedRegistration(*SENT.values())


def sealed(expires: int = LATER, invitation: str = "3f9a2c71", sent: Any = SENT) -> str:
    return seal(PUBLIC, invitation, expires, sent)


def assert_refused(text: str, key: str = KEY, now: datetime = NOW) -> str:
    with pytest.raises(LtictlError) as caught:
        open_block(text, key, now)
    assert caught.value.fix
    assert "secret" not in str(caught.value)
    return caught.value.code


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def in_a_letter(text: str) -> str:
    return f"Dear vendor,\n\nhere is what our Moodle.v4 says:\n\n{text}\n\nKind regards. Ann"


@pytest.mark.parametrize(
    "mailed",
    [
        lambda block: block,
        armoured,
        lambda block: armoured(block, 20),
        lambda block: armoured(block, 100_000),
        lambda block: quoted(armoured(block)),
        lambda block: quoted(quoted(armoured(block))),
        lambda block: in_a_letter(armoured(block)),
        lambda block: in_a_letter(quoted(armoured(block))),
        lambda block: armoured(block).replace("\n", "\r\n"),
        lambda block: armoured(block).replace("\n", "\r"),
        lambda block: armoured(block).replace("\n", " "),
        lambda block: armoured(block).replace("\n", "\u00a0\n\t"),
        lambda block: f"\ufeff{armoured(block)}\n\n\n",
    ],
)
def test_what_a_mail_program_does_to_it_does_no_harm(mailed: Any) -> None:
    text = mailed(sealed())

    assert looks_sealed(text)
    assert open_block(text, KEY, NOW) == FOUND


def test_every_single_changed_bit_is_noticed() -> None:
    block = sealed()
    head, point, body = block.rsplit(".", 2)
    bits = 0
    for index, part in ((1, point), (2, body)):
        raw = decoded(part)
        for position in range(len(raw) * 8):
            changed = bytearray(raw)
            changed[position // 8] ^= 1 << position % 8
            parts = [head, point, body]
            parts[index] = encoded(bytes(changed))
            assert assert_refused(".".join(parts)) == "block_not_ours"
            bits += 1
    assert bits > 1500


@pytest.mark.parametrize("invitation", ["3f9a2c72", "3f9a2c7", "x", "3f9a2c711"])
def test_it_is_bound_to_its_invitation(invitation: str) -> None:
    assert assert_refused(sealed().replace("3f9a2c71", invitation)) == "block_not_ours"
    assert assert_refused(sealed(invitation=invitation)) == "block_not_ours"


@pytest.mark.parametrize("seconds", [-7200, -1, 1, 3600])
def test_its_end_cannot_be_moved(seconds: int) -> None:
    assert assert_refused(sealed().replace(str(LATER), str(LATER + seconds))) == "block_not_ours"


def test_it_ends_with_the_token() -> None:
    block = sealed()
    assert open_block(block, KEY, NOW + timedelta(seconds=3599)) == FOUND
    for seconds in (3600, 3601, 1_000_000):
        assert assert_refused(block, now=NOW + timedelta(seconds=seconds)) == "block_expired"
    assert assert_refused(sealed(expires=999_999_999_999)[:-2]) == "block_not_ours"


def test_another_profile_cannot_open_it() -> None:
    assert assert_refused(sealed(), key=new_private_key()) == "block_not_ours"


@pytest.mark.parametrize(
    "text",
    [
        "ltictl1",
        "ltictl1.",
        "ltictl1.3f9a2c71.1",
        "-----BEGIN LTICTL SEALED BLOCK-----",
        "-----END LTICTL SEALED BLOCK----------BEGIN LTICTL SEALED BLOCK-----",
        "ltictl2." + sealed()[8:],
        armoured(sealed())[:200],
        armoured(sealed()).partition("\n")[2],
        armoured(sealed()).rpartition("\n")[0],
        sealed().replace(str(LATER), "٣٣"),
        sealed().replace(str(LATER), "9" * 13),
        sealed().replace("3f9a2c71", "../../x"),
        sealed().replace(".", ""),
    ],
)
def test_any_other_text_is_no_block(text: str) -> None:
    assert assert_refused(text) == "block_damaged"


@pytest.mark.parametrize("length", [80, 86, 88, 100])
def test_a_point_that_is_not_on_the_curve_is_refused(length: int) -> None:
    parts = sealed().split(".")
    parts[3] = "B" * length

    assert assert_refused(".".join(parts)) == "block_not_ours"


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 50_000,
        {},
        SENT | {"t": ""},
        SENT | {"t": None},
        SENT | {"t": ["3f9a2c71.secret"]},
        SENT | {"t": "3f9a2c71"},
        SENT | {"t": "3f9a2c71secret"},
        SENT | {"openid_configuration": ""},
        SENT | {"openid_configuration": 5},
        SENT | {"t": "another.secret"},
    ],
    ids=lambda value: str(value)[:30],
)
def test_sealed_parameters_are_checked_too(plain: Any) -> None:
    assert assert_refused(sealed(sent=plain)) == "block_not_ours"


def test_a_missing_token_is_none() -> None:
    found = open_block(sealed(sent=SENT | {"registration_token": None}), KEY, NOW)

    assert found.registration_token == ""


def test_two_blocks_of_the_same_have_nothing_in_common() -> None:
    first, second = sealed().split("."), sealed().split(".")

    assert first[:3] == second[:3]
    assert first[3] != second[3]
    assert decoded(first[4])[:16] != decoded(second[4])[:16]


def test_the_public_half_is_an_uncompressed_point() -> None:
    raw = base64.urlsafe_b64decode(f"{PUBLIC}=")
    key = serialization.load_pem_private_key(KEY.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = key.public_key().public_numbers()

    assert isinstance(key.curve, ec.SECP256R1)
    assert raw == b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    assert "=" not in PUBLIC


def rsa_pem() -> str:
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode()


@pytest.mark.parametrize("key", ["", "nonsense", KEY[:60], "ä", rsa_pem()], ids=range(5))
def test_a_damaged_key_is_named(key: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        open_block(sealed(), key, NOW)

    assert caught.value.code == "damaged_relay_key"
    assert "_relay.toml" in caught.value.why


@given(st.text(max_size=400))
@settings(max_examples=300)
def test_no_text_makes_it_stumble(text: str) -> None:
    for pasted in (text, f"ltictl1.{text}", armoured(text or "x")):
        assert assert_refused(pasted) in {"block_damaged", "block_not_ours"}
        assert looks_sealed(armoured(text or "x"))


@pytest.mark.parametrize("text", ["", "https://tool.example/?t=ltictl1", "ltictl"])
def test_text_not_meant_as_a_block(text: str) -> None:
    assert not looks_sealed(text)
