"""Judge the key set of an LMS (RFC 7517), without which no launch can be verified; pure."""

import base64
import binascii
from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

MIN_BITS = 2048  # RFC 7518, 3.3
_MAX_KEYS = 100
PRIVATE_MEMBERS = frozenset(
    {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
)  # RFC 7518, 6.3.2 and 6.4
_ALGORITHMS = ("RS256", "RS384", "RS512")
_SMALLEST_EXPONENT = 65537  # NIST SP 800-56B rev. 2, 6.2


class JudgedKeySet(Struct, frozen=True):
    """A judged key set.

    Attributes:
        kids: of the usable keys.
        problems: the faults of the set, one phrase each.
    """

    kids: tuple[str, ...]
    problems: tuple[str, ...]


def judge_key_set(document: Mapping[str, Any]) -> JudgedKeySet:
    """Judge a parsed key set, ignoring keys for other purposes and algorithms."""
    keys = document.get("keys")
    if not isinstance(keys, list) or not keys:
        return JudgedKeySet((), ("it holds no keys",))
    if len(keys) > _MAX_KEYS:
        return JudgedKeySet((), (f"it holds {len(keys)} keys",))
    ours = [each for each in keys if isinstance(each, dict) and _is_for_us(each)]
    problems = [problem for key in ours if (problem := _problem(key))] + _repeated(ours)
    kids = tuple(str(key["kid"]) for key in ours if not _problem(key))
    if not kids:
        problems.append("it holds no RSA key that can be used")
    return JudgedKeySet(kids, tuple(dict.fromkeys(problems)))


def _is_for_us(key: Mapping[str, Any]) -> bool:
    """Return whether a key may sign launches (1EdTech Security Framework 1.0, 5.1.1)."""
    algorithm_fits = key.get("alg", "RS256") in _ALGORITHMS
    if key.get("kty") != "RSA" or key.get("use", "sig") != "sig" or not algorithm_fits:
        return False
    return "key_ops" not in key or may_verify(key["key_ops"])


def may_verify(operations: object) -> bool:
    """Return whether a key's ``key_ops`` allow it to verify signatures (RFC 7517, 4.3)."""
    return isinstance(operations, list) and "verify" in operations


def _repeated(keys: list[dict[str, Any]]) -> list[str]:
    counted = Counter(str(key.get("kid")) for key in keys)
    return [f"the kid {kid[:60]!r} stands there twice" for kid, n in counted.items() if n > 1]


def _problem(key: Mapping[str, Any]) -> str:
    """Return the reason why a key cannot be used, empty if it can."""
    kid = key.get("kid")
    if not isinstance(kid, str) or not kid:
        return "a key has no kid"
    name = f"key {kid[:60]!r}"
    if PRIVATE_MEMBERS & key.keys():
        return f"{name} shows its private half to everybody"
    modulus, exponent = _integer(key.get("n")), _integer(key.get("e"))
    if modulus.bit_length() < MIN_BITS:
        return f"{name} has {modulus.bit_length()} bits instead of {MIN_BITS} or more"
    if exponent < _SMALLEST_EXPONENT or exponent % 2 == 0 or modulus % 2 == 0:
        return f"{name} has numbers that no sound RSA key has"
    return ""


def _integer(value: object) -> int:
    """Decode a Base64urlUInt (RFC 7518, 2); 0 for anything else."""
    if not isinstance(value, str) or not value.isascii():
        return 0
    try:
        octets = base64.b64decode(value + "=" * (-len(value) % 4), b"-_", validate=True)
    except binascii.Error:
        return 0
    return int.from_bytes(octets, "big")
