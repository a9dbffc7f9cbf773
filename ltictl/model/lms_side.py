"""The LMS's own side of an integration: its switch, its deployments, the token's rights there."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from msgspec import Struct, field

from ltictl.errors import InvalidValueError
from ltictl.model.moment import Moment


class PlaceKind(StrEnum):
    """The kinds of place in an LMS where the tool can be available."""

    ACCOUNT = "account"
    COURSE = "course"
    ORG_UNIT = "org-unit"


class Place(Struct, frozen=True):
    """A place in an LMS; without an id it is the root of the kind."""

    kind: PlaceKind = PlaceKind.ACCOUNT
    id: str = ""

    @classmethod
    def parse(cls, text: str, field: str) -> Self:
        """Read a place as people write it: ``root``, or kind and id, such as ``course:101``.

        Raises:
            InvalidValueError: the text names no place.
        """
        if text == "root":
            return cls()
        kind, _, identifier = text.partition(":")
        if kind in set(PlaceKind) and identifier.isascii() and identifier.isalnum():
            return cls(PlaceKind(kind), identifier)
        raise InvalidValueError(
            field,
            f"{text[:40]!r} names no place",
            fix="root, account:ID, course:ID or org-unit:ID; the LMS shows the id in the page's "
            "address.",
        )

    @property
    def text(self) -> str:
        """The place in the form that people write and ``parse`` reads."""
        return f"{self.kind.value}:{self.id}" if self.id else "root"


class Identity(Struct, frozen=True):
    """The owner of a token.

    Attributes:
        name: of the person or the application.
        account: the name of the account or site that the token reaches.
        rights: the needed rights that it has.
        missing: the needed rights that it lacks.
        beyond: its rights that ltictl does not need.
        ways: how tools can be registered there, in the interface's own words.
    """

    name: str
    account: str = ""
    rights: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()


class Target(Struct, frozen=True):
    """The registration that a question or a change is about.

    Attributes:
        client_id: as issued.
        deployments: the deployment ids that ltictl knows.
        update: whether to look also for a change that waits to be accepted.
    """

    client_id: str
    deployments: tuple[str, ...] = ()
    update: bool = False


class LmsDeployment(Struct, frozen=True):
    """One deployment as the LMS has it.

    Attributes:
        id: the ``deployment_id``; empty where the LMS has no such id.
        key: the LMS's own id of it.
        kind: of its place.
        context: id of its place.
        name: of its place.
        available: whether people there see the tool, ``None`` where the LMS does not say.
        places: the places below its own where the tool is available, as ``Place.text`` gives them.
    """

    id: str
    key: str = ""
    kind: PlaceKind = PlaceKind.ACCOUNT
    context: str = ""
    name: str = ""
    available: bool | None = None
    places: tuple[str, ...] = ()


class LmsState(Struct, frozen=True):
    """The LMS's own side of one registration.

    Attributes:
        found: whether the LMS has the client.
        active: the LMS's own switch, ``None`` where it does not show one.
        word: the LMS's own word for the state.
        key: the LMS's own id of the registration.
        deployments: ``None`` where the LMS lists none.
        update: the LMS's own id of a change that waits to be accepted, empty for none.
        recorded: the recorded settings that the LMS shows, named as in a registration request:
            ``client_name``, ``initiate_login_uri``, ``jwks_uri``, ``redirect_uris`` and ``scope``
            (both space-separated), ``target_link_uri``.
        way: the part of the interface that lists it, where there are several.
        uses: how many activities use it, 0 where the LMS does not say.
    """

    found: bool
    active: bool | None = None
    word: str = ""
    key: str = ""
    deployments: tuple[LmsDeployment, ...] | None = None
    update: str = ""
    recorded: Mapping[str, str] = field(default_factory=dict)
    way: str = ""
    uses: int = 0


class LmsSwitch(Struct, frozen=True):
    """The LMS's switch as ltictl last saw it.

    Attributes:
        active: its position.
        word: the LMS's own word for the position.
        since: when ltictl first saw this position.
    """

    active: bool
    word: str
    since: Moment


class LmsAction(StrEnum):
    """The kinds of change at an LMS."""

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    DEPLOY = "deploy"
    ACCEPT_UPDATE = "accept-update"
    REMOVE = "remove"
