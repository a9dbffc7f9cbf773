"""The handover to another runtime: registrations, keys, and the files made of them.

Pure: nothing here reads or writes a file.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import msgspec
from msgspec import Struct

from ltictl.lti.keys import private_half_held
from ltictl.model.ascii_json import ascii_json
from ltictl.model.integration import Deployment, Integration, Status
from ltictl.model.moment import to_the_minute
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.model.tool import Tool


class KeyPair(Struct, frozen=True):
    """A signing key with what runtimes want of it.

    Attributes:
        key: its public half and its dates.
        public_pem: SubjectPublicKeyInfo, PEM.
        private_pem: PKCS#8, PEM. Secret; empty for a key that does not sign.
    """

    key: SigningKey
    public_pem: str
    private_pem: str = ""

    @property
    def private_half(self) -> str:
        """The private half, for a runtime that signs with it.

        Raises:
            LtictlError: ``private_half_held``.
        """
        if self.key.held_as and self.key.state is KeyState.CURRENT:
            raise private_half_held(self.key)
        return self.private_pem


class Registration(Struct, frozen=True):
    """The tool at one platform: what a runtime knows as one registration.

    Several organizations may share it, told apart by deployment. An integration that took a new
    client is in two of them, until the LMS has the former client no more; one whose LMS moved is in
    two of them, until the time of the former address is over.

    Attributes:
        platform: as the integration that changed last describes it.
        client_id: as the LMS issued it.
        deployments: of all its integrations, each once.
        integrations: the oldest first.
    """

    platform: Platform
    client_id: str
    deployments: tuple[Deployment, ...]
    integrations: tuple[Integration, ...]

    @property
    def active(self) -> bool:
        """Whether any of its integrations is."""
        return any(each.status is Status.ACTIVE for each in self.integrations)

    @property
    def former_client(self) -> bool:
        """Whether all its integrations have another client by now."""
        return all(each.client_id != self.client_id for each in self.integrations)

    @property
    def former_address(self) -> bool:
        """Whether the LMSs of all its integrations have another issuer by now."""
        issuer = self.platform.issuer
        return all(each.platform.issuer != issuer for each in self.integrations)

    @property
    def label(self) -> str:
        """Its name for people: the ids of its integrations."""
        ids = ", ".join(each.id for each in self.integrations)
        former = f"former client {self.client_id}" if self.former_client else ""
        if self.former_address:
            former = ", ".join(filter(None, (former, f"former address {self.platform.host}")))
        return f"{ids} ({former})" if former else ids

    def active_at(self, deployment: str) -> bool:
        """Return whether an active integration owns this deployment."""
        return any(
            each.status is Status.ACTIVE and deployment in {one.id for one in each.deployments}
            for each in self.integrations
        )


class ExportContent(Struct, frozen=True, dict=True):
    """Everything that a format may take from.

    Attributes:
        tool: as ``profile.toml`` describes it.
        organizations: those that own an exported integration.
        integrations: as chosen, in the order of their ids.
        keys: every key of the profile, oldest first; only ``signer`` has its private half.
        external_keys: whether the runtime holds its own keys (``keys.managed_by``).
        kids: of every key that the profile knows, also where the runtime holds its own.
    """

    tool: Tool
    organizations: tuple[Organization, ...]
    integrations: tuple[Integration, ...]
    keys: tuple[KeyPair, ...]
    external_keys: bool = False
    kids: tuple[str, ...] = ()

    @cached_property
    def registrations(self) -> tuple[Registration, ...]:
        """The integrations, those of one (issuer, client_id) merged."""
        return merged(self.integrations)

    @property
    def signer(self) -> KeyPair | None:
        """The key that signs, ``None`` where the runtime holds its own."""
        return next((each for each in self.keys if each.key.state is KeyState.CURRENT), None)


class File(Struct, frozen=True):
    """A file to write.

    Attributes:
        name: without a folder; the main document's is only a proposal.
        data: all of it.
        secret: whether it holds a private key.
    """

    name: str
    data: bytes
    secret: bool = False


class Rendered(Struct, frozen=True):
    """The files of one format, and the remarks on them.

    Attributes:
        document: the main file.
        beside: files that it refers to by name, in the same folder.
        obsolete: names of files that former exports put beside it, of keys that it does not name.
        warnings: limits of the receiving runtime and missing facts, one sentence each.
    """

    document: File
    beside: tuple[File, ...] = ()
    obsolete: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def printable(self) -> bool:
        """Whether it may go to stdout: one document without a secret."""
        return not self.beside and not self.document.secret


def indented_json(document: object) -> str:
    """Return a document in JSON for people and programs: two spaces, ASCII, a line end."""
    # json.dumps indents in Python, which takes half of the time of exporting 10,000 integrations.
    return msgspec.json.format(ascii_json(document), indent=2) + "\n"


def merged(integrations: Iterable[Integration]) -> tuple[Registration, ...]:
    """Return one registration for each (issuer, client_id), compared exactly, the oldest first."""
    by_client: dict[tuple[str, str], list[tuple[Integration, Platform]]] = {}
    # By age, not by id: the oldest one gives a registration its identity in runtimes, and must
    # stay.
    for each in sorted(integrations, key=lambda one: (one.created_at, one.id)):
        for client in each.clients:
            key = (client.platform.issuer, client.client_id)
            by_client.setdefault(key, []).append((each, client.platform))
    return tuple(_registration(key[1], group) for key, group in by_client.items())


def _registration(client_id: str, group: Sequence[tuple[Integration, Platform]]) -> Registration:
    # Organizations that share a registration may have recorded different addresses: the last change
    # is the best one.
    _, platform = max(group, key=lambda one: one[0].updated_at)
    deployments = {one.id: one for each, _ in group for one in each.deployments}
    integrations = tuple(each for each, _ in group)
    return Registration(platform, client_id, tuple(deployments.values()), integrations)


def kept_addresses(registrations: Iterable[Registration], runtime: str) -> Iterator[str]:
    """Yield a warning for every former address that a runtime keeps when exports leave it out."""
    for each in (one for one in registrations if one.former_address):
        times = [
            former.accepted_until
            for integration in each.integrations
            for former in integration.former_addresses
            if former.platform.issuer == each.platform.issuer
        ]
        if times:
            yield (
                f"Exports leave out {each.label} after {to_the_minute(max(times))}, and {runtime} "
                "keeps it in its database: delete it there then."
            )


def without_deployments(registrations: Iterable[Registration], consequence: str) -> tuple[str, ...]:
    """Return a warning for every registration without known deployment ids."""
    return tuple(
        f"No deployment of {each.label} is known, so {consequence}. "
        f"Add it: ltictl deployment add {each.integrations[0].id} DEPLOYMENT_ID"
        for each in registrations
        if not each.deployments
    )
