"""django-lti: a fixture for ``loaddata``, which also updates what an earlier one made.

Rows carry fixed primary keys, since django-lti has no natural keys and a deployment refers to its
registration by number. Models: ``lti_tool/models.py`` of django-lti 0.10.1.
"""

import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
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
    kept_addresses,
)
from ltictl.interchange.registry import Format
from ltictl.model.integration import Deployment, DeploymentSource, Status, integration_uuid
from ltictl.model.signing_key import KeyState

_REGISTRATION: Final = "lti_tool.ltiregistration"
_DEPLOYMENT: Final = "lti_tool.ltideployment"
_KEY: Final = "lti_tool.key"
_NAMES: Final = {
    "authorization_endpoint": "auth_url",
    "token_endpoint": "token_url",
    "jwks_uri": "keyset_url",
    "audience": "audience",
}
# AutoField is a 32-bit integer: far above what an application counts to by itself, and far enough
# from the end for what it counts on from there.
_FIRST, _SPAN = 1 << 28, 3 << 28


class _Numbers:
    """Primary keys that are the same at every export of the same thing."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, int]] = set()

    def of(self, model: str, name: str) -> int:
        """Return the number of a row that is called ``name`` for good."""
        import hashlib

        digest = hashlib.sha256(f"{model} {name}".encode()).digest()
        number = int.from_bytes(digest[:8], "big") % _SPAN
        # Two names with one number are rare. The order of an export is fixed, so the same one moves
        # on each time.
        while (model, number) in self._taken:
            number = (number + 1) % _SPAN
        self._taken.add((model, number))
        return _FIRST + number


def render(content: ExportContent) -> Rendered:
    """Return the fixture: the tool's keys, registrations, deployments."""
    numbers = _Numbers()
    signer = content.signer
    document = [
        *(_key(numbers, each, signer) for each in content.keys),
        *(row for each in content.registrations for row in _registration(numbers, each)),
    ]
    secret = signer is not None and bool(signer.private_pem)
    data = indented_json(document).encode()
    return Rendered(File("lti.json", data, secret=secret), warnings=tuple(_warnings(content)))


def _key(numbers: _Numbers, pair: KeyPair, signer: KeyPair | None) -> dict[str, Any]:
    created = pair.key.created_at
    if signer is not None and pair.key.state is KeyState.NEXT:
        # The newest active key signs there; one that is only published must not look newer.
        created = min(created, signer.key.created_at - timedelta(seconds=1))
    return _row(
        _KEY,
        numbers.of(_KEY, pair.key.kid),
        public_key=pair.public_pem,
        private_key=pair.private_half,
        is_active=pair.key.published,
        **_dates(created),
    )


def _registration(numbers: _Numbers, registration: Registration) -> Iterator[dict[str, Any]]:
    platform, oldest = registration.platform, registration.integrations[0]
    # A UUID names one registration there, and the login address of the present client holds it.
    identifier = str(integration_uuid(f"{oldest.id}{_distinction(registration)}"))
    number = numbers.of(_REGISTRATION, identifier)
    yield _row(
        _REGISTRATION,
        number,
        name=(platform.name or registration.label)[:255],
        uuid=identifier,
        issuer=platform.issuer,
        client_id=registration.client_id,
        # Empty stands for the token endpoint there.
        audience="" if platform.audience == platform.token_endpoint else platform.audience,
        auth_url=before_appended_query(platform.authorization_endpoint),
        token_url=token_endpoint(platform.token_endpoint),
        keyset_url=platform.jwks_uri,
        is_active=registration.active,
        public_key="",
        private_key="",
        **_dates(oldest.created_at),
    )
    for each in registration.deployments:
        yield _row(
            _DEPLOYMENT,
            numbers.of(_DEPLOYMENT, f"{identifier} {each.id}"),
            registration=number,
            deployment_id=each.id,
            is_active=registration.active_at(each.id),
            **_dates(oldest.created_at),
        )


def _distinction(registration: Registration) -> str:
    """Return what tells a former registration of an integration from its present one."""
    client = f" {registration.client_id}"
    if registration.former_address:
        return f" {registration.platform.issuer}{client}"
    return client if registration.former_client else ""


def _row(model: str, number: int, **fields: object) -> dict[str, Any]:
    return {"model": model, "pk": number, "fields": fields}


def _dates(created: datetime) -> dict[str, str]:
    """Return both dates of a row."""
    # A fixture is loaded raw, so that nothing fills them in.
    return dict.fromkeys(("datetime_created", "datetime_modified"), created.isoformat())


def _warnings(content: ExportContent) -> Iterator[str]:
    for each in content.registrations:
        if not each.deployments:
            yield (
                f"No deployment of {each.label} is known: django-lti makes one, inactive, at the "
                "first launch; activate it there."
            )
    yield from (
        f"django-lti finds a registration by the UUID in the login address and by the issuer at "
        f"once, and {each.label} is of the former issuer: launches from there fail."
        for each in content.registrations
        if each.former_address and "{integration_uuid}" in content.tool.initiate_login_uri
    )
    yield from (
        f"django-lti finds a client by the UUID in its login address, and {each.label} has the one "
        "of the present client: activities of that tool open only if its login address holds "
        f"{integration_uuid(f'{each.integrations[0].id} {each.client_id}')}. To go back to it: "
        f"ltictl recover {each.integrations[0].id} --former-client {shlex.quote(each.client_id)}"
        for each in content.registrations
        if each.former_client
        and not each.former_address
        and "{integration_uuid}" in content.tool.initiate_login_uri
    )
    yield from kept_addresses(content.registrations, "django-lti")
    yield from query_warnings(content.registrations, mended_query)
    long = [each for each in content.registrations if _too_long(each)]
    yield from (f"An address of {each.label} is longer than django-lti holds." for each in long)


def _too_long(registration: Registration) -> bool:
    # URLField's own limit; SQLite would take more, other databases would refuse the row.
    platform = registration.platform
    urls = (platform.authorization_endpoint, platform.token_endpoint, platform.jwks_uri)
    return any(len(each) > 200 for each in urls)  # noqa: PLR2004  Django's default max_length


def read(data: bytes) -> ForeignDocument:
    """Return the registrations and active deployments in ``dumpdata lti_tool``."""
    entries = [table(each, "a row") for each in rows(parse_json(data), "the document")]
    registrations = {
        str(each.get("pk")): table(each.get("fields"), "a registration")
        for each in entries
        if each.get("model") == _REGISTRATION
    }
    owned: dict[str, list[Deployment]] = {}
    for each in entries:
        if each.get("model") == _DEPLOYMENT:
            number, deployment = _deployment(table(each.get("fields"), "a deployment"))
            owned.setdefault(number, []).extend(deployment)
    found = each_once(
        _found(fields, tuple(owned.get(number, ()))) for number, fields in registrations.items()
    )
    if not found:
        raise unreadable(f"it holds no {_REGISTRATION}")
    return ForeignDocument(found, tuple(_untaken(entries)))


def _deployment(fields: dict[str, Any]) -> tuple[str, list[Deployment]]:
    """Return the registration's number and its deployment; none where it is inactive."""
    identifier = text(fields, "deployment_id", "a deployment", needed=True)
    active = fields.get("is_active") is True
    made = [Deployment(identifier, source=DeploymentSource.MANUAL)] if active else []
    return str(fields.get("registration")), made


def _found(fields: dict[str, Any], deployments: tuple[Deployment, ...]) -> Found:
    issuer = text(fields, "issuer", "a registration", needed=True)
    return Found(
        platform=platform_of(fields, _NAMES, issuer),
        client_id=text(fields, "client_id", issuer, needed=True),
        deployments=deployments,
        status=Status.DISABLED if fields.get("is_active") is False else Status.ACTIVE,
    )


def _untaken(entries: list[dict[str, Any]]) -> Iterator[str]:
    if any(each.get("model") == _KEY for each in entries):
        yield "Its keys are not taken over; write each into a file and use 'ltictl keys import'."


FORMAT: Final = Format("django-lti", "django-lti: a fixture for loaddata.", render, read)
