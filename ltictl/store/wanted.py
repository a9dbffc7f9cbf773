"""Documents that say what is wanted: TOML, or a CSV list of organizations.

Only reading; a misspelt member is an error, not a silent default.
"""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from ltictl.errors import InvalidValueError, NotFoundError, UsageError
from ltictl.model.integration import Deployment, DeploymentSource, Status
from ltictl.model.platform import Platform
from ltictl.model.suggestion import did_you_mean
from ltictl.model.wanted import WantedIntegration, WantedOrganization, WantedState
from ltictl.model.web_address import WebAddress
from ltictl.store.fields import Fields
from ltictl.store.reading import read_named
from ltictl.store.toml import NotTomlError, parse

_ORGANIZATION = "slug name invite family platform"
_ENDPOINTS = "authorization_endpoint token_endpoint jwks_uri"
_INTEGRATION = f"id organization status issuer client_id {_ENDPOINTS} audience family deployments"
_COLUMNS = frozenset({"slug", "name", "family", "platform"})


def read_wanted(path: Path) -> WantedState:
    """The document at ``path``: CSV by its name, else TOML.

    Raises:
        NotFoundError: there is none.
        UsageError: it cannot be understood.
        UnreadableError: the operating system refused.
    """
    data = read_file(path)
    try:
        text = data.decode("utf-8-sig")
        wanted = _csv(text) if path.suffix.lower() == ".csv" else _toml(text)
        _require_single(wanted)
        return wanted
    except NotTomlError as error:
        raise UsageError(
            "invalid_document",
            f"{path}{error.place}: {error.problem}: {error.text}",
            why="The file is not TOML from that line on.",
            fix="Correct the line; docs/reference/apply.md shows what can be said.",
        ) from error
    except (InvalidValueError, ValueError) as error:
        fix = error.fix if isinstance(error, InvalidValueError) else ""
        raise UsageError(
            "invalid_document",
            f"{path}: {error}",
            why="The document says something that ltictl cannot do.",
            fix=fix or "Correct it; docs/reference/apply.md shows what can be said.",
        ) from error


def read_file(path: Path) -> bytes:
    """A file that somebody named.

    Raises:
        NotFoundError: there is none.
        UnreadableError: the operating system refused.
    """
    data = read_named(path)
    if data is None:
        raise NotFoundError("no_such_file", f"There is no file {path}.", fix="Check its name.")
    return data


def _toml(text: str) -> WantedState:
    document = parse(text)
    _refuse_unknown(document, "schema organizations integrations", "the document")
    fields = Fields(document)
    for table, known in (("organizations", _ORGANIZATION), ("integrations", _INTEGRATION)):
        for number, each in enumerate(document.get(table, ())):
            if isinstance(each, Mapping):
                _refuse_unknown(each, known, f"{table}[{number}]")
    return WantedState(
        tuple(_organization(each) for each in fields.tables("organizations")),
        tuple(_integration(each) for each in fields.tables("integrations")),
    )


def _refuse_unknown(table: Mapping[str, object], known: str, where: str) -> None:
    for member in table:
        if member not in known.split():
            raise InvalidValueError(
                f"{where}: {member}",
                "is not known",
                fix=f"{did_you_mean(member, known.split())}Known there: {known}.",
            )


def _organization(fields: Fields) -> WantedOrganization:
    return WantedOrganization(
        slug=fields.text("slug"),
        name=fields.text("name") if fields.has("name") else None,
        invite=fields.flag("invite"),
        family=fields.text("family", ""),
        platform=fields.text("platform", ""),
    )


def _integration(fields: Fields) -> WantedIntegration:
    if not fields.has("client_id"):
        _refuse_endpoints(fields)
    return WantedIntegration(
        id=fields.text("id", ""),
        organization=fields.text("organization", ""),
        issuer=fields.text("issuer", ""),
        platform=_platform(fields) if fields.has("client_id") else None,
        client_id=fields.text("client_id", ""),
        status=fields.choice("status", Status) if fields.has("status") else None,
        deployments=_deployments(fields) if fields.has("deployments") else None,
    )


def _refuse_endpoints(fields: Fields) -> None:
    """Refuse endpoints of no client: nothing would become of them."""
    for name in (*_ENDPOINTS.split(), "audience", "family"):
        if fields.has(name):
            raise InvalidValueError(
                "client_id",
                f"is missing beside {name}",
                fix="Give client_id, issuer and all endpoints, or only what is to change.",
            )


def _platform(fields: Fields) -> Platform:
    for name in ("issuer", *_ENDPOINTS.split()):
        if fields.text(name) or name != "token_endpoint":  # empty: an LMS without services
            WebAddress.parse(fields.text(name), name)
    return Platform(
        issuer=fields.text("issuer"),
        authorization_endpoint=fields.text("authorization_endpoint"),
        token_endpoint=fields.text("token_endpoint"),
        jwks_uri=fields.text("jwks_uri"),
        audience=fields.text("audience", "") or fields.text("token_endpoint"),
        family=fields.text("family", ""),
    )


def _deployments(fields: Fields) -> tuple[Deployment, ...]:
    """Plain ids, or tables with ``id`` and ``label``."""
    if fields.holds_texts("deployments"):
        plain = fields.texts("deployments")
        return tuple(Deployment(each, source=DeploymentSource.MANUAL) for each in plain)
    return tuple(
        Deployment(each.text("id"), each.text("label", ""), DeploymentSource.MANUAL)
        for each in fields.tables("deployments")
    )


def _csv(text: str) -> WantedState:
    header, _, _ = text.partition("\n")
    delimiter = ";" if ";" in header and "," not in header else ","
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter, strict=True)
    try:
        reader.fieldnames = _columns(reader.fieldnames or ())
        return WantedState(
            tuple(_row(each, reader.line_num) for each in reader if any(each.values()))
        )
    except csv.Error as error:
        line = max(reader.line_num, 1)
        raise InvalidValueError(f"line {line}", f"is no CSV ({error})") from error


def _columns(header: Iterable[str]) -> list[str]:
    columns = [name.strip().lower() for name in header]
    if "slug" not in columns or set(columns) - _COLUMNS:
        raise InvalidValueError(
            "the first line",
            "must name the columns",
            fix=f"'slug', and as you like {', '.join(sorted(_COLUMNS - {'slug'}))}.",
        )
    return columns


def _row(row: dict[str, str | None], line: int) -> WantedOrganization:
    if None in row:
        raise InvalidValueError(f"line {line}", "has more cells than the first line")
    cells = {name: (value or "").strip() for name, value in row.items()}
    try:
        return WantedOrganization(
            slug=cells["slug"],
            name=cells.get("name") or None,
            invite=True,
            family=cells.get("family", ""),
            platform=cells.get("platform", ""),
        )
    except InvalidValueError as error:
        raise InvalidValueError(f"line {line}", f"says: {error}", fix=error.fix) from error


def _require_single(wanted: WantedState) -> None:
    _no_twice("organization", (each.slug for each in wanted.organizations))
    _no_twice("integration", (each.id for each in wanted.integrations if each.id))


def _no_twice(noun: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidValueError(f"{noun} {name!r}", "stands there twice")
        seen.add(name)
