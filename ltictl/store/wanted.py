"""Read the documents of ``apply``: TOML, or a CSV list of organizations."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from ltictl.errors import InvalidValueError, NotFoundError, UsageError
from ltictl.model.integration import Deployment, DeploymentSource, Status
from ltictl.model.lms_side import Place
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.wanted import WantedIntegration, WantedLms, WantedOrganization, WantedState
from ltictl.model.web_address import WebAddress
from ltictl.store.reading import read_named
from ltictl.store.records import check_tables, read_table, refuse_unknown
from ltictl.store.toml import NotTomlError, parse

_OPTIONAL = ("audience", "family")
_MAX_DOCUMENT = 256 * 1024**2  # the export of 100,000 integrations takes 200 MB
_COLUMNS = frozenset({"slug", "name", "family", "platform"})


def read_wanted(path: Path) -> WantedState:
    """Read the document at ``path``, CSV by its suffix, else TOML.

    Raises:
        NotFoundError: there is none.
        UsageError: ``invalid_document``.
        UnreadableError: the operating system refused.
    """
    data = read_file(path)
    try:
        text = data.decode("utf-8-sig")  # spreadsheets write a byte order mark
        wanted = _csv(text) if path.suffix.lower() == ".csv" else _toml(text)
        _require_single(wanted)
        return wanted
    except NotTomlError as error:
        raise UsageError(
            "invalid_document",
            f"{path}{error.place}: {error.problem}: {error.text}",
            why="The file is not TOML from that line on.",
            fix="Correct the line; 'ltictl help wanted-state' shows what can be said.",
        ) from error
    except (InvalidValueError, ValueError) as error:
        fix = error.fix if isinstance(error, InvalidValueError) else ""
        raise UsageError(
            "invalid_document",
            f"{path}: {error}",
            why="The document says something that ltictl cannot do.",
            fix=fix or "Correct it; 'ltictl help wanted-state' shows what can be said.",
        ) from error


def read_file(path: Path) -> bytes:
    """Return the content of a file that a person named.

    Raises:
        NotFoundError: there is none.
        UnreadableError: the operating system refused.
    """
    data = read_named(path, _MAX_DOCUMENT)
    if data is None:
        raise NotFoundError("no_such_file", f"There is no file {path}.", fix="Check its name.")
    return data


def _toml(text: str) -> WantedState:
    document = parse(text)
    refuse_unknown(document, ["schema", "organizations", "integrations"], "")
    organizations = check_tables(document.get("organizations", []), "organizations")
    integrations = check_tables(document.get("integrations", []), "integrations")
    return WantedState(
        tuple(read_table(WantedOrganization, each, name) for name, each in organizations),
        tuple(_integration(each, name) for name, each in integrations),
    )


class WrittenIntegration(Struct, frozen=True):
    """One of ``[[integrations]]``, with the endpoints of its platform beside its own members."""

    id: str = ""
    organization: str = ""
    status: Status | None = None
    issuer: str = ""
    client_id: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    audience: str = ""
    family: str = ""
    deployments: tuple[Deployment, ...] | None = None
    lms: dict[str, Any] | None = None


class WrittenLms(Struct, frozen=True):
    """The LMS's own side of an integration: address, switch, and places for the tool."""

    url: str = ""
    state: Literal["on", "off"] | None = None
    deploy: tuple[str, ...] = ()


def _lms(table: object, place: str) -> WantedLms:
    written = read_table(WrittenLms, table, place)
    if written.url:
        WebAddress.parse(written.url, f"{place}.url")
    places = tuple(Place.parse(each, f"{place}.deploy") for each in written.deploy)
    active = None if written.state is None else written.state == "on"
    return WantedLms(written.url, active, places)


def _integration(table: Mapping[str, Any], place: str) -> WantedIntegration:
    members = {**table}
    # Before the record is read: a deployment may be a plain id, which no record describes.
    if "deployments" in members:
        members["deployments"] = _deployments(members["deployments"], f"{place}.deployments")
    if "client_id" not in members:
        _refuse_endpoints(members)
    lms = _lms(members["lms"], f"{place}.lms") if "lms" in members else None
    written = read_table(WrittenIntegration, members, place)
    return WantedIntegration(
        id=written.id,
        organization=written.organization,
        issuer=written.issuer,
        platform=_platform(written, members, place) if "client_id" in members else None,
        client_id=written.client_id,
        status=written.status,
        deployments=written.deployments,
        lms=lms,
    )


def _refuse_endpoints(members: Mapping[str, Any]) -> None:
    """Refuse endpoints without a client."""
    # No integration would get them, and the author would not notice.
    for name in (*ENDPOINTS, *_OPTIONAL):
        if name in members:
            raise InvalidValueError(
                "client_id",
                f"is missing beside {name}",
                fix="Give client_id, issuer and all endpoints, or only what is to change.",
            )


def _platform(written: WrittenIntegration, table: Mapping[str, Any], place: str) -> Platform:
    for name in ("issuer", *ENDPOINTS):
        if name not in table:
            raise InvalidValueError(f"{place}.{name}", "is missing")
        if table[name] or name != "token_endpoint":  # empty: an LMS without services
            WebAddress.parse(table[name], f"{place}.{name}")
    members = {name: getattr(written, name) for name in ("issuer", *ENDPOINTS, *_OPTIONAL)}
    return Platform(**members)


class WrittenDeployment(Struct, frozen=True):
    """A deployment with a label."""

    id: str
    label: str = ""


def _deployments(value: object, place: str) -> list[Deployment]:
    """Read deployments from plain ids or from tables with ``id`` and ``label``."""
    entries = value if isinstance(value, list) else [value]
    tables = [{"id": each} if isinstance(each, str) else each for each in entries]
    written = (
        read_table(WrittenDeployment, each, name) for name, each in check_tables(tables, place)
    )
    return [Deployment(each.id, each.label, DeploymentSource.MANUAL) for each in written]


def _csv(text: str) -> WantedState:
    # Spreadsheets write semicolons where the comma is the decimal sign.
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


# Two entries of one name could contradict each other, and the order of lines would decide.
def _require_single(wanted: WantedState) -> None:
    _no_twice("organization", (each.slug for each in wanted.organizations))
    _no_twice("integration", (each.id for each in wanted.integrations if each.id))


def _no_twice(noun: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidValueError(f"{noun} {name!r}", "stands there twice")
        seen.add(name)
