"""Profiles with any number of integrations, written fast: the real documents, without fsync."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rtoml
import tomli_w

from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    Updatable,
)
from ltictl.model.invitation import Invitation, secret_digest
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.store.document_text import Document, render_document
from ltictl.store.records import document_of
from tests.bench.installation import Installation
from tests.bench.timing import output_of
from tests.support.recordings import load

_NOWHERE = "https://127.0.0.1:9"  # a tool that nobody can reach, without asking a name server
HOST = "HOST"
_EACH = 5  # integrations of one organization
_NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
_SCOPES = tuple(
    f"https://purl.imsglobal.org/spec/lti-{name}"
    for name in ("ags/scope/lineitem", "ags/scope/score", "nrps/scope/contextmembership.readonly")
)


@dataclass(frozen=True, slots=True)
class MadeProfile:
    """A profile on disk.

    Attributes:
        home: what ``LTICTL_HOME`` is to point at.
        environment: of commands that shall use it.
        ids: its integrations.
    """

    home: Path
    environment: dict[str, str]
    ids: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return self.home / "profiles" / "default"

    def document(self, identifier: str) -> Path:
        """The file of one integration."""
        return self.folder / "integrations" / f"{identifier}.toml"

    def write(self, path: str, document: Document) -> None:
        """Write any document."""
        file = self.folder / f"{path}.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(render_document(document))

    def invite(self, number: int) -> str:
        """A new organization with an open invitation; returns the ``t`` parameter."""
        slug, secret = f"newcomer-{number}", f"secret-{number:018}"
        self.write(f"organizations/{slug}", _organization(slug))
        invitation = Invitation(
            id=f"{number:08x}",
            secret_sha256=secret_digest(secret),
            organization=slug,
            platform=None,
            created_at=datetime.now(UTC).replace(microsecond=0),
            expires_at=datetime.now(UTC).replace(microsecond=0) + timedelta(days=1),
        )
        self.write(f"invitations/{invitation.id}", document_of(invitation, "id"))
        return f"{invitation.id}.{secret}"

    def forget(self, name: str) -> None:
        """Remove a folder of the profile with all that is in it."""
        shutil.rmtree(self.folder / name, ignore_errors=True)


def make_profile(
    installation: Installation, name: str, count: int, platform: str = "", tool: str = ""
) -> MadeProfile:
    """A profile with ``count`` pending integrations, made anew.

    Args:
        installation: its ``init`` makes the profile and its key.
        name: of the folder.
        count: how many integrations.
        platform: base URL, as in ``lms_url``.
        tool: the tool's URL.
    """
    home = installation.work / "homes" / name
    shutil.rmtree(home, ignore_errors=True)
    environment = installation.environment(home)
    url = tool or _NOWHERE
    init: list[str | Path] = [
        installation.ltictl,
        "init",
        "--name",
        "Example",
        "--url",
        url,
        "--json",
    ]
    output_of(init, environment)
    ids = tuple(_identifier(number) for number in range(count))
    made = MadeProfile(home, environment, ids)
    answer = load("04-registration-request/full").response.json()
    answer["jwks_uri"] = f"{url}/.well-known/jwks.json"
    for number, identifier in enumerate(ids):
        base = lms_url(platform, number)
        integration = _integration(identifier, number, base, answer)
        if number % _EACH == 0:
            slug = integration.organization
            made.write(f"organizations/{slug}", _organization(slug))
        made.write(f"integrations/{identifier}", document_of(integration, "id"))
    return made


def lms_url(platform: str, number: int) -> str:
    """The base URL of one integration's LMS.

    Args:
        platform: the URL below which each has its own; ``HOST`` in it becomes an address of this
            computer for each; empty for host names that nobody has.
        number: of the integration.
    """
    if not platform:
        return f"https://lms-{number:05}.example.edu"
    host = f"127.{number // 62500 + 1}.{number // 250 % 250 + 1}.{number % 250 + 1}"
    return f"{platform.replace(HOST, host)}/{number:05}"


def wanted_text(profile: MadeProfile) -> str:
    """A document for ``apply`` that says of every integration all that can be said."""
    tables = []
    for identifier in profile.ids:
        stored = rtoml.loads(profile.document(identifier).read_text("utf-8"))
        platform = stored["platform"]
        names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "family")
        said = {name: platform[name] for name in names}
        said |= {name: stored[name] for name in ("organization", "client_id")}
        tables.append({"id": identifier, **said})
    return tomli_w.dumps({"integrations": tables})


def _identifier(number: int) -> str:
    which = number % _EACH
    return f"school-{number // _EACH:04}-moodle{f'-{which + 1}' if which else ''}"


def _organization(slug: str) -> Document:
    return document_of(Organization(slug, _NOW, f"The school {slug}"), "slug")


def _integration(identifier: str, number: int, base: str, answer: dict[str, object]) -> Integration:
    client_id = f"client{number:09}"
    return Integration(
        id=identifier,
        organization=f"school-{number // _EACH:04}",
        status=Status.PENDING,
        platform=Platform(
            issuer=base,
            authorization_endpoint=f"{base}/mod/lti/auth.php",
            token_endpoint=f"{base}/mod/lti/token.php",
            jwks_uri=f"{base}/mod/lti/certs.php",
            audience=f"{base}/mod/lti/token.php",
            registration_endpoint=f"{base}/mod/lti/openid-registration.php",
            configuration_url=f"{base}/mod/lti/openid-configuration.php",
            family="moodle",
            version="4.5 (Build: 20241007)",
            guid=f"{number:032x}",
        ),
        client_id=client_id,
        created_at=_NOW,
        updated_at=_NOW,
        deployments=(Deployment(str(number), source=DeploymentSource.REGISTRATION),),
        scopes=Scopes(requested=_SCOPES, answered=_SCOPES),
        updatable=Updatable.RERUN,
        signing_key="WNlxIY66q6xYA_8TNhlqvpB1OMp5VZ7v3VgmPCGyJtU",
        answer=json.dumps(answer | {"client_id": client_id}),
    )
