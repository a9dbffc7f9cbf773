"""The id_token of a launch, read as evidence of which deployment it came from; pure.

It signs nobody in, so that its age does not matter: a deployment keeps its id, and Moodle's tokens
live for a minute only (recordings, fact 8).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from msgspec import Struct

from ltictl.errors import InvalidValueError, LtictlError
from ltictl.lti.foreign_keys import judge_key_set
from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID
from ltictl.model.integration import check_identifier

_ALGORITHM = "RS256"  # 1EdTech Security Framework 1.0, 6.1; what the token says does not choose it
_PARTS = 3


class LaunchKey(Struct, frozen=True):
    """What a launch token says about who signed it.

    Attributes:
        token: the token alone.
        kid: key that it names.
    """

    token: str
    kid: str


def find_token(pasted: str) -> LaunchKey:
    """The token in what was pasted: the token itself, or the whole form of the launch.

    Raises:
        LtictlError: ``launch_unreadable``.
    """
    import jwt

    text = "".join(pasted.split())
    if "id_token=" in text:
        text = parse_qs(text.partition("?")[2] or text).get("id_token", [""])[-1]
    try:
        header = jwt.get_unverified_header(text)
    except (jwt.PyJWTError, ValueError) as error:
        raise _unreadable("It is no JSON Web Token.") from error
    if "crit" in header:  # RFC 7515, 4.1.11: nothing that could stand there is known here
        raise _unreadable("It demands extensions of its signature (crit).")
    kid = header.get("kid")
    if text.count(".") + 1 != _PARTS or not isinstance(kid, str) or not kid:
        raise _unreadable("It does not say which key signed it (kid).")
    return LaunchKey(text, kid)


def read_deployment(
    launch: LaunchKey, key_set: Mapping[str, Any], *, issuer: str, client_id: str
) -> str:
    """The deployment id in a launch token that the platform signed for this client.

    Args:
        launch: as found.
        key_set: the platform's.
        issuer: of the integration, compared exactly.
        client_id: of the integration.

    Raises:
        LtictlError: ``launch_refused`` or ``launch_unreadable``.
    """
    claims = _verified(launch, key_set)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", client_id)
    if claims.get("iss") != issuer:
        raise _refused(f"It comes from {claims.get('iss')!r:.120}, and not from {issuer!r}.")
    if client_id not in audiences or party != client_id:  # Security Framework 1.0, 5.1.3
        raise _refused(f"It was made for another client than {client_id!r}.")
    deployment = claims.get(CLAIM_DEPLOYMENT_ID)
    try:
        return check_identifier(deployment if isinstance(deployment, str) else "", "deployment_id")
    except InvalidValueError as error:
        raise _unreadable("It names no usable deployment id.") from error


def _verified(launch: LaunchKey, key_set: Mapping[str, Any]) -> Mapping[str, Any]:
    import jwt

    keys = [
        each
        for each in key_set.get("keys") or []
        if isinstance(each, dict) and each.get("kid") == launch.kid
    ]
    if not keys or launch.kid not in judge_key_set({"keys": keys}).kids:
        raise _refused(f"The LMS's key set has no usable RSA key {launch.kid!r:.80}.")
    names = ("verify_exp", "verify_iat", "verify_nbf", "verify_aud")
    unchecked: Any = dict.fromkeys(names, False)
    try:
        key = jwt.PyJWK(keys[0], algorithm=_ALGORITHM)
        claims: Mapping[str, Any] = jwt.decode(
            launch.token, key, algorithms=[_ALGORITHM], options=unchecked
        )
    except jwt.PyJWTError as error:
        raise _refused("Its signature is not the LMS's.") from error
    return claims


def _unreadable(why: str) -> LtictlError:
    return LtictlError(
        "launch_unreadable",
        "What was pasted is no launch that could be read.",
        why=why,
        fix="Paste the value of id_token, as the LMS's browser posts it to the tool.",
    )


def _refused(why: str) -> LtictlError:
    return LtictlError(
        "launch_refused",
        "The launch is not one of this integration.",
        why=why,
        fix="Open the tool in the right LMS once more, and paste that launch's id_token.",
    )
