"""The wanted content of a profile, as a document for ``apply`` describes it."""

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.integration import Deployment, Status, check_identifier
from ltictl.model.lms_side import Place
from ltictl.model.organization import check_slug
from ltictl.model.platform import Platform


class WantedOrganization(Struct, frozen=True):
    """The wanted facts of one organization.

    Attributes:
        slug: its identifier.
        name: ``None`` keeps the present name.
        invite: whether it gets an invitation while it has neither an invitation nor an integration.
        family: slug of its LMS's family, for the mail's clicks; empty if unknown.
        platform: URL of the only LMS that may use the invitation, empty for any.
    """

    slug: str
    name: str | None = None
    invite: bool = False
    family: str = ""
    platform: str = ""

    def __post_init__(self) -> None:
        check_slug(self.slug, "slug")


class WantedLms(Struct, frozen=True):
    """The wanted state of an integration in its LMS.

    Attributes:
        url: address of the LMS; it identifies the integration, which is registered if missing.
        active: the position of the LMS's switch, ``None`` keeps the present one.
        places: where the tool must be available; other places stay unchanged.
    """

    url: str = ""
    active: bool | None = None
    places: tuple[Place, ...] = ()


class WantedIntegration(Struct, frozen=True):
    """The wanted facts of one integration.

    Attributes:
        id: its id; if empty, organization, issuer and client_id identify it.
        organization: slug; may be empty where ``id`` names one that exists.
        issuer: of its LMS, empty where the document does not name one.
        platform: endpoints of a registration that was made by hand, ``None`` for one that an LMS
            makes.
        client_id: as the LMS issued it, empty without ``platform``.
        status: ``None`` keeps the present one, and makes a new integration ``pending``.
        deployments: the deployments that must exist, ``None`` keeps the present ones.
        lms: the state in its LMS, ``None`` keeps the present one.
    """

    id: str = ""
    organization: str = ""
    issuer: str = ""
    platform: Platform | None = None
    client_id: str = ""
    status: Status | None = None
    deployments: tuple[Deployment, ...] | None = None
    lms: WantedLms | None = None

    @property
    def by_lms(self) -> bool:
        """Whether only the LMS's address and the organization identify it."""
        # Then the LMS makes the registration, and its address is all that is known before.
        alone = not self.id and self.platform is None
        return alone and bool(self.organization and self.lms and self.lms.url)

    def __post_init__(self) -> None:
        if self.id:
            check_slug(self.id, "id")
        if self.platform is not None:
            check_identifier(self.client_id, "client_id")
            check_slug(self.organization, "organization")
        elif not self.id and not self.by_lms:
            raise InvalidValueError(
                "id",
                "is missing",
                fix="Name the integration, or give client_id and endpoints, or organization and "
                "lms.url.",
            )


class WantedState(Struct, frozen=True):
    """The whole content of a document for ``apply``."""

    organizations: tuple[WantedOrganization, ...] = ()
    integrations: tuple[WantedIntegration, ...] = ()
