"""Read the deployment from the id_token of a launch, and verify the token's signature; pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from ltictl.errors import InvalidValueError, LtictlError
from ltictl.lti.foreign_keys import judge_key_set
from ltictl.lti.pasted_launch import PastedToken, launch_unreadable
from ltictl.lti.vocabulary import CLAIM_DEPLOYMENT_ID
from ltictl.model.integration import check_identifier

_ALGORITHM = "RS256"  # 1EdTech Security Framework 1.0, 6.1; the token does not choose it
_LARGEST_ID = 2**63  # no database id is larger

AGAIN = "Open the tool in the right LMS once more, and paste that launch's id_token."


class LaunchedDeployment(Struct, frozen=True):
    """The deployment of a launch that the platform signed.

    Attributes:
        id: as text.
        warnings: the LMS's deviations from the specifications, one sentence each.
    """

    id: str
    warnings: tuple[str, ...] = ()


def is_for(launch: PastedToken, issuer: str, client_id: str) -> bool:
    """Return whether a launch names this platform as its issuer and this client as its audience."""
    audience = launch.claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = launch.claims.get("azp", client_id)  # Security Framework 1.0, 5.1.3
    return launch.claims.get("iss") == issuer and client_id in audiences and party == client_id


def difference(launch: PastedToken, issuer: str, client_id: str) -> LtictlError:
    """Return the error for a launch of another platform or client."""
    named = launch.claims.get("iss")
    if named == issuer:
        return launch_refused(f"It was made for another client than {client_id!r}.")
    if isinstance(named, str) and named.rstrip("/") == issuer.rstrip("/"):
        return launch_refused(
            f"Its issuer is {named!r:.200}, and the integration's is {issuer!r}: they differ by a "
            "slash at the end, and every character counts.",
            fix="Correct 'issuer' in the integration's document to what the LMS writes: "
            "a runtime that compares them refuses every launch.",
        )
    return launch_refused(f"It comes from {named!r:.120}, and not from {issuer!r}.")


def read_deployment(launch: PastedToken, key_set: Mapping[str, Any]) -> LaunchedDeployment:
    """Return the deployment in a launch, if a key of the set signed it.

    Args:
        launch: the token as it was found.
        key_set: the platform's key set.

    Raises:
        LtictlError: ``launch_refused`` or ``launch_unreadable``.
    """
    warnings = []
    if _require_header(launch) is None:
        warnings.append(
            "The LMS does not say which key signs its launches (kid): libraries may refuse them. "
            "1EdTech asks for it (Security Framework 1.0, 5.1.1)."
        )
    claims = _verify(launch, key_set)
    deployment = claims.get(CLAIM_DEPLOYMENT_ID)
    if isinstance(deployment, int) and not isinstance(deployment, bool):
        if abs(deployment) >= _LARGEST_ID:
            raise launch_unreadable("It names no usable deployment id.")
        deployment = str(deployment)
        warnings.append(
            "The LMS sends deployment_id as a number, and LTI asks for text: libraries may refuse "
            "its launches."
        )
    text = deployment if isinstance(deployment, str) else ""
    try:
        return LaunchedDeployment(check_identifier(text, "deployment_id"), tuple(warnings))
    except InvalidValueError as error:
        raise launch_unreadable("It names no usable deployment id.") from error


def _require_header(launch: PastedToken) -> str | None:
    """Return the kid of a token that is signed with RS256, ``None`` where it names none."""
    algorithm = launch.header.get("alg")
    if algorithm != _ALGORITHM:
        raise launch_refused(
            f"It is signed with {algorithm!r:.40}, and LTI 1.3 launches are signed with RS256: "
            "that algorithm is not supported.",
            fix="Ask the LMS's administrators to have it sign with RS256.",
        )
    kid = launch.header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise launch_refused("The name of its key (kid) is no text.")
    return kid or None


def _verify(launch: PastedToken, key_set: Mapping[str, Any]) -> Mapping[str, Any]:
    import jwt

    kid = _require_header(launch)
    keys = list(_usable_keys(key_set, kid))
    if not keys:
        named = f"RSA key {kid!r:.80}" if kid else "RSA key"
        raise launch_refused(f"The LMS's key set has no usable {named}.")
    names = ("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_sub", "verify_jti")
    # The token signs nobody in, so its age does not matter: a deployment keeps its id, and Moodle's
    # tokens expire after a minute (recordings, fact 8).
    unchecked: Any = dict.fromkeys(names, False)
    for each in keys:  # a set may hold several keys of one name while an LMS changes keys
        try:
            key = jwt.PyJWK(dict(each), algorithm=_ALGORITHM)
            claims: Mapping[str, Any] = jwt.decode(
                launch.token, key, algorithms=[_ALGORITHM], options=unchecked
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        return claims
    raise launch_refused("Its signature is not the LMS's.")


def _usable_keys(key_set: Mapping[str, Any], kid: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield the usable keys of that name, or all usable keys for a launch that names none."""
    keys = key_set.get("keys")
    for each in keys if isinstance(keys, list) else ():
        if not isinstance(each, dict) or (kid is not None and each.get("kid") != kid):
            continue
        if judge_key_set({"keys": [each | {"kid": "key"}]}).kids:
            yield each


def launch_refused(why: str, *, fix: str = AGAIN) -> LtictlError:
    """Return the error for a launch that proves no deployment of this integration."""
    return LtictlError(
        "launch_refused",
        "The launch is not one of this integration.",
        why=why,
        fix=fix,
    )
