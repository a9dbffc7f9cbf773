"""The LMS's own side of an integration: its switch, its deployments, the token's rights there."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from msgspec import Struct, field

from ltictl.errors import InvalidValueError
from ltictl.model.moment import Moment


class PlaceKind(StrEnum):
    """The kinds of place in an LMS that can have the tool."""

    ACCOUNT = "account"
    COURSE = "course"
    ORG_UNIT = "org-unit"


class Place(Struct, frozen=True):
    """A place in an LMS; without an id it is the root of the kind."""

    kind: PlaceKind = PlaceKind.ACCOUNT
    id: str = ""

    @classmethod
    def parse(cls, text: str, field: str) -> Self:
        """A place as people write it: ``root``, or its kind and id, such as ``course:101``.

        Raises:
            InvalidValueError: it is none.
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
    def told(self) -> str:
        """The same text again."""
        return f"{self.kind.value}:{self.id}" if self.id else "root"


class Identity(Struct, frozen=True):
    """The owner of a token.

    Attributes:
        name: of the person or the application.
        account: the account or site that the token reaches, as people call it.
        rights: the needed rights that it has.
        missing: the needed rights that it lacks.
        beyond: what it may do that is not needed.
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
        deployments: deployment ids that are known here.
        update: whether to look for a change that waits to be accepted, too.
    """

    client_id: str
    deployments: tuple[str, ...] = ()
    update: bool = False


class LmsDeployment(Struct, frozen=True):
    """One deployment as the LMS has it.

    Attributes:
        id: the ``deployment_id``; empty where the LMS's model has none.
        key: the LMS's own id of it.
        kind: of its place.
        context: id of its place.
        name: of its place.
        available: whether people there see the tool, ``None`` where the LMS does not say.
        places: those below its own where the tool is available, as ``Place.told`` names them.
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
        active: its own switch, ``None`` where it does not say.
        word: the state in the LMS's own word.
        key: the LMS's own id of the registration.
        deployments: ``None`` where the LMS tells none.
        update: the LMS's own id of a change that waits to be accepted, empty for none.
        recorded: what it has recorded, by the members of a registration request:
            ``client_name``, ``initiate_login_uri``, ``jwks_uri``, ``redirect_uris`` and ``scope``
            (both space-separated), ``target_link_uri``; as far as it says.
        way: the part of the interface that knows it, where there are several.
    """

    found: bool
    active: bool | None = None
    word: str = ""
    key: str = ""
    deployments: tuple[LmsDeployment, ...] | None = None
    update: str = ""
    recorded: Mapping[str, str] = field(default_factory=dict)
    way: str = ""


class LmsSwitch(Struct, frozen=True):
    """The LMS's switch as it was last seen.

    Attributes:
        active: its position.
        word: in the LMS's own word.
        since: when this position was seen first.
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
