"""The wanted content of a profile: organizations, integrations, their states."""

from msgspec import Struct

from ltictl.errors import InvalidValueError
from ltictl.model.integration import Deployment, Status, check_identifier
from ltictl.model.lms_side import Place
from ltictl.model.organization import check_slug
from ltictl.model.platform import Platform


class WantedOrganization(Struct, frozen=True):
    """An organization as wanted.

    Attributes:
        slug: its identifier.
        name: ``None`` leaves it as it is.
        invite: whether it gets an invitation while it has neither one nor an integration.
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
    """The LMS's own side as wanted.

    Attributes:
        url: address of the LMS, by which the integration is found, and registered if there is none.
        active: the position of its switch, ``None`` leaves it as it is.
        places: where the tool must be available; others stay as they are.
    """

    url: str = ""
    active: bool | None = None
    places: tuple[Place, ...] = ()


class WantedIntegration(Struct, frozen=True):
    """An integration as wanted.

    Attributes:
        id: which one; empty means: by organization, issuer and client_id.
        organization: slug; may be empty where ``id`` names one that exists.
        issuer: of its LMS, empty where the document does not name one.
        platform: endpoints of a registration that was made by hand, ``None`` for one that an LMS
            makes.
        client_id: as the LMS issued it, empty without ``platform``.
        status: ``None`` leaves it as it is; a new one begins as ``pending`` then.
        deployments: those that must be there, ``None`` leaves them as they are.
        lms: its LMS's own side, ``None`` leaves it as it is.
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
        """Whether the LMS's address and the organization name it, and nothing else."""
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
    """A whole document."""

    organizations: tuple[WantedOrganization, ...] = ()
    integrations: tuple[WantedIntegration, ...] = ()
