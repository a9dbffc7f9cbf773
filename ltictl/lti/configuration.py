"""Judge a platform's OpenID configuration (LTI Dynamic Registration 1.0, 3.4); pure.

Only the issuer and four endpoints are required, since real documents lack members that the
specification requires; anything else that is missing or odd becomes a warning.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from ltictl.errors import Actor, InvalidValueError, RefusedError
from ltictl.lti.refusal import one_line, php_notice, read_refusal
from ltictl.lti.strict_json import JsonError, PrecededError, parse_object
from ltictl.lti.vocabulary import PLATFORM_CONFIGURATION
from ltictl.model.hint import hint
from ltictl.model.platform import Platform
from ltictl.model.sentence import Sentence
from ltictl.model.web_address import WebAddress

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
_MAX_TEXT = 255

# Why and fix of a document that is no configuration.
ERROR_OUTPUT: Final = (
    "The LMS shows its own error output (a notice of PHP, or a plugin that prints).",
    (
        "Switch off the display of errors in the LMS (PHP: display_errors), and mend what the text "
        "names. Then start the registration in the LMS again."
    ),
)
ANOTHER_PAGE: Final = (
    "The address leads to a login page or an error page, or its one-use link was used before.",
    "Start the registration in the LMS again; it issues a fresh address.",
)
WRITTEN_WRONGLY: Final = (
    "The LMS, or a plugin in it, writes this document wrongly.",
    (
        "Ask the LMS's administrators to look at the document at that address. Start the "
        "registration in the LMS again; it issues a fresh address."
    ),
)


class IssuerMismatchError(RefusedError):
    """A configuration names an issuer at another host.

    Attributes:
        issuer: byte for byte; where the configuration's address holds a secret, this may repeat it.
        shown: as a command may show it.
    """

    issuer = ""
    shown = ""


class PlatformConfiguration(Struct, frozen=True):
    """A configuration that passed judgement.

    Attributes:
        platform: the facts to store; the family's module adds name and guid of the account.
        claim: the members that describe the LMS itself, unchanged.
        registration_endpoint: full URL; its query may hold a secret.
        scopes_supported, claims_supported: hints only (Sakai lists almost nothing).
        messages_supported, placements_supported: types of messages and the placements for any of
            them, hints only.
        notices_supported: events that the LMS can announce to the tool.
        hosts: every host that the tool or the browser will talk to, the issuer's first.
        warnings: oddities, one sentence each.
    """

    platform: Platform
    claim: Mapping[str, Any]
    registration_endpoint: str
    scopes_supported: tuple[str, ...]
    claims_supported: tuple[str, ...]
    messages_supported: tuple[str, ...]
    placements_supported: tuple[str, ...]
    notices_supported: tuple[str, ...]
    hosts: tuple[str, ...]
    warnings: tuple[str, ...]


def judge_configuration(
    body: bytes, address: WebAddress, accepted_issuer: str = ""
) -> PlatformConfiguration:
    """Read and judge a configuration document.

    Args:
        body: the document.
        address: the address that answered with it, after redirects.
        accepted_issuer: an issuer that a person accepts, byte for byte, although it is at another
            host; empty for none.

    Raises:
        RefusedError: ``configuration_not_json``, ``configuration_incomplete``,
            ``configuration_insecure`` or ``issuer_mismatch``.
    """
    document = _document(body, address)
    issuer = _issuer(document, address, accepted_issuer)
    endpoints = {name: _endpoint(document, name, address) for name in _ENDPOINTS}
    claim = _platform_claim(document)
    platform = Platform(
        issuer=issuer.url,
        authorization_endpoint=endpoints["authorization_endpoint"].url,
        token_endpoint=endpoints["token_endpoint"].url,
        jwks_uri=endpoints["jwks_uri"].url,
        audience=member_text(document, "authorization_server") or endpoints["token_endpoint"].url,
        registration_endpoint=endpoints["registration_endpoint"].without_query,
        configuration_url=address.without_query,
        family=member_text(claim, "product_family_code"),
        version=member_text(claim, "version"),
    )
    hosts = dict.fromkeys([issuer.authority, *(each.authority for each in endpoints.values())])
    return PlatformConfiguration(
        platform=platform,
        claim=claim,
        registration_endpoint=endpoints["registration_endpoint"].url,
        scopes_supported=_texts(document, "scopes_supported"),
        claims_supported=_texts(document, "claims_supported"),
        messages_supported=_message_types(claim),
        placements_supported=_message_placements(claim),
        notices_supported=_texts(claim, "notice_types_supported"),
        hosts=tuple(hosts),
        warnings=(*_foreign_issuer(issuer, address), *_warnings(document, claim)),
    )


def _document(body: bytes, address: WebAddress) -> dict[str, Any]:
    try:
        return parse_object(body)
    except PrecededError as error:
        raise _not_json(
            address,
            Sentence(
                'before its configuration it prints "{words}"',
                words=one_line(php_notice(error.before)),
            ),
            *ERROR_OUTPUT,
        ) from error
    except JsonError as error:
        raise _page_instead(body, address, error) from error


def _page_instead(body: bytes, address: WebAddress, error: JsonError) -> RefusedError:
    found = read_refusal(200, body)
    if not found.html:
        return _not_json(address, error.problem, *WRITTEN_WRONGLY)
    if not found.words:
        return _not_json(address, Sentence("it shows a page without a title"), *ANOTHER_PAGE)
    return _not_json(address, Sentence('it shows "{words}"', words=found.words), *ANOTHER_PAGE)


def _not_json(address: WebAddress, problem: Sentence, why: str, fix: str) -> RefusedError:
    return RefusedError(
        "configuration_not_json",
        Sentence(
            "{host} did not answer with an OpenID configuration: {problem}.",
            host=address.authority,
            problem=problem,
        ),
        why=why,
        fix=fix,
    )


def _issuer(document: Mapping[str, Any], address: WebAddress, accepted: str) -> WebAddress:
    issuer = _url(document, "issuer", address)
    if "?" in issuer.url:
        raise _incomplete("issuer", Sentence("carries a query"), address)
    if _is_foreign(issuer, address) and issuer.url != accepted:
        raise _mismatch(issuer, address)
    return issuer


def _mismatch(issuer: WebAddress, address: WebAddress) -> IssuerMismatchError:
    error = IssuerMismatchError(
        "issuer_mismatch",
        Sentence(
            "The configuration from {host} names {issuer} as its issuer.",
            host=address.authority,
            issuer=issuer.authority,
        ),
        why="The LMS has moved, and its site URL with it, or this is not the LMS that it "
        "claims to be. The two must agree: otherwise anybody could register in another LMS's "
        "name.",
        fix=f"If the LMS has moved to {issuer.authority}: open it there, and start the "
        "registration again. 'ltictl move' gives the new issuer to the integrations that are "
        "registered under the former one. Else do not go on. Only where the LMS's makers say that "
        "both are theirs, accept exactly this one issuer: "
        f"{hint('register', '--accept-issuer', _named(issuer))}",
        actor=Actor.OPERATOR,
    )
    error.issuer, error.shown = issuer.url, _named(issuer)
    return error


def _named(issuer: WebAddress) -> str:
    """Return the issuer as a command may show it."""
    # The path of an issuer may repeat a secret from the configuration's address.
    return issuer.url if issuer.path in {"", "/"} else "ISSUER"


def _is_foreign(issuer: WebAddress, address: WebAddress) -> bool:
    return issuer.authority != address.authority or issuer.scheme != address.scheme


def _foreign_issuer(issuer: WebAddress, address: WebAddress) -> tuple[str, ...]:
    if not _is_foreign(issuer, address):
        return ()
    warning = Sentence(
        "The issuer is {issuer} although its configuration came from {host}: accepted because "
        "--accept-issuer named it.",
        issuer=issuer.authority,
        host=address.authority,
    )
    return (warning,)


def _endpoint(document: Mapping[str, Any], name: str, address: WebAddress) -> WebAddress:
    return _url(document, name, address)


def _url(document: Mapping[str, Any], name: str, address: WebAddress) -> WebAddress:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise _incomplete(name, Sentence("is missing"), address)
    try:
        parsed = WebAddress.parse(value, name)
    except InvalidValueError as error:
        raise _incomplete(name, error.problem, address) from error
    # Plain http is allowed only for the configuration's own host, and only if it came that way.
    if parsed.scheme == "http" and (address.scheme != "http" or parsed.host != address.host):
        raise RefusedError(
            "configuration_insecure",
            Sentence(
                "The {member} in the configuration of {host} is not https.",
                member=name,
                host=address.authority,
            ),
            why="LTI requires TLS for every address (LTI Core 1.3, section 3).",
            fix="Correct the LMS's site URL so that it begins with https://.",
        )
    return parsed


def _incomplete(name: str, problem: str, address: WebAddress) -> RefusedError:
    return RefusedError(
        "configuration_incomplete",
        Sentence(
            "In the configuration of {host}, {member} {problem}.",
            host=address.authority,
            member=name,
            problem=problem,
        ),
        why="The LMS is too old for LTI Dynamic Registration, or misconfigured.",
        fix="Update the LMS, or register by hand and record it with 'ltictl add'.",
        actor=Actor.BOTH,
    )


def _platform_claim(document: Mapping[str, Any]) -> Mapping[str, Any]:
    # The specification's example has a trailing space in the key, and Moodle 3.10 copied it.
    for key, value in document.items():
        if key.strip() == PLATFORM_CONFIGURATION and isinstance(value, dict):
            return value
    return {}


def member_text(members: Mapping[str, Any], name: str) -> str:
    """Return a text member, cut to the stored length; empty where it is anything else."""
    value = members.get(name)
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


def _texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = members.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _message_types(claim: Mapping[str, Any]) -> tuple[str, ...]:
    value = claim.get("messages_supported")
    if not isinstance(value, list):
        return ()
    # Older Moodle lists bare strings where the specification has objects.
    types = (each.get("type") if isinstance(each, dict) else each for each in value)
    return tuple(each for each in types if isinstance(each, str))


def _message_placements(claim: Mapping[str, Any]) -> tuple[str, ...]:
    value = claim.get("messages_supported")
    messages = value if isinstance(value, list) else []
    lists = (_texts(each, "placements") for each in messages if isinstance(each, dict))
    return tuple(dict.fromkeys(name for names in lists for name in names))


def _warnings(document: Mapping[str, Any], claim: Mapping[str, Any]) -> list[str]:
    warnings: list[str] = []
    if not member_text(claim, "product_family_code"):
        warnings.append(Sentence("The LMS does not say which product it is."))
    for member, needed in (
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("token_endpoint_auth_signing_alg_values_supported", "RS256"),
        ("id_token_signing_alg_values_supported", "RS256"),
    ):
        if member in document and needed not in _texts(document, member):
            warnings.append(
                Sentence(
                    "The LMS does not list {needed} in {member}, which LTI requires.",
                    needed=needed,
                    member=member,
                )
            )
    return warnings
