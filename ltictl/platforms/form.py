"""The form in which a person enters the tool in an LMS: its fields, and what the LMS shows then."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from ltictl.lti.vocabulary import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION

YES: Final = "yes"
NO: Final = "no"

# What most LMSs show afterwards, and which option of ``ltictl add`` takes it.
CLIENT: Final = ("Client ID", "--client-id")
DEPLOYMENT: Final = ("Deployment ID", "--deployment")
ENDPOINTS: Final = (
    ("Authentication request URL", "--authorization-endpoint"),
    ("Access token URL", "--token-endpoint"),
    ("Public keyset URL", "--jwks-uri"),
)

# One switch of an LMS covers all of them.
NAME_CLAIMS: Final = {"name", "given_name", "family_name"}

Fields = list[tuple[str, str]]


class FormRequest:
    """A registration request, in the terms of forms."""

    def __init__(self, request: Mapping[str, Any], public_key: str) -> None:
        tool = request[TOOL_CONFIGURATION]
        scopes = set(request.get("scope", "").split())
        linking = [each for each in tool["messages"] if each["type"] == DEEP_LINKING]
        self.public_key = public_key
        self.name: str = request["client_name"]
        self.description: str = tool.get("description", "")
        self.domain: str = tool["domain"]
        self.target: str = tool["target_link_uri"]
        self.login: str = request["initiate_login_uri"]
        self.key_set: str = request["jwks_uri"]
        self.logo: str = request.get("logo_uri", "")
        self.redirects: list[str] = request["redirect_uris"]
        self.parameters: dict[str, str] = tool.get("custom_parameters", {})
        # "lineitem" lets a tool make columns, and with them write grades.
        self.columns = SCOPES["lineitem"] in scopes
        self.grades = self.columns or not scopes.isdisjoint(
            {SCOPES["score"], SCOPES["result.readonly"], SCOPES["lineitem.readonly"]}
        )
        self.members = SCOPES["contextmembership.readonly"] in scopes
        self.names = not NAME_CLAIMS.isdisjoint(tool["claims"])
        self.mail = "email" in tool["claims"]
        self.linking = bool(linking)
        self.linking_target: str = linking[0].get("target_link_uri", "") if linking else ""


class Form(Struct, frozen=True):
    """The form of one LMS.

    Attributes:
        where: the clicks that lead to it.
        fields: label and value of each field, in the form's order, for a tool.
        afterwards: what the LMS shows then, and which option of ``ltictl add`` takes it.
        document: makes a text to paste in place of the fields, ``None`` for none.
        fixture: makes what the LMS's own command loads instead; ``None`` where it has none.
    """

    where: str
    fields: Callable[[FormRequest], Fields]
    afterwards: tuple[tuple[str, str], ...]
    document: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    fixture: Callable[[Mapping[str, Any]], "Fixture"] | None = None


class Fixture(Struct, frozen=True):
    """A document that a command on the LMS's own host loads.

    Attributes:
        entries: the entries to load.
        command: the one that loads it.
        options: those of ``ltictl add`` that are known beforehand, with their values.
    """

    entries: list[dict[str, Any]]
    command: str
    options: tuple[tuple[str, str], ...]


class ByHand(Struct, frozen=True):
    """The form of one LMS, filled in for one tool.

    Attributes:
        where: the clicks that lead to the form.
        fields: label and value, in the form's order, without empty ones.
        afterwards: what the LMS shows then, and which option of ``ltictl add`` takes it.
        document: the text to paste in place of the fields, ``None`` for none.
    """

    where: str
    fields: tuple[tuple[str, str], ...]
    afterwards: tuple[tuple[str, str], ...]
    document: dict[str, Any] | None = None


def filled_in(form: Form, request: Mapping[str, Any], public_key: str = "") -> ByHand:
    """Fill in a form.

    Args:
        form: of any family.
        request: the tool's registration request, cut for that family.
        public_key: the tool's public key as PEM, for forms that take no address of a key set.
    """
    values = form.fields(FormRequest(request, public_key))
    return ByHand(
        where=form.where,
        fields=tuple((label, value) for label, value in values if value),
        afterwards=form.afterwards,
        document=form.document(request) if form.document else None,
    )


def yes(value: object) -> str:
    """Return a box to tick, or not."""
    return YES if value else NO


def lines(values: list[str]) -> str:
    """Return a field that takes one value on each line."""
    return "\n".join(values)


def pairs(parameters: Mapping[str, str]) -> str:
    """Return a field that takes one ``name=value`` on each line."""
    return lines([f"{name}={value}" for name, value in parameters.items()])
