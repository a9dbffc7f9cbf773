"""PyLTI1p3 (``ToolConfJsonFile``): one JSON file, and the key files that it names.

The library computes a key's ``kid`` as its RFC 7638 thumbprint, which is what ltictl publishes.
Format: ``pylti1p3/tool_config/json_file.py`` of PyLTI1p3 2.0.0.
"""

from collections.abc import Iterator
from typing import Any, Final

from ltictl.interchange.addresses import (
    before_appended_query,
    mended_query,
    query_warnings,
    token_endpoint,
)
from ltictl.interchange.incoming import (
    ForeignDocument,
    Found,
    each_once,
    parse_json,
    platform_of,
    rows,
    table,
    text,
    unreadable,
)
from ltictl.interchange.outgoing import (
    ExportContent,
    File,
    KeyPair,
    Registration,
    Rendered,
    indented_json,
    without_deployments,
)
from ltictl.interchange.registry import Format
from ltictl.model.hint import hint
from ltictl.model.integration import Deployment, DeploymentSource

_OWN_KEY: Final = "private.key"
_NAMES: Final = {
    "authorization_endpoint": "auth_login_url",
    "token_endpoint": "auth_token_url",
    "jwks_uri": "key_set_url",
    "audience": "auth_audience",
}


def render(content: ExportContent) -> Rendered:
    """Return the JSON file with its keys beside it."""
    issuers: dict[str, list[dict[str, Any]]] = {}
    for each in content.registrations:
        clients = issuers.setdefault(each.platform.issuer, [])
        # A login may come without client_id; one of several has to be the default then.
        clients.append(_client(each, content.signer, default=not clients))
    document = indented_json(issuers)
    return Rendered(
        File("lti.json", document.encode()),
        tuple(_key_files(content.signer)),
        obsolete=tuple(_obsolete(content)),
        warnings=tuple(_warnings(content)),
    )


def _client(registration: Registration, signer: KeyPair | None, *, default: bool) -> dict[str, Any]:
    platform = registration.platform
    keys: dict[str, str] = {"private_key_file": _OWN_KEY}
    if signer is not None:
        private, public = _names(signer.key.kid)
        keys = {"private_key_file": private, "public_key_file": public}
    # The library takes the token endpoint as the audience if the file names none.
    audience = None if platform.audience == platform.token_endpoint else platform.audience
    return {
        "default": default,
        "client_id": registration.client_id,
        "auth_login_url": before_appended_query(platform.authorization_endpoint),
        "auth_token_url": token_endpoint(platform.token_endpoint),
        "auth_audience": audience,
        "key_set_url": platform.jwks_uri,
        "key_set": None,
        **keys,
        "deployment_ids": [each.id for each in registration.deployments],
    }


def _names(kid: str) -> tuple[str, str]:
    """Return a name of its own for each key: a new one never replaces the one in use."""
    return f"{kid}.key", f"{kid}.pub"


def _key_files(signer: KeyPair | None) -> Iterator[File]:
    if signer is not None:
        private, public = _names(signer.key.kid)
        yield File(private, signer.private_half.encode(), secret=True)
        yield File(public, signer.public_pem.encode())


def _obsolete(content: ExportContent) -> Iterator[str]:
    signing = content.signer.key.kid if content.signer else ""
    # Every key that the profile knows: a former export may have named any of them.
    for kid in content.kids:
        if kid != signing:
            yield from _names(kid)


def _warnings(content: ExportContent) -> Iterator[str]:
    yield from without_deployments(content.registrations, "PyLTI1p3 will refuse its launches")
    yield from query_warnings(content.registrations, mended_query)
    if content.external_keys:
        yield (
            f"The tool holds its own keys: put the private one beside the document as {_OWN_KEY}."
        )


def read(data: bytes) -> ForeignDocument:
    """Return the registrations in such a file; keys are imported on their own."""
    found: list[Found] = []
    keys: set[str] = set()
    for issuer, value in table(parse_json(data), "the document").items():
        # The library also takes the only client of an issuer without a list.
        for entry in value if isinstance(value, list) else [value]:
            members = table(entry, issuer)
            found.append(_found(issuer, members))
            keys.add(text(members, "private_key_file", issuer))
    named = sorted(keys - {""})
    return ForeignDocument(
        each_once(found),
        tuple(f"Its key is taken over with: {hint('keys', 'import', each)}" for each in named),
    )


def _found(issuer: str, members: dict[str, Any]) -> Found:
    deployments = rows(members.get("deployment_ids", []), f"deployment_ids of {issuer}")
    if not all(isinstance(each, str) for each in deployments):
        raise unreadable(f"deployment_ids of {issuer} are not strings")
    return Found(
        platform=platform_of(members, _NAMES, issuer),
        client_id=text(members, "client_id", issuer, needed=True),
        deployments=tuple(
            Deployment(each, source=DeploymentSource.MANUAL) for each in dict.fromkeys(deployments)
        ),
    )


FORMAT: Final = Format(
    "pylti1p3", "PyLTI1p3's ToolConfJsonFile: a JSON file and its key files.", render, read
)
