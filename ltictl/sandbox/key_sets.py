"""The tools' published key sets: fetched when first needed and whenever the kept copy fails.

A copy is kept per client without end, so a withdrawn key stays trusted until some assertion fails
against the copy (recordings, 06-token-endpoint/rotation). Used from the server's thread only.
"""

import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from ltictl.sandbox.refusals import UncaughtError
from ltictl.sandbox.signatures import TokenError, VerifyingKey, unverified, verify

_FETCH_SECONDS = 5.0
# What Moodle 4.5 says (recordings, 06-token-endpoint/jwks-unavailable).
_NO_ARRAY = (
    r"mod_lti\local\ltiopenid\jwks_helper::fix_jwks_alg(): "
    "Argument #1 ($jwks) must be of type array, null given"
)
# The key types that can sign an assertion, with the algorithms that fit them.
_READERS = {("RSA", "RS"): RSAAlgorithm.from_jwk, ("EC", "ES"): ECAlgorithm.from_jwk}


class KeySets:
    """The platform's copies of its tools' key sets."""

    def __init__(self, user_agent: str) -> None:
        self._user_agent = user_agent
        self._kept: dict[str, Any] = {}

    async def claims(
        self, client_id: str, jwks_uri: str, assertion: str, now: float
    ) -> dict[str, Any]:
        """Return the claims of an assertion signed by the client.

        Raises:
            TokenError: it does not verify, not even with a fresh copy of the key set.
            UncaughtError: the key set cannot be had.
        """
        try:
            return verify(assertion, parse_key_set(self._kept.get(client_id, {})), now)
        except TokenError:  # perhaps a new key: recordings, 06-token-endpoint/rotation
            document = await self._fetch(jwks_uri)
        claims = verify(assertion, parse_key_set(_completed(document, assertion)), now)
        # Only a copy that worked replaces the kept one.
        self._kept[client_id] = document
        return claims

    async def answers(self, jwks_uri: str) -> bool:
        """Return whether the address serves a key set."""
        document = await self._fetch(jwks_uri)
        return isinstance(document, dict) and bool(document.get("keys"))

    def forget(self, client_id: str) -> None:
        """Drop the kept copy: the next assertion is checked against a fresh one."""
        self._kept.pop(client_id, None)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Building it takes as long as a whole request, so it happens once.
        return httpx.create_ssl_context()

    async def _fetch(self, jwks_uri: str) -> Any:
        """Return the document at the address, or ``None`` if there is none."""
        try:
            async with httpx.AsyncClient(
                verify=self._tls, trust_env=False, timeout=_FETCH_SECONDS
            ) as client:
                answer = await client.get(jwks_uri, headers={"User-Agent": self._user_agent})
            return answer.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return None


def parse_key_set(document: Mapping[str, Any]) -> dict[str, VerifyingKey]:
    """Return the usable keys of a set, by key id.

    Raises:
        TokenError: one bad key spoils the set (recordings, jwks-format/other-key-no-alg).
    """
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise TokenError('"keys" member must exist in the JWK Set')
    if not entries:
        raise TokenError("JWK Set did not contain any keys")
    if not all(isinstance(entry, dict) for entry in entries):
        raise TokenError("Invalid JWK")
    found = ((str(entry.get("kid", index)), _key(entry)) for index, entry in enumerate(entries))
    return {kid: key for kid, key in found if key}


def _key(entry: Mapping[str, Any]) -> VerifyingKey | None:
    """Return a key of the set, or ``None`` for a kind that cannot sign an assertion."""
    algorithm = str(entry.get("alg") or "")
    if not algorithm:
        raise TokenError('JWK must contain an "alg" parameter')
    read = _READERS.get((str(entry.get("kty")), algorithm[:2]))
    if read is None:
        return None
    try:
        return VerifyingKey(algorithm, read(dict(entry)))
    except (PyJWTError, ValueError, KeyError) as error:
        raise TokenError("Invalid JWK") from error


def _completed(document: Any, assertion: str) -> dict[str, Any]:
    """Return the set, with the signing key's missing ``alg`` taken from the assertion's header."""
    # Only the key that the header names is helped: any other key without 'alg' spoils the set
    # (recordings, jwks-format/other-key-no-alg).
    if not isinstance(document, dict):
        raise UncaughtError(_NO_ARRAY)
    header, _ = unverified(assertion)
    if not header.get("kid"):
        raise TokenError("error/Error: kid must be provided in JWT header.")
    keys = document.get("keys")
    if not isinstance(keys, list):
        return document
    return document | {"keys": [_helped(key, header) for key in keys]}


def _helped(entry: Any, header: Mapping[str, Any]) -> Any:
    if isinstance(entry, dict) and entry.get("kid") == header["kid"] and not entry.get("alg"):
        return entry | {"alg": header.get("alg")}
    return entry
