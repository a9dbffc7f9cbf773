"""The record of one product family that the embedded LMS plays."""

from enum import StrEnum
from typing import Any

from msgspec import Struct


class FamilyCode(StrEnum):
    """The families that can be played; the value is the ``product_family_code``."""

    MOODLE = "moodle"
    CANVAS = "canvas"
    BRIGHTSPACE = "desire2learn"
    SAKAI = "sakailms.org"
    BLACKBOARD = "BlackboardLearn"


class Like(StrEnum):
    """The same families by the names that people use."""

    MOODLE = "moodle"
    CANVAS = "canvas"
    BRIGHTSPACE = "brightspace"
    SAKAI = "sakai"
    BLACKBOARD = "blackboard"

    @property
    def code(self) -> FamilyCode:
        """The family's ``product_family_code``."""
        return FamilyCode[self.name]


class Basis(StrEnum):
    """The evidence for a behaviour: recorded, documented or assumed."""

    RECORDED = "recorded"
    DOCUMENTED = "from documentation"
    ASSUMED = "assumed"


class Behaviour(Struct, frozen=True):
    """One behaviour of a family."""

    what: str
    basis: Basis


class PlayedFamily(Struct, frozen=True):
    """One family's public face: what its configuration announces and how it introduces itself.

    Attributes:
        code: as in its configuration.
        title: what people call it.
        version: of the product.
        user_agent: with which it fetches key sets.
        scopes, claims, messages, variables: what it announces.
        behaviours: the parts that the sandbox plays, with their sources.
        heading: its page with the list of tools.
        clicks: the menus that lead to its form for a new tool, in order; empty where the form
            stands above the list.
        method: label and value of the choice that comes before the address; empty for none.
        url_label: the field for the tool's address.
        add_label: the button that starts a registration.
        review: its own pages after the tool's page, in order.
        states: what it calls a tool that is switched off, and one that is switched on.
        switch_label: the button that switches a tool on.
        opens_tab: whether the tool's page opens in a tab of its own instead of a frame.
        options: check boxes beside the tool's address: name and label.
        invalid_launch: status of its answer to a launch that it cannot make sense of.
        reposts: whether a launch without its session cookie is sent to it once more.
    """

    code: FamilyCode
    title: str
    version: str
    user_agent: str
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    messages: tuple[dict[str, Any], ...]
    variables: tuple[str, ...]
    behaviours: tuple[Behaviour, ...]
    heading: str = "Manage tools"
    clicks: tuple[str, ...] = ()
    method: tuple[str, str] = ("", "")
    url_label: str = "Tool URL"
    add_label: str = "Add LTI Advantage"
    review: tuple[str, ...] = ()
    states: tuple[str, str] = ("Pending", "Active")
    switch_label: str = "Activate"
    opens_tab: bool = False
    options: tuple[tuple[str, str], ...] = ()
    invalid_launch: int = 400
    reposts: bool = False

    @property
    def offers_all(self) -> tuple[str, ...]:
        """The scopes of services, without ``openid``."""
        return tuple(scope for scope in self.scopes if scope != "openid")


def recorded(*what: str) -> tuple[Behaviour, ...]:
    """Behaviours that were recorded."""
    return tuple(Behaviour(each, Basis.RECORDED) for each in what)


def documented(*what: str) -> tuple[Behaviour, ...]:
    """Behaviours that stand in documentation or source."""
    return tuple(Behaviour(each, Basis.DOCUMENTED) for each in what)


def assumed(*what: str) -> tuple[Behaviour, ...]:
    """Behaviours without a source."""
    return tuple(Behaviour(each, Basis.ASSUMED) for each in what)
