"""Read private keys in the forms that people have: PEM in one line, a JWK, a key in JSON; pure.

The result is always PEM text for ``ltictl.lti.keys``; no error quotes any of the input.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ltictl.errors import LtictlError
from ltictl.lti.strict_json import JsonError, parse_value

_BEGIN = b"-----BEGIN"
_SEQUENCE = b"\x30"  # the first octet of a key in DER
_UTF16 = (b"\xff\xfe", b"\xfe\xff")  # PowerShell writes it
_ESCAPED_BREAK = re.compile(rb"(?:\\+r)?\\+n")
_PRIVATE = re.compile(
    rb"-----BEGIN (?P<label>[A-Z ]*PRIVATE KEY)-----(?P<body>[^-]*(?:-[^-]+)*?)-----END ", re.DOTALL
)
_WIDTH = 64  # RFC 7468, 2
_BOM = b"\xef\xbb\xbf"
_NUMBERS = ("n", "e", "d")
_FACTORS = ("p", "q", "dp", "dq", "qi")
_ONE = "Give the file of one private RSA key, as PEM or as a JWK."


def key_unusable(why: str, fix: str) -> LtictlError:
    """Return the error for a private key that cannot be used."""
    return LtictlError("key_unusable", "The private key cannot be used.", why=why, fix=fix)


def pem_in(data: bytes) -> bytes:
    """Return the PEM of the private key in ``data``.

    Data in an unknown form comes back unchanged, for the reader of PEM to judge.

    Args:
        data: PEM, perhaps on one line, quoted or indented; a JWK, a set of one, or JSON that
            holds a PEM; DER; any of them as base64.

    Raises:
        LtictlError: ``key_unusable``: it is a JWK but not a private RSA key.
    """
    text = _plain(data)
    if text.startswith((b"{", b"[")):
        return _in_json(text)
    if _BEGIN in text:
        return _in_lines(text)
    return _in_base64(text) or text


def _plain(data: bytes) -> bytes:
    if data.startswith(_UTF16):
        data = data.decode("utf-16", "replace").encode()
    if data.startswith(_SEQUENCE + b"\x82"):
        return _as_pem(data)
    return data.removeprefix(_BOM).strip(b"\"' \t\r\n")


def _in_lines(text: bytes) -> bytes:
    """Return the private key in a PEM text, with the line breaks that a PEM needs."""
    # Environments and JSON files hold a PEM on one line, its line breaks written as \n or as
    # blanks; other files hold certificates as well.
    whole = _ESCAPED_BREAK.sub(b"\n", text)
    found = _PRIVATE.search(whole)
    if found is None:
        return whole
    body = found["body"]
    if b":" not in body:  # RFC 1421's headers must keep their own lines
        body = b"\n".join(_wrapped(b"".join(body.split())))
    lines = b"\n".join(line.strip() for line in body.strip().splitlines())
    return b"-----BEGIN %b-----\n%b\n-----END %b-----\n" % (found["label"], lines, found["label"])


def _wrapped(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _WIDTH] for start in range(0, len(body), _WIDTH))


def _in_base64(text: bytes) -> bytes:
    """Return the PEM of a key that was base64-encoded once more, as in a Kubernetes secret."""
    try:
        octets = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return b""
    if octets.startswith(_SEQUENCE):
        return _as_pem(octets)
    inner = octets.strip()
    return pem_in(inner) if inner.startswith((b"{", _BEGIN)) else b""


def _as_pem(der: bytes) -> bytes:
    body = base64.encodebytes(der)
    # PKCS#1 has a label of its own. Data in any other form gets that of PKCS#8, and the reader of
    # PEM judges it.
    label = b"RSA PRIVATE KEY" if _is_pkcs1(der) else b"PRIVATE KEY"
    return b"-----BEGIN " + label + b"-----\n" + body + b"-----END " + label + b"-----\n"


def _is_pkcs1(der: bytes) -> bool:
    """Return whether a key in DER is PKCS#1, not PKCS#8."""
    # After the version, PKCS#1 has the modulus, and PKCS#8 the name of the algorithm.
    return der[4:7] == b"\x02\x01\x00" and der[7:8] == b"\x02"


def _in_json(text: bytes) -> bytes:
    try:
        value = parse_value(text)
    except JsonError as error:
        raise key_unusable(f"It begins as JSON, but {error}.", _ONE) from error
    inner = next(_pems(value), None)
    if inner is not None:
        return _in_lines(inner)
    keys = list(_jwks(value))
    private = [key for key in keys if "d" in key]
    if len(private) == 1:
        return _of_jwk(private[0])
    if private:
        raise key_unusable(f"It is a set of {len(private)} private keys.", _ONE)
    if keys:
        raise key_unusable("It is a public JWK or a set of them.", "Give its private half.")
    raise key_unusable("It is JSON without a key.", _ONE)


def _pems(value: Any) -> Iterator[bytes]:
    """Yield PEM texts among an object's members, such as ``private_key`` of a service account."""
    if isinstance(value, Mapping):
        for each in value.values():
            if isinstance(each, str) and "PRIVATE KEY-----" in each:
                yield each.encode("utf-8", "replace")


def _jwks(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the keys of a JWK (RFC 7517, 4), of a JWK Set (5) or of a list of keys."""
    if isinstance(value, Mapping) and "kty" not in value:
        value = value.get("keys", value.get("jwk"))
    if isinstance(value, Mapping):
        value = [value]
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, Mapping) and "kty" in each)


def _of_jwk(key: Mapping[str, Any]) -> bytes:
    """Return the PEM of a private RSA key (RFC 7518, 6.3), computing its factors if missing."""
    if key["kty"] != "RSA":
        raise key_unusable("It is no RSA key, which LTI's RS256 needs.", _ONE)
    if "oth" in key:
        raise key_unusable("It has more than two prime factors.", _ONE)
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        n, e, d = (_integer(key[name]) for name in _NUMBERS)
        if all(name in key for name in _FACTORS):
            p, q, dp, dq, qi = (_integer(key[name]) for name in _FACTORS)
        else:
            p, q = rsa.rsa_recover_prime_factors(n, e, d)
            dp, dq, qi = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
        numbers = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, rsa.RSAPublicNumbers(e, n))
        private = numbers.private_key()
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        why = "It is a private JWK, but its numbers are missing or do not belong together."
        raise key_unusable(why, "Take it from a backup.") from error
    return private.private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
    )


def _integer(value: Any) -> int:
    """Decode a Base64urlUInt, also with padding or in the other alphabet."""
    # Some programs write it so.
    if not isinstance(value, str):
        raise TypeError(value)
    text = value.rstrip("=").replace("+", "-").replace("/", "_")
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
