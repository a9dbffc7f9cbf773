"""The kinds of documents that every command may need; the kinds of others stand at their use."""

from ltictl.model.integration import Integration
from ltictl.model.invitation import Invitation
from ltictl.model.organization import Organization
from ltictl.store.collection import DocumentKind

ORGANIZATIONS = DocumentKind(
    "organizations", "organization", "ltictl org list", Organization, "slug"
)
INVITATIONS = DocumentKind(
    "invitations", "invitation", "ltictl invitation list", Invitation, "id", is_random=True
)
INTEGRATIONS = DocumentKind("integrations", "integration", "ltictl list", Integration, "id")
