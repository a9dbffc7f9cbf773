"""Find the cause of a refusal: whole words of a family's table, the status, what a run knows.

The tables themselves stand with each family; what holds for every LMS stands here.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from ltictl.errors import Actor
from ltictl.lti.vocabulary import SCOPES, TOKEN_ERRORS, short_scope
from ltictl.model.hint import hint
from ltictl.model.record import replace
from ltictl.platforms.family import SET_CLOCK, Cause, Family

if TYPE_CHECKING:
    from ltictl.lti.refusal import Refusal

_SUCCESS = range(200, 300)
_REDIRECTS = range(300, 400)
_UNAUTHORIZED = 401
_ABSENT = frozenset({404, 405, 410, 501})
_FAILED = frozenset(range(500, 600))
_UNAVAILABLE = frozenset({429, 503})


class TokenFacts(Struct, frozen=True):
    """The knowledge of a run about an integration whose token endpoint refuses.

    Attributes:
        integration: its id.
        audience: the ``aud`` that was sent.
        token_endpoint, authorization_endpoint: as stored.
        scopes: asked for.
        key_set_passes: whether the tool's key set was found right in this run, ``None`` if unknown.
        authorization_answers: whether the authorization endpoint answered in this run.
        tried: audiences that were refused too.
    """

    integration: str
    audience: str
    token_endpoint: str
    authorization_endpoint: str
    scopes: tuple[str, ...] = ()
    key_set_passes: bool | None = None
    authorization_answers: bool | None = None
    tried: tuple[str, ...] = ()


def says(phrase: str, words: str) -> bool:
    """Return whether ``words`` hold ``phrase`` as whole words: "associated" does not say "iat".

    A plural is the same word.
    """
    return re.search(rf"(?<!\w){re.escape(phrase)}s?(?!\w)", words, re.IGNORECASE) is not None


def first_said(table: Mapping[str, Cause], words: str) -> Cause | None:
    """Return the cause of the first phrase of ``table`` that ``words`` hold."""
    return next((cause for phrase, cause in table.items() if says(phrase, words)), None)


def explain_token_refusal(family: Family, refusal: "Refusal", facts: TokenFacts) -> Cause:
    """Return the cause of a refused token request, "probably" where it is a guess.

    What a family is known to say comes first, then what the status says, then what such words mean
    everywhere; the code of RFC 6749 alone says least.
    """
    looks = (_known_words, _by_status, _by_words, _known_codes, _by_code)
    found = (look(family, refusal, facts) for look in looks)
    return next((cause for cause in found if cause is not None), _UNKNOWN)


_UNKNOWN: Final = Cause(
    "The LMS does not say why.",
    "Check that the tool is active in the LMS and that its key set is reachable for it.",
)


# A single common word says too little where the address may be no token endpoint.
def _known_words(family: Family, refusal: "Refusal", facts: TokenFacts) -> Cause | None:
    """Return the cause of a phrase that the family uses."""
    doubtful = _is_no_endpoint(refusal) or refusal.status in _FAILED
    table = {
        phrase: cause
        for phrase, cause in family.token_causes.items()
        if phrase not in TOKEN_ERRORS and not (doubtful and phrase.isalpha())
    }
    return _unless_disproved(first_said(table, refusal.words), facts)


def _known_codes(family: Family, refusal: "Refusal", facts: TokenFacts) -> Cause | None:
    table = {
        phrase: cause for phrase, cause in family.token_causes.items() if phrase in TOKEN_ERRORS
    }
    return _unless_disproved(first_said(table, f"{refusal.code} {refusal.words}"), facts)


def _unless_disproved(cause: Cause | None, facts: TokenFacts) -> Cause | None:
    """Return the cause, unless it blames a key set that this very run has found right."""
    disproved = cause is not None and cause.blames_key_set and facts.key_set_passes
    return _key(facts) if disproved else cause


def _is_no_endpoint(refusal: "Refusal") -> bool:
    if refusal.code in TOKEN_ERRORS:
        return False
    page = refusal.html and refusal.status not in {401, 403}
    return page or refusal.status in _ABSENT or refusal.status in _REDIRECTS


def _by_status(_: Family, refusal: "Refusal", facts: TokenFacts) -> Cause | None:
    if refusal.status in _UNAVAILABLE:
        return Cause("The LMS is not available at the moment.", "Try again later.")
    # 501 is in both: a server that lacks the method is no token endpoint.
    if _is_no_endpoint(refusal) and refusal.status not in _FAILED - _ABSENT:
        return _no_endpoint(facts)
    if refusal.code in TOKEN_ERRORS:
        return None
    if refusal.status in _FAILED:
        return Cause(
            "The LMS itself failed.", "Try again; ask the LMS's administrators for its log."
        )
    if refusal.html:
        return Cause(
            "Probably a firewall or a proxy before the LMS keeps programs out.",
            "Ask the LMS's administrators to let the tool's servers reach the token endpoint.",
        )
    return None


def _no_endpoint(facts: TokenFacts) -> Cause:
    fact = f"There is no token endpoint at {facts.token_endpoint}"
    if facts.token_endpoint == facts.authorization_endpoint:
        why = f"{fact}: the same address is stored as the authorization endpoint."
    elif facts.authorization_answers:
        why = (
            f"{fact}: it redirects, serves a page or nothing. The LMS is there, since its "
            f"authorization endpoint {facts.authorization_endpoint} answers."
        )
    else:
        why = f"{fact}: it redirects, serves a page or nothing."
    return Cause(why, "Compare the address with the tool's details in the LMS.", Actor.OPERATOR)


def _audience(facts: TokenFacts) -> Cause:
    tried = f" {', '.join(facts.tried)} was refused too." if facts.tried else ""
    return Cause(
        f"The LMS wants another audience; {facts.audience} was sent.{tried}",
        "Compare it with the tool's details in the LMS; 'audience' is in "
        f"'ltictl show {facts.integration}'.",
        Actor.OPERATOR,
    )


def _clock(_: TokenFacts) -> Cause:
    return Cause(
        "The clocks of this computer and of the LMS probably differ.", SET_CLOCK, Actor.OPERATOR
    )


def _replay(_: TokenFacts) -> Cause:
    return Cause("The LMS probably saw this assertion before.", "Run the command again.")


def _key(facts: TokenFacts) -> Cause:
    if facts.key_set_passes:
        return Cause(
            "The tool's key set is right, as seen from here. So probably the LMS knows another "
            "client id, holds another key, or reads the key set from another address.",
            "Compare the client id, and the key set's address or the key, with the tool's details "
            f"in the LMS: ltictl show {facts.integration}",
        )
    return Cause(
        "The LMS probably did not find the key that signed.",
        "Publish the tool's key set at its jwks_uri: 'ltictl jwks' prints it.",
        Actor.OPERATOR,
    )


def _client(facts: TokenFacts) -> Cause:
    return Cause(
        "The LMS probably does not know the client id, or the tool is switched off there.",
        f"Look for the tool in the LMS and compare its client id: ltictl show {facts.integration}",
    )


def _deployment(facts: TokenFacts) -> Cause:
    return Cause(
        "The LMS probably does not know the deployment id that goes with the request.",
        "Compare it with the tool's details in the LMS: "
        f"{hint('deployment', 'list', facts.integration)}",
    )


def _scope(facts: TokenFacts) -> Cause:
    return Cause(
        f"The LMS does not allow the tool {', '.join(map(short_scope, facts.scopes))}.",
        "Ask the LMS's administrators to allow these services, or take them out of 'scopes' in "
        "profile.toml and update the registration.",
    )


def _request(_: TokenFacts) -> Cause:
    return Cause(
        "The LMS does not understand the request: probably the address is not the one for LTI's "
        "services.",
        "Compare the token endpoint with the tool's details in the LMS.",
    )


_CLOCK_WORDS: Final = (
    *("iat", "exp", "nbf", "expired", "expiration", "prior to", "in the future", "not yet valid"),
    *("too old", "too early", "lifetime", "clock"),
)
_KEY_WORDS: Final = ("kid", "keyid", "key id", "jwk", "jwks", "keyset", "public key", "signature")
# RFC 7523, 3: issuer and subject of the assertion are the client_id.
_CLIENT_WORDS: Final = (
    *("client", "client_id", "client id", "consumer", "account", "issuer", "iss", "sub", "subject"),
    *("disabled", "inactive", "deactivated", "not active", "not enabled", "switched off"),
)
# In this order: the words of an earlier row say more than those of a later one.
_GENERIC: Final[tuple[tuple[tuple[str, ...], Callable[[TokenFacts], Cause]], ...]] = (
    (("aud", "audience"), _audience),
    (("scope",), _scope),
    (("jti", "replay", "replayed", "already used", "used before"), _replay),
    (_CLOCK_WORDS, _clock),
    ((*_KEY_WORDS, "key set", "jws", "key"), _key),
    (("deployment", "deployment_id"), _deployment),
    (_CLIENT_WORDS, _client),
)
_BY_CODE: Final[dict[str, Callable[[TokenFacts], Cause]]] = {
    "invalid_scope": _scope,
    "invalid_client": _client,
    "unauthorized_client": _client,
    "invalid_grant": _key,
    "invalid_request": _request,
    "unsupported_grant_type": _request,
}


def _by_words(_: Family, refusal: "Refusal", facts: TokenFacts) -> Cause | None:
    if refusal.status in _SUCCESS and not refusal.code:  # the words are ltictl's own
        return _malformed(refusal)
    words = (
        refusal.words.replace(refusal.code, "", 1)
        if refusal.code in TOKEN_ERRORS
        else refusal.words
    )
    for phrases, cause in _GENERIC:
        if any(says(phrase, words) for phrase in phrases):
            return cause(_narrowed(facts, words))
    return None


def _malformed(refusal: "Refusal") -> Cause:
    if refusal.notice:
        why = "The LMS shows its error output, which breaks its own answers."
        fix = "Ask the LMS's administrators to switch display_errors off, and to look into its log."
        return Cause(why, fix)
    return Cause(
        "Libraries of tools cannot read such an answer either.",
        "Ask the LMS's administrators or makers; RFC 6749, 5.1 says what the answer must be.",
    )


def _narrowed(facts: TokenFacts, words: str) -> TokenFacts:
    """Return the facts with only those scopes that the words name, if they name any."""
    named = {uri for short, uri in SCOPES.items() if says(uri, words) or says(short, words)}
    # Every URI ends in a short name, and "lineitem" begins "lineitem.readonly".
    exact = tuple(each for each in facts.scopes if each in named and _stands_alone(each, words))
    return replace(facts, scopes=exact or facts.scopes)


def _stands_alone(uri: str, words: str) -> bool:
    name = rf"(?:{re.escape(uri)}|{re.escape(short_scope(uri))})"
    return re.search(rf"(?<![\w.]){name}(?![\w./])|/{name}(?![\w./])", words) is not None


def _by_code(_: Family, refusal: "Refusal", facts: TokenFacts) -> Cause | None:
    # RFC 6749, 5.2: 401 is the status of invalid_client.
    bare = refusal.status == _UNAUTHORIZED and not refusal.words
    cause_of_code = _BY_CODE.get("invalid_client" if bare else refusal.code)
    return cause_of_code(facts) if cause_of_code else None
