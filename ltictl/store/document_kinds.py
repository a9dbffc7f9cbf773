"""The kinds of documents, each with its folder, its noun and its record."""

from typing import Generic, TypeVar

from msgspec import Struct

from ltictl.model.integration import Integration
from ltictl.model.invitation import Invitation
from ltictl.model.organization import Organization

T = TypeVar("T", bound=Struct)


class DocumentKind(Struct, Generic[T], frozen=True):
    """One kind of document.

    Attributes:
        prefix: folder inside the profile.
        noun: what people call one of it.
        command: the command that lists them.
        record: what a document describes.
        key: the record's member that names the file.
        is_random: whether names are random, so that none is taken already.
    """

    prefix: str
    noun: str
    command: str
    record: type[T]
    key: str
    is_random: bool = False


# Those that every command may need. The others stand at their use: 'list' must not import their
# records.
ORGANIZATIONS = DocumentKind(
    "organizations", "organization", "ltictl org list", Organization, "slug"
)
INVITATIONS = DocumentKind(
    "invitations", "invitation", "ltictl invitation list", Invitation, "id", is_random=True
)
INTEGRATIONS = DocumentKind("integrations", "integration", "ltictl list", Integration, "id")
