"""The client assertion, with which a tool authenticates (1EdTech Security Framework 1.0, 4.1.1)."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

# Moodle refuses an iat even two seconds ahead of its own clock (recordings, 06 iat-future-2s).
BACKDATE_SECONDS = 5
_LIFETIME_SECONDS = 295


def client_assertion(
    pem: "bytes | RSAPrivateKey | Callable[[bytes], bytes]",
    kid: str,
    *,
    client_id: str,
    audience: str,
    now: datetime,
    jti: str,
    deployment_id: str = "",
) -> str:
    """Sign a client assertion (RS256, at most five minutes long).

    Args:
        pem: private key, as PEM or already read, since reading PEM takes longer than signing; or
            the function by which its holder signs bytes.
        kid: its id in the published set.
        client_id: both ``iss`` and ``sub`` (LTI Core 1.3, 6.2).
        audience: ``authorization_server`` of the platform, else its token endpoint.
        now: UTC.
        jti: fresh for every assertion.
        deployment_id: sent as a claim where known (LTI Core 1.3, 6.2.1).
    """
    import jwt

    issued = int(now.timestamp()) - BACKDATE_SECONDS
    claims: dict[str, object] = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + _LIFETIME_SECONDS,
        "jti": jti,
    }
    if deployment_id:
        claims[CLAIM_DEPLOYMENT_ID] = deployment_id
    if callable(pem):
        return _signed_elsewhere(claims, kid, pem)
    return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": kid})


def _signed_elsewhere(claims: dict[str, object], kid: str, sign: "Callable[[bytes], bytes]") -> str:
    """Return the JWS (RFC 7515, 7.1) that another program signs; PyJWT signs with keys alone."""
    from jwt.utils import base64url_encode

    parts = ({"alg": "RS256", "kid": kid, "typ": "JWT"}, claims)
    signed = b".".join(base64url_encode(json.dumps(each).encode()) for each in parts)
    return b".".join((signed, base64url_encode(sign(signed)))).decode()
