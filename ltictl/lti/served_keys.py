"""Judge the tool's key set as its address serves it to LMSs (RFC 7517); pure.

A key counts as published if the address answers with 200 and the set holds this public key under
this kid, with the members that LMSs need and without private ones.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ltictl.lti.exposed_keys import exposed_in
from ltictl.lti.foreign_keys import PRIVATE_MEMBERS, judge_key_set, may_verify
from ltictl.lti.strict_json import JsonError, has_byte_order_mark, parse_value
from ltictl.model.record import replace

if TYPE_CHECKING:
    from ltictl.lti.refusal import Refusal

OwnKeys = Mapping[str, Mapping[str, str]]  # kid -> JWK, as 'ltictl jwks' prints it
_OK = 200  # RFC 9110, 15.3.1
_LONGEST = 60  # characters shown of a foreign value
_INTEGERS = ("n", "e")


class ServedKeySet(Struct, frozen=True):
    """The key set that one address serves.

    Attributes:
        problem: the reason why the answer is not a key set; empty if it is one.
        exposed: names of the keys whose private half is served.
        faults: for each of our kids in the set, the fault of its key.
        spoiled: faults that keep LMSs from reading the whole set, one phrase each.
        missing: our kids that the set lacks.
        kids: all kids in the set.
        remarks: oddities that only some LMSs reject, one phrase each.
    """

    problem: str = ""
    exposed: tuple[str, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)
    spoiled: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    kids: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()

    @property
    def wrong(self) -> tuple[str, ...]:
        """All faults for which LMSs cannot use the set or a key of ours, one phrase each."""
        return (*self.faults.values(), *self.spoiled)


def judge_served(status: int, body: bytes, own: OwnKeys | None) -> ServedKeySet:
    """Judge the answer of the tool's key set address.

    Args:
        status: HTTP status.
        body: the body.
        own: the keys that must be in the set; ``None`` where the application holds its own.
    """
    found = _without_secrets(status, body, own)
    exposed = exposed_in(body)  # under any status and in any form: anybody can read it
    return replace(found, exposed=exposed) if exposed else found


def _without_secrets(status: int, body: bytes, own: OwnKeys | None) -> ServedKeySet:
    if status != _OK:  # an LMS then ignores the body
        words = "" if b'"kty"' in body else _refusal_of(status, body).words
        return ServedKeySet(f"answers HTTP {status}{': ' + words if words else ''}")
    try:
        document = parse_value(body)
    except JsonError as error:
        page = _refusal_of(status, body)
        content = (
            f"a page ({page.words or 'without a title'})" if page.html else f"no JSON: {error}"
        )
        return ServedKeySet(f"serves {content}")
    problem = _form(document)
    if problem:
        return ServedKeySet(f"serves no key set: {problem}")
    mark = ("it begins with a byte order mark",) if has_byte_order_mark(body) else ()
    return _judged(document["keys"], own, mark)


def _refusal_of(status: int, body: bytes) -> "Refusal":
    from ltictl.lti.refusal import read_refusal  # it imports an HTML parser

    return read_refusal(status, body)


def _form(document: object) -> str:
    """Return the fault in the form of a key set (RFC 7517, 5); empty if there is none."""
    if isinstance(document, list):
        return "a list of keys; it must be an object with the list as its member 'keys'"
    if not isinstance(document, dict):
        return "JSON, but no object"
    keys = document.get("keys")
    if isinstance(keys, list):
        return ""
    if "keys" in document:
        nested = isinstance(keys, dict) and "keys" in keys
        return "nested one level too deep" if nested else "'keys' must be a list"
    return _without_keys(document)


def _without_keys(document: Mapping[str, Any]) -> str:
    if "kty" in document:
        return "it is one key, not a set; it must stand in the list 'keys'"
    near = [name for name in document if name.strip().lower() == "keys"]
    if near:
        return f"{near[0][:_LONGEST]!r} must be 'keys'"
    if any(isinstance(each, dict) and "keys" in each for each in document.values()):
        return "nested one level too deep"
    return "it has no member 'keys'"


def _judged(keys: list[object], own: OwnKeys | None, remarks: tuple[str, ...]) -> ServedKeySet:
    published = [each for each in keys if isinstance(each, dict)]
    kids = frozenset(kid for each in published if isinstance(kid := each.get("kid"), str))
    if own is None:
        judged = judge_key_set({"keys": keys})
        spoiled = () if judged.kids else judged.problems
        return ServedKeySet("", (), {}, spoiled, (), kids, remarks)
    there = {each["kid"]: each for each in published if isinstance(each.get("kid"), str)}
    counted = Counter(each.get("kid") for each in published if isinstance(each.get("kid"), str))
    faults = {
        kid: f"{kid}: {fault}"
        for kid, key in own.items()
        if kid in there and (fault := "; ".join(_faults(there[kid], key, counted[kid])))
    }
    missing = tuple(kid for kid in own if kid not in there)
    spoiled = tuple(dict.fromkeys(_spoiled(keys, own)))
    return ServedKeySet("", (), faults, spoiled, missing, kids, remarks)


def _name(key: Mapping[str, Any]) -> str:
    kid = key.get("kid")
    return kid[:_LONGEST] if isinstance(kid, str) and kid else "a key without a kid"


def _spoiled(keys: list[object], own: OwnKeys) -> Iterator[str]:
    """Yield the faults of other entries that keep LMSs from reading our keys."""
    for each in keys:
        if not isinstance(each, dict):
            yield "an entry is no key"
            continue
        kid = each.get("kid")
        if "kid" in each and not isinstance(kid, str):
            yield f"a kid is {_kind(kid)}, not text"
        # One key without its alg spoils the whole set for Moodle (recordings, 06 other-key-no-alg).
        elif kid not in own and not isinstance(each.get("alg"), str):
            yield f"{_name(each)} lacks its alg"


def _kind(value: object) -> str:
    names = {list: "a list", dict: "an object", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _faults(key: Mapping[str, Any], ours: Mapping[str, str], times: int) -> Iterator[str]:
    """Yield the faults of the key under one of our kids."""
    if times > 1:
        yield "it stands there more than once"
    other = [name for name in _INTEGERS if _integer(key.get(name)) != _integer(ours[name])]
    if other:
        yield _another_key(key, other)
        return
    for name, value in ours.items():
        if key.get(name) == value:
            continue
        if name in _INTEGERS:
            yield _written(name, str(key[name]))
        else:
            yield f"{name} is {key.get(name)!r:.{_LONGEST}} instead of {value!r}"
    if PRIVATE_MEMBERS & key.keys():  # libraries take it for a private key, and fail
        yield "it has empty members of a private key"
    operations = key.get("key_ops")
    if operations is not None and not may_verify(operations):
        yield "key_ops does not allow 'verify'"


def _another_key(key: Mapping[str, Any], other: list[str]) -> str:
    finding = "served under this kid is another key"
    if (_octets(key.get("n")) or b"").lstrip().startswith(b"-----BEGIN"):
        return f"{finding}: its n is the text of a PEM file instead of the number in it"
    if any(_octets(key.get(name)) is None for name in other):
        return f"{finding}: its {' and '.join(other)} cannot be read as base64url"
    return f"{finding}: its {' and '.join(other)} differs"


def _written(name: str, value: str) -> str:
    """Return the fault in the encoding of a correct number, which strict LMSs reject."""
    if "=" in value:
        return f"{name} is padded with '=' (RFC 7515, 2 allows none)"
    if set(value) & set("+/"):
        return f"{name} is written with '+' and '/' instead of '-' and '_' (base64url)"
    if (_octets(value) or b"").startswith(b"\0"):
        return f"{name} has a leading zero octet (RFC 7518, 2 allows none)"
    return f"{name} is not written as base64url"


def _integer(value: object) -> int | None:
    octets = _octets(value)
    return None if octets is None else int.from_bytes(octets, "big")


def _octets(value: object) -> bytes | None:
    """Decode Base64 in any of its forms."""
    # Otherwise the same number in another form would look like another key.
    if not isinstance(value, str) or not value.isascii():
        return None
    plain = "".join(value.split()).rstrip("=").translate(str.maketrans("+/", "-_"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), b"-_", validate=True)
    except binascii.Error:
        return None
