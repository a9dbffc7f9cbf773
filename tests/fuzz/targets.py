"""The readers of foreign bytes, each prepared once for many inputs.

A reader may refuse with an error in words. Anything else that it raises is a defect, and so is a
broken promise that the target asserts. The imports stand inside of the functions: the child that
fuzzes instruments what they import.
"""

import base64
import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from tests.fuzz.documents import document
from tests.fuzz.errors import require_words
from tests.fuzz.raw_http import raw_http

Look = Callable[[bytes], None]
Target = Callable[[], AbstractContextManager[Look]]
CORPUS: Final = Path(__file__).parent / "corpus"
# Nothing that a person writes, and long enough to count as a secret.
CANARY: Final = "cAnArY-7f3b-0123456789abcdef-0123456789abcdef"
_STATUSES: Final = (200, 201, 400, 401, 404, 500)


def configuration() -> Look:
    """The document that an LMS serves at its ``openid_configuration`` address."""
    from ltictl.errors import LtictlError
    from ltictl.lti.configuration import judge_configuration
    from ltictl.model.web_address import WebAddress
    from ltictl.platforms.recognition import describe_recognition, recognise, recognition_warnings

    address = WebAddress.parse("https://lms.example/c?once=1")

    def look(data: bytes) -> None:
        try:
            found = judge_configuration(data, address)
        except LtictlError as error:
            require_words(error)
            return
        platform = recognise(found.platform, {"fork": "moodle"}, found.claim)
        describe_recognition(platform)
        recognition_warnings(platform)
        for url in (platform.issuer, found.registration_endpoint, platform.token_endpoint):
            parsed = WebAddress.parse(url)
            assert parsed.scheme == "https"
            assert parsed.authority in found.hosts, "a host that the page does not show"
        assert "?" not in platform.registration_endpoint

    return look


def registration_answer() -> Look:
    """An LMS's answer to a registration: read strictly, as kept, as a refusal, and scrubbed."""
    from ltictl.lti.answer import UnusableAnswerError, read_registration
    from ltictl.lti.echoed_token import without_token
    from ltictl.lti.kept_answer import holds_registration, kept_ids, read_kept
    from ltictl.lti.refusal import read_refusal, words_without_secrets
    from ltictl.model.attempt import Answer

    digest = hashlib.sha256(CANARY.encode()).hexdigest()

    def look(data: bytes) -> None:
        status, body = _with_status(data)
        answer = Answer(status, "", body, complete=bool(data[:1] < b"\x80"))
        read_refusal(status, body).words.encode()
        words_without_secrets(body).encode()
        kept_ids(answer)
        holds_registration(answer)
        middle = len(body) // 2
        echoed = body[:middle] + CANARY.encode() + body[middle:]
        assert CANARY.encode() not in without_token(echoed, digest, len(CANARY))
        try:
            kept = read_kept(answer)
        except UnusableAnswerError:
            kept = None
        try:
            found = read_registration(answer)
        except UnusableAnswerError as error:
            str(error).encode()
            return
        assert kept == found
        assert (
            not {"registration_access_token", "client_secret"} & json.loads(found.document).keys()
        )
        assert found.client_id.isprintable()

    return look


def token_answer() -> Look:
    """A token endpoint's answer, and the cause that is found for a refusal."""
    from ltictl.lti.access_token import read_token_answer, token_of
    from ltictl.platforms.causes import TokenFacts, explain_token_refusal
    from ltictl.platforms.table import all_families

    asked = ("https://purl.imsglobal.org/spec/lti-ags/scope/score",)
    facts = TokenFacts("acme-moodle", "https://lms.example", "https://lms.example/token", "", asked)
    families = tuple(all_families())

    def look(data: bytes) -> None:
        status, body = _with_status(data)
        found = read_token_answer(status, body, asked)
        for words in found.warnings:
            words.encode()
        if found.refusal is None:
            token = token_of(body)
            assert token.isascii()
            assert token.isprintable()
            assert " " not in token
            return
        found.error.encode()
        for family in families:
            explain_token_refusal(family, found.refusal, facts)

    return look


def key_set() -> Look:
    """Key sets: an LMS's, and the tool's own as its web server serves it."""
    import jwt

    from ltictl.lti.foreign_keys import judge_key_set
    from ltictl.lti.served_keys import judge_served
    from ltictl.lti.strict_json import JsonError, parse_object

    own = json.loads((CORPUS / "key_set" / "own.json").read_bytes())
    published = {each["kid"]: each for each in own["keys"]}

    def look(data: bytes) -> None:
        for expected in (None, published):
            judged = judge_served(200, data, expected)
            for words in (judged.problem, *judged.wrong):
                words.encode()
        try:
            document = parse_object(data)
        except JsonError:
            return
        found = judge_key_set(document)
        for kid in found.kids:
            for each in document["keys"]:
                if isinstance(each, dict) and each.get("kid") == kid and each.get("kty") == "RSA":
                    _require_loadable(jwt, each)

    return look


def _require_loadable(jwt: Any, key: dict[str, Any]) -> None:
    """A key that was judged sound is one that pyjwt takes; others of its name may be none."""
    from ltictl.lti.foreign_keys import judge_key_set

    if judge_key_set({"keys": [key]}).kids:
        jwt.PyJWK(dict(key), algorithm="RS256")


def launch() -> Look:
    """A pasted launch: any text; or a header and claims, after a NUL, that the LMS's key signs."""
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    from ltictl.errors import LtictlError
    from ltictl.lti.keys import encode_integer
    from ltictl.lti.launch_token import difference, is_for, read_deployment
    from ltictl.lti.pasted_launch import find_tokens

    private = rsa.generate_private_key(65537, 2048)
    numbers = private.public_key().public_numbers()
    members = {"n": encode_integer(numbers.n), "e": encode_integer(numbers.e)}
    keys = {"keys": [{"kty": "RSA", "kid": "k", "use": "sig", **members}]}

    def signed(data: bytes) -> str:
        header, _, claims = data.partition(b"\0")
        said = f"{_part(header)}.{_part(claims)}"
        return f"{said}.{_part(private.sign(said.encode(), padding.PKCS1v15(), SHA256()))}"

    def look(data: bytes) -> None:
        ours = data[:1] == b"\0"
        text = signed(data[1:]) if ours else data.decode("utf-8", "replace")
        try:
            for token in find_tokens(text):
                require_words(difference(token, "https://lms.example", "c"))
                if is_for(token, "https://lms.example", "c"):
                    difference(token, "https://lms.example/", "c")
                found = read_deployment(token, keys)
                assert ours, "a text that no key signed is believed"
                assert found.id.isprintable()
        except LtictlError as error:
            require_words(error)

    return look


def sealed_block() -> Look:
    """A pasted block: any text; or, after a NUL, what a page sealed to the profile's key."""
    from datetime import UTC, datetime

    from ltictl.errors import LtictlError
    from ltictl.relay.sealed_block import (
        looks_sealed,
        new_private_key,
        open_block,
        relay_public_key,
    )
    from tests.support.sealing import armoured, seal

    private = new_private_key()
    public = relay_public_key(private)
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    later = int(now.timestamp()) + 60

    def look(data: bytes) -> None:
        ours = data[:1] == b"\0"
        text = data.decode("utf-8", "replace")
        if ours:
            text = armoured(seal(public, "3f9a2c71", later, data[1:]))
        looks_sealed(text)
        try:
            found = open_block(text, private, now)
        except LtictlError as error:
            require_words(error)
            return
        assert ours, "a text that nobody sealed opens"
        assert found.token.startswith("3f9a2c71.")
        assert found.configuration_url

    return look


def attempt_file() -> Look:
    """The file of an attempt: its bytes; or, after a NUL, payloads under sound checksums."""
    from ltictl.errors import LtictlError
    from ltictl.store.attempt_records import (
        MAX_ANSWER,
        decode_attempt,
        decode_records,
        encode_answer,
        encode_intent,
        encode_record,
    )

    def records(data: bytes) -> Iterator[bytes]:
        kinds = ("INTENT", "SENT", "ANSWER")
        for number, payload in enumerate(data.split(b"\0")):
            yield encode_record(kinds[min(number, 2)], payload)

    def look(data: bytes) -> None:
        written = b"".join(records(data[1:])) if data[:1] == b"\0" else data
        if len(data) % 2:
            written = written.ljust(MAX_ANSWER, b"\0")
        try:
            found = decode_attempt("acme-moodle", decode_records(written))
        except LtictlError as error:
            require_words(error)
            return
        again = encode_record("INTENT", encode_intent(found))
        if found.answer is not None:
            again += encode_record("ANSWER", encode_answer(found.answer))
        read = decode_attempt("acme-moodle", decode_records(again.ljust(MAX_ANSWER, b"\0")))
        assert (read.request, read.platform, read.answer) == (
            *(found.request, found.platform),
            found.answer,
        )

    return look


def _lasting(prepare: Callable[[], Look]) -> Target:
    """A target that leaves nothing to tidy up."""
    return lambda: contextlib.nullcontext(prepare())


# Each is prepared once, by entering what its function returns. Two groups, each with a test module
# of its own, so that two workers of the suite share the seconds that they take.
OF_LMS: Final[Mapping[str, Target]] = {
    "configuration": _lasting(configuration),
    "registration_answer": _lasting(registration_answer),
    "token_answer": _lasting(token_answer),
    "key_set": _lasting(key_set),
    "launch": _lasting(launch),
}
OF_OTHERS: Final[Mapping[str, Target]] = {
    "sealed_block": _lasting(sealed_block),
    "attempt_file": _lasting(attempt_file),
    "document": document,
    "raw_http": raw_http,
}
TARGETS: Final[Mapping[str, Target]] = {**OF_LMS, **OF_OTHERS}


def seeds(name: str) -> list[Path]:
    """The corpus of a target, as the repository keeps it."""
    return sorted((CORPUS / name).iterdir())


def _with_status(data: bytes) -> tuple[int, bytes]:
    return (_STATUSES[data[0] % len(_STATUSES)], data[1:]) if data else (200, b"")


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
