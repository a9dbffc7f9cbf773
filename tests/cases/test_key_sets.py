"""Served key sets in one table, with the four commands that must agree about each."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import LtictlError
from ltictl.lti.keys import generate_key, private_key
from ltictl.lti.served_keys import ServedKeySet, judge_served
from ltictl.model.signing_key import KeyState
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.doctor import examine
from ltictl.operations.checks.verify import verify
from ltictl.operations.organizations import add_organization
from ltictl.operations.registration.headless import inspect_headless
from ltictl.operations.registration.reach import Reach
from tests.support.answers import Answer
from tests.support.key_operator import Operator, operator, policy
from tests.support.playback import PlaybackPlatform

Key = dict[str, Any]
_MATERIAL, _OTHER = generate_key(2048), generate_key(2048)
KEY: Key = {
    "kty": "RSA",
    "use": "sig",
    "alg": "RS256",
    "kid": _MATERIAL.kid,
    "n": _MATERIAL.n,
    "e": _MATERIAL.e,
}
FOREIGN: Key = KEY | {"kid": "foreign", "n": _OTHER.n}
PRIVATE: Key = KEY | {"d": "c2VjcmV0"}
OWN = {_MATERIAL.kid: KEY}


def octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def without(key: Key, *names: str) -> Key:
    return {name: value for name, value in key.items() if name not in names}


def pem_as_n(key: Key) -> Key:
    text = b"-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"
    return key | {"n": base64.urlsafe_b64encode(text).decode().rstrip("=")}


def plain_base64(key: Key) -> Key:
    return key | {"n": key["n"].replace("-", "+").replace("_", "/")}


def leading_zero(key: Key) -> Key:
    return key | {"n": base64.urlsafe_b64encode(b"\0" + octets(key["n"])).decode().rstrip("=")}


Form = Callable[[Key], Any]
# name: status, the served form of the right key, words of the one judgement
WRONG: dict[str, tuple[int, Form, str]] = {
    "another key": (200, lambda k: {"keys": [k | {"n": _OTHER.n}]}, "is another key: its n"),
    "PEM text as n": (200, lambda k: {"keys": [pem_as_n(k)]}, "text of a PEM file"),
    "another e": (200, lambda k: {"keys": [k | {"e": "Aw"}]}, "another key: its e differs"),
    "no n": (200, lambda k: {"keys": [without(k, "n")]}, "n cannot be read"),
    "n a number": (200, lambda k: {"keys": [k | {"n": 5}]}, "n cannot be read"),
    "n a list": (200, lambda k: {"keys": [k | {"n": [k["n"]]}]}, "n cannot be read"),
    "no alg": (200, lambda k: {"keys": [without(k, "alg")]}, "alg is None instead of 'RS256'"),
    "alg RS512": (200, lambda k: {"keys": [k | {"alg": "RS512"}]}, "alg is 'RS512'"),
    "alg a list": (200, lambda k: {"keys": [k | {"alg": ["RS256"]}]}, "alg is ['RS256']"),
    "no use": (200, lambda k: {"keys": [without(k, "use")]}, "use is None"),
    "for encryption": (200, lambda k: {"keys": [k | {"use": "enc"}]}, "use is 'enc'"),
    "kty in lower case": (200, lambda k: {"keys": [k | {"kty": "rsa"}]}, "kty is 'rsa'"),
    "key_ops to encrypt": (200, lambda k: {"keys": [k | {"key_ops": ["encrypt"]}]}, "key_ops"),
    "key_ops as text": (200, lambda k: {"keys": [k | {"key_ops": "verify"}]}, "key_ops"),
    "n padded": (200, lambda k: {"keys": [k | {"n": k["n"] + "=="}]}, "padded with '='"),
    "e padded": (200, lambda k: {"keys": [k | {"e": k["e"] + "="}]}, "padded with '='"),
    "n in lines": (200, lambda k: {"keys": [k | {"n": k["n"] + "\n"}]}, "not written as base64url"),
    "leading zero": (200, lambda k: {"keys": [leading_zero(k)]}, "leading zero octet"),
    "twice": (200, lambda k: {"keys": [k, k]}, "more than once"),
    "kid a list": (200, lambda k: {"keys": [k | {"kid": [k["kid"]]}]}, "a kid is a list"),
    "kid an object": (200, lambda k: {"keys": [k | {"kid": {}}]}, "a kid is an object"),
    "kid a number": (200, lambda k: {"keys": [k | {"kid": 7}]}, "a kid is a number"),
    "kid null": (200, lambda k: {"keys": [k | {"kid": None}]}, "a kid is null"),
    "no kid": (200, lambda k: {"keys": [without(k, "kid")]}, "does not serve"),
    "an odd kid beside it": (
        200,
        lambda k: {"keys": [k, FOREIGN | {"kid": []}]},
        "a kid is a list",
    ),
    "an entry that is text": (200, lambda k: {"keys": [k, "key"]}, "an entry is no key"),
    "another without alg": (200, lambda k: {"keys": [k, without(FOREIGN, "alg")]}, "lacks its alg"),
    "another key only": (200, lambda _: {"keys": [FOREIGN]}, "does not serve"),
    "empty": (200, lambda _: {"keys": []}, "does not serve"),
    "nested": (200, lambda k: {"keys": {"keys": [k]}}, "nested one level too deep"),
    "nested elsewhere": (200, lambda k: {"jwks": {"keys": [k]}}, "nested one level too deep"),
    "one key": (200, lambda k: k, "one key, not a set"),
    "Keys": (200, lambda k: {"Keys": [k]}, "'Keys' must be 'keys'"),
    "KEYS with a blank": (200, lambda k: {"KEYS ": [k]}, "'KEYS ' must be 'keys'"),
    "a list": (200, lambda k: [k], "a list of keys"),
    "keys by kid": (200, lambda k: {"keys": {k["kid"]: k}}, "'keys' must be a list"),
    "keys null": (200, lambda _: {"keys": None}, "'keys' must be a list"),
    "text in JSON": (200, lambda k: json.dumps({"keys": [k]}), "JSON, but no object"),
    "nothing of it": (200, lambda _: {"hello": "world"}, "no member 'keys'"),
    "a page": (200, lambda _: b"<html><title>Sign in</title>", "a page (Sign in)"),
    "nothing": (200, lambda _: b"", "no JSON"),
    "500": (500, lambda k: {"keys": [k]}, "answers HTTP 500"),
    "403": (403, lambda k: {"keys": [k]}, "answers HTTP 403"),
    "201": (201, lambda k: {"keys": [k]}, "answers HTTP 201"),
    "403 with words": (
        403,
        lambda _: {"message": "Missing Authentication Token"},
        "answers HTTP 403: Missing Authentication Token",
    ),
    "404 page": (404, lambda _: b"<title>Not Found</title>", "answers HTTP 404: Not Found"),
    "426": (426, lambda _: b"Upgrade Required", "answers HTTP 426: Upgrade Required"),
    "notice before": (
        200,
        lambda k: b"<b>Notice</b>: x in y\n" + json.dumps({"keys": [k]}).encode(),
        "other text before its JSON",
    ),
}
EXPOSED: dict[str, Form] = {
    "d": lambda k: {"keys": [k | {"d": "c2VjcmV0"}]},
    "primes only": lambda k: {"keys": [k | {"p": "Aw", "q": "BQ"}]},
    "beside others": lambda k: {"keys": [FOREIGN, k | {"d": "c2VjcmV0"}]},
    "nested": lambda k: {"keys": {"keys": [k | {"d": "c2VjcmV0"}]}},
    "one key": lambda k: k | {"d": "c2VjcmV0"},
    "under Keys": lambda k: {"Keys": [k | {"d": "c2VjcmV0"}]},
    "a secret key": lambda k: {"keys": [k, {"kty": "oct", "kid": "x", "k": "c2VjcmV0"}]},
}


# name: status, served text; a private half is public in any surroundings
EXPOSED_ELSEWHERE: dict[str, tuple[int, Form]] = {
    "under 500": (500, EXPOSED["d"]),
    "under 404": (404, EXPOSED["one key"]),
    "after a notice": (200, lambda _: b"Notice: x\n" + json.dumps({"keys": [PRIVATE]}).encode()),
    "deeper": (200, lambda k: {"a": [[{"b": k | {"d": "c2VjcmV0"}}]]}),
    "a PEM": (200, lambda _: _MATERIAL.pem),
    "a PEM under 403": (403, lambda _: _MATERIAL.pem),
    "a PEM beside the set": (200, lambda k: {"keys": [k], "private": _MATERIAL.pem.decode()}),
    "a PEM in a key": (200, lambda k: {"keys": [k | {"pem": _MATERIAL.pem.decode()}]}),
}


def data(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def lacks(found: ServedKeySet) -> str:
    problems = [found.problem, *found.wrong]
    return "; ".join([*problems, *(f"does not serve {kid}" for kid in found.missing)])


@pytest.mark.parametrize(("status", "form"), EXPOSED_ELSEWHERE.values(), ids=EXPOSED_ELSEWHERE)
def test_a_private_half_is_named_wherever_it_stands(status: int, form: Form) -> None:
    assert judge_served(status, data(form(KEY)), OWN).exposed == (KEY["kid"],)


def test_empty_private_members_are_a_fault_and_expose_nothing() -> None:
    for value in (None, ""):
        found = judge_served(200, data({"keys": [KEY | {"d": value}]}), OWN)
        assert found.exposed == ()
        assert "empty members of a private key" in found.faults[KEY["kid"]]


@pytest.mark.parametrize("status", [206, 304, 404, 500])
def test_a_key_set_is_not_quoted_as_words(status: int) -> None:
    assert judge_served(status, data({"keys": [KEY]}), OWN).problem == f"answers HTTP {status}"


@pytest.mark.parametrize(("status", "form", "words"), WRONG.values(), ids=WRONG)
def test_keys_that_no_lms_could_use_are_named(status: int, form: Form, words: str) -> None:
    found = judge_served(status, data(form(KEY)), OWN)

    assert words in lacks(found)
    assert found.exposed == ()


@pytest.mark.parametrize("form", EXPOSED.values(), ids=EXPOSED)
def test_a_private_half_is_found_wherever_it_stands(form: Form) -> None:
    assert len(judge_served(200, data(form(KEY)), OWN).exposed) == 1


@pytest.mark.parametrize(
    "form",
    [
        lambda k: {"keys": [k]},
        lambda k: {"keys": [k, FOREIGN], "note": "x"},
        lambda k: {"keys": [k | {"x5t": "x", "key_ops": ["verify"]}]},
        lambda k: {"keys": [{"kty": "EC", "kid": "ec", "alg": "ES256"}, k]},
    ],
)
def test_a_right_set_is_right(form: Form) -> None:
    found = judge_served(200, data(form(KEY)), OWN)

    assert (lacks(found), found.exposed, found.remarks) == ("", (), ())


def test_a_byte_order_mark_is_a_remark() -> None:
    found = judge_served(200, b"\xef\xbb\xbf" + data({"keys": [KEY]}), OWN)

    assert (lacks(found), found.remarks) == ("", ("it begins with a byte order mark",))


MEMBERS = ["keys", "Keys", *KEY, "d", "key_ops"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([200, 204, 301, 403, 500]))
def test_no_json_value_is_an_exception(value: Any, status: int) -> None:
    for own in (OWN, None):
        found = judge_served(status, json.dumps(value).encode(), own)
        assert _MATERIAL.kid in lacks(found) or lacks(found) or own is None


@given(st.sampled_from(sorted(KEY)), JSON)
def test_no_member_of_a_key_is_an_exception(name: str, value: Any) -> None:
    found = judge_served(200, json.dumps({"keys": [KEY | {name: value}]}).encode(), OWN)

    assert bool(lacks(found)) == (value != KEY[name])


# --- the four commands ---


@pytest.fixture
def due(tmp_path: Path, playback: PlaybackPlatform) -> Operator:
    """An operator whose next run lets the waiting key sign, with one integration."""
    owner = operator(tmp_path / "profile", playback)
    add_organization(owner.context, "acme")
    owner.register("acme-moodle")
    owner.rotate()
    owner.rotate()
    owner.later("25h")
    return owner


def serve(owner: Operator, status: int, form: Form) -> None:
    """The waiting key in this form, and the one that signs as it should be."""
    kid = owner.key(KeyState.NEXT).kid
    (waiting,) = (each for each in owner.published["keys"] if each["kid"] == kid)
    (signer,) = (each for each in owner.published["keys"] if each["kid"] != kid)
    value = form(waiting)
    if isinstance(value, dict) and isinstance(value.get("keys"), list) and value["keys"]:
        value = {**value, "keys": [*value["keys"], signer]}
    owner.site.on("/jwks", Answer(status, {"Content-Type": "application/json"}, data(value)))


def check(found: tuple[Check, ...], name: str) -> Check:
    return next(each for each in found if each.id == name)


def in_doctor(owner: Operator) -> Check:
    return check(examine(owner.context, policy()), "published_key_set")


def in_verify(owner: Operator) -> Check:
    (found,) = verify(owner.context, policy(), ["acme-moodle"])
    return check(found.checks, "tool_key_set")


def at_registration(owner: Operator) -> str:
    url = owner.site.url("configuration")
    reach = Reach(policy())
    inspection = inspect_headless(
        owner.context, reach, organization="acme", configuration_url=url, token="t"
    )
    return " ".join(inspection.warnings)


FOUR = ["PEM text as n", "no alg", "n padded", "leading zero", "500", "403 with words"]
FOUR += ["kid a list", "nested", "one key", "Keys", "404 page", "twice", "key_ops to encrypt"]


@pytest.mark.parametrize("name", FOUR)
def test_all_four_say_the_same(due: Operator, name: str) -> None:
    status, form, words = WRONG[name]
    serve(due, status, form)
    before = due.states()

    doctor, verified = in_doctor(due), in_verify(due)
    registered, rotated = at_registration(due), due.rotate_unpublished()

    assert (doctor.result, verified.result) == (Verdict.FAIL, Verdict.FAIL)
    assert doctor.detail == verified.detail
    for text in (doctor.detail, registered, " ".join(rotated.warnings)):
        assert words in text
    assert due.states() == before == [KeyState.CURRENT, KeyState.NEXT]


def test_all_four_stop_at_a_private_half(due: Operator) -> None:
    kid = due.key(KeyState.NEXT).kid
    serve(due, 200, EXPOSED["d"])

    for found in (in_doctor(due), in_verify(due)):
        assert found.result is Verdict.FAIL
        assert "is public" in found.detail
        assert f"ltictl rotate-keys --compromised {kid}" in found.fix
    for act in (at_registration, lambda owner: owner.rotate_unpublished()):
        with pytest.raises(LtictlError) as caught:
            act(due)
        assert caught.value.code == "private_key_served"
        assert f"ltictl rotate-keys --compromised {kid}" in caught.value.fix
    assert due.states() == [KeyState.CURRENT, KeyState.NEXT]


def test_a_right_set_passes_and_the_key_signs(due: Operator) -> None:
    assert in_doctor(due).result is Verdict.PASS
    assert in_verify(due).result is Verdict.PASS
    assert "key set" not in at_registration(due)
    due.rotate_unpublished()
    assert due.states() == [KeyState.RETIRING, KeyState.CURRENT]


def test_a_waiting_key_that_is_not_there_yet_is_a_warning(due: Operator) -> None:
    kid = due.key(KeyState.CURRENT).kid
    there = [each for each in due.published["keys"] if each["kid"] == kid]
    due.site.on("/jwks", Answer.json({"keys": there}))

    assert (in_doctor(due).result, in_verify(due).result) == (Verdict.WARN, Verdict.WARN)
    assert "key set" not in at_registration(due)


def test_a_server_that_refuses_old_clients_is_a_warning(due: Operator) -> None:
    def answer(request: Any) -> Answer:
        if "user-agent" not in request.headers:
            return Answer(426, {}, b"Upgrade Required")
        return due.serve(request)

    due.site.on("/jwks", answer)

    for found in (in_doctor(due), in_verify(due)):
        assert (found.result, "HTTP 426" in found.detail) == (Verdict.WARN, True)


def test_a_run_that_finds_nothing_due_reads_each_key_document_once(
    due: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ltictl.store import folder, reading

    due.rotate()
    due.later("1h")
    reads: list[str] = []
    original = reading.read_own

    def read(root: Path, path: str | Path) -> bytes | None:
        reads.append(Path(path).relative_to(root).with_suffix("").as_posix())
        return original(root, path)

    monkeypatch.setattr(folder, "read_own", read)

    rotation = due.rotate_unpublished(skip_verify=True)

    keys = [each for each in reads if each.startswith("keys/")]
    assert rotation.steps == ()
    assert sorted(keys) == sorted(f"keys/{key.kid}" for key in rotation.keys)


def test_a_damaged_public_half_is_mended_for_an_export(due: Operator) -> None:
    from ltictl.operations.interchange.export import Selection, gather

    key = due.key(KeyState.CURRENT)
    path = due.profile.root / "keys" / f"{key.kid}.toml"
    path.write_text(path.read_text().replace(key.n, key.n[:-4] + "!!!!"))

    content, warnings = gather(due.context, Selection())

    assert content.signer is not None
    numbers = private_key(content.signer.private_pem.encode()).public_key().public_numbers()
    assert int.from_bytes(octets(content.signer.key.n), "big") == numbers.n
    assert any("mended" in each and key.kid in each for each in warnings)
