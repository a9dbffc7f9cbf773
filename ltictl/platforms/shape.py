"""Cut a registration request for one family: pure functions over its record.

What an LMS would reject or lose is left out or put in order beforehand, and said. Nothing here
knows a product by name.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from ltictl.lti.vocabulary import DEEP_LINKING, SCOPES, TOOL_CONFIGURATION, short_scope
from ltictl.model.sentence import Sentence
from ltictl.model.tool import Tool
from ltictl.platforms.extensions import extension_members
from ltictl.platforms.family import DeepLinking, Family, RequestShape

# LTI Dynamic Registration 1.0, placements of deep linking messages.
_STANDARD_PLACEMENTS: Final = frozenset({"ContentArea", "RichTextEditor"})
_REGISTRATION: Final = SCOPES["registration"]
_REGISTRATION_SCOPES: Final = frozenset({_REGISTRATION, SCOPES["registration.readonly"]})

Message = dict[str, Any]


class Listed(Struct, frozen=True):
    """The values that an LMS's configuration lists as supported; empty where unknown.

    Attributes:
        scopes: ``scopes_supported``.
        messages, placements: of ``messages_supported``.
    """

    scopes: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    placements: tuple[str, ...] = ()


NOTHING_LISTED: Final = Listed()


class Shaped(Struct, frozen=True):
    """A request cut for one LMS, and what a person should know about it, one sentence each."""

    request: dict[str, Any]
    warnings: tuple[str, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The services that it asks for, as full URIs."""
        return tuple(self.request.get("scope", "").split())

    @property
    def claims(self) -> tuple[str, ...]:
        """The identity claims that it asks for."""
        return tuple(self.request[TOOL_CONFIGURATION]["claims"])

    @property
    def messages(self) -> tuple[str, ...]:
        """The types of its messages, each once."""
        types = (each["type"] for each in self.request[TOOL_CONFIGURATION]["messages"])
        return tuple(dict.fromkeys(types))


def shape(
    request: Mapping[str, Any], family: Family, tool: Tool, listed: Listed = NOTHING_LISTED
) -> Shaped:
    """Cut a request as built by the specification for one family.

    Args:
        request: what ``lti.registration`` built of ``tool``; it is left as it is.
        family: the LMS's record.
        tool: the tool as it presents itself to this family (``Tool.at``).
        listed: what the LMS itself says that it takes, beside what its record knows.

    Raises:
        InvalidValueError: the tool's settings hold a member that this family does not know.
    """
    warnings: list[str] = []
    scopes = _scopes(request.get("scope", "").split(), family, listed.scopes, warnings)
    configuration = dict(request[TOOL_CONFIGURATION])
    configuration["messages"] = _messages(configuration, family, tool, listed, warnings)
    configuration["custom_parameters"] = _parameters(configuration, family, warnings)
    configuration |= extension_members(tool.extensions, family.shape.tool_extensions, family, "")
    shaped = dict(request)
    shaped["scope"] = " ".join(scopes)
    shaped["contacts"] = _contacts(request.get("contacts", []), family, warnings)
    shaped[TOOL_CONFIGURATION] = _without_empty(configuration, "custom_parameters")
    return Shaped(_without_empty(shaped, "scope", "contacts"), tuple(warnings))


def _without_empty(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value or name not in names}


def _scopes(
    requested: Sequence[str], family: Family, listed: Sequence[str], warnings: list[str]
) -> list[str]:
    # OpenID Connect's own scope is no service; Canvas refuses a request that names it.
    requested = [_spelt(each, family, listed) for each in requested if each != "openid"]
    wanted = [each for each in requested if each not in _REGISTRATION_SCOPES or each in listed]
    if len(wanted) < len(requested):
        warnings.append(
            Sentence(
                "{lms} does not let tools change their registration; that is not asked for.",
                lms=family.subject,
            )
        )
    if _REGISTRATION in listed and _REGISTRATION not in wanted:
        wanted.append(_REGISTRATION)  # LTI Dynamic Registration 1.0: what an update needs later
    accepted = family.shape.scopes
    if accepted is not None:
        refused = [each for each in wanted if each not in accepted and each not in listed]
        if refused:
            warnings.append(
                Sentence(
                    "{lms} rejects services that it does not know; left out: {services}.",
                    lms=family.subject,
                    services=_short(refused),
                )
            )
        return [each for each in wanted if each not in refused]
    unlisted = [each for each in wanted if each not in listed]
    if unlisted and listed and family.shape.lists_scopes:
        warnings.append(
            Sentence(
                "{lms} does not list these services, and may not grant them: {services}.",
                lms=family.subject,
                services=_short(unlisted),
            )
        )
    return wanted


def _spelt(scope: str, family: Family, listed: Sequence[str]) -> str:
    """Return a scope as this LMS spells it."""
    return scope if scope in listed else family.shape.spellings.get(scope, scope)


def _short(scopes: Sequence[str]) -> str:
    return ", ".join(short_scope(each) for each in scopes)


def _contacts(contacts: Sequence[str], family: Family, warnings: list[str]) -> list[str]:
    if not family.shape.email_contacts:
        return list(contacts)
    valid = [each for each in contacts if "@" in each]
    if len(valid) < len(contacts):
        warnings.append(
            Sentence("{lms} accepts e-mail addresses as contacts only.", lms=family.subject)
        )
    return valid


def _parameters(
    configuration: Mapping[str, Any], family: Family, warnings: list[str]
) -> dict[str, str]:
    """Return the custom parameters that this LMS keeps whole."""
    # Moodle keeps them as lines of text, and would make two parameters of one.
    parameters: dict[str, str] = configuration.get("custom_parameters", {})
    if not family.shape.line_parameters:
        return parameters
    broken = [name for name, value in parameters.items() if "\n" in value]
    if broken:
        warnings.append(
            Sentence(
                "{lms} splits custom parameters at line breaks; left out: {names}.",
                lms=family.subject,
                names=", ".join(broken),
            )
        )
    return {name: value for name, value in parameters.items() if name not in broken}


def _messages(
    configuration: Mapping[str, Any],
    family: Family,
    tool: Tool,
    listed: Listed,
    warnings: list[str],
) -> list[Message]:
    # ``lti.registration`` made one of each, in this order.
    pairs = zip(configuration["messages"], tool.messages, strict=True)
    shaped = []
    for message, source in pairs:
        extensions = extension_members(
            source.extensions, family.shape.message_extensions, family, ".messages"
        )
        if _takes(message["type"], family, listed, warnings):
            placed = _placed(message, family, listed, warnings)
            shaped.append(_message(placed, configuration, family, warnings) | extensions)
    return _in_order(shaped, family, warnings)


def _takes(kind: str, family: Family, listed: Listed, warnings: list[str]) -> bool:
    """Return whether a request may name a type of message."""
    shape = family.shape
    # The LMS's own word counts more than its record, which may be older than this version.
    if kind in listed.messages:
        return True
    if kind in shape.unasked_messages:
        warnings.append(
            Sentence(
                "{lms} sends {message} without being asked; left out.",
                lms=family.subject,
                message=kind,
            )
        )
        return False
    if shape.messages is None or kind in shape.messages:
        return True
    warnings.append(
        Sentence("{lms} has no message {message}; left out.", lms=family.subject, message=kind)
    )
    return False


def _message(
    message: Message, configuration: Mapping[str, Any], family: Family, warnings: list[str]
) -> Message:
    changed = dict(message)
    if message["type"] == DEEP_LINKING:  # Moodle stores an empty address where there is none
        changed.setdefault("target_link_uri", configuration["target_link_uri"])
    if message.get("custom_parameters") and not family.shape.message_parameters:
        warnings.append(
            Sentence(
                "{lms} ignores the custom parameters of the message {message}.",
                lms=family.subject,
                message=repr(message["label"]),
            )
        )
    return _without_empty(changed, "placements")


def _placed(message: Message, family: Family, listed: Listed, warnings: list[str]) -> Message:
    """Return the message with the placements that this LMS has."""
    if family.shape.placements is None:
        return message
    if message["type"] in family.shape.placeless_messages:
        return {name: value for name, value in message.items() if name != "placements"}
    if message["type"] not in (family.shape.messages or ()) and not message.get("placements"):
        return message  # only the LMS knows whether this type has placements
    return message | {"placements": _placements(message, family, listed.placements, warnings)}


def _placements(
    message: Message, family: Family, listed: Sequence[str], warnings: list[str]
) -> list[str]:
    names = message.get("placements", [])
    found = {each: _placement(each, family.shape, listed) for each in names}
    sent = [wire for wire in found.values() if wire]
    unknown = [each for each, wire in found.items() if not wire]
    if unknown:
        warnings.append(
            Sentence(
                "{lms} has no placement {names}; left out.",
                lms=family.subject,
                names=", ".join(unknown),
            )
        )
    restricted = [each for each in names if _bare(each, family.shape) in _restricted(family)]
    if restricted:
        warnings.append(
            Sentence(
                "{lms} allows the placement {names} to approved tools only.",
                lms=family.subject,
                names=", ".join(restricted),
            )
        )
    if not sent:
        warnings.append(
            Sentence(
                "In {lms} {message} will appear only in the link picker: it names no placement.",
                lms=family.mention,
                message=repr(message["label"]),
            )
        )
    return sent


def _restricted(family: Family) -> frozenset[str]:
    return family.shape.restricted_placements


def _bare(name: str, shape: RequestShape) -> str:
    return name.removeprefix(shape.placement_prefix)


def _placement(name: str, shape: RequestShape, listed: Sequence[str]) -> str:
    """Return the name to send, empty where the LMS has no such placement."""
    if name in _STANDARD_PLACEMENTS or name in listed:
        return name
    bare = _bare(name, shape)
    if bare in shape.bare_placements:
        return bare
    own = shape.placement_prefix + bare
    return own if own in listed or bare in (shape.placements or ()) else ""


def _in_order(messages: list[Message], family: Family, warnings: list[str]) -> list[Message]:
    """Return the tool's first deep linking message where the LMS will find it."""
    linking = [each for each in messages if each["type"] == DEEP_LINKING]
    keeps = family.shape.deep_linking
    if len(linking) < 2 or keeps is DeepLinking.ALL:  # noqa: PLR2004  one cannot be out of order
        return messages
    warnings.append(
        Sentence(
            "{lms} keeps one deep linking message; of {number} it will be {message}.",
            lms=family.subject,
            number=len(linking),
            message=repr(linking[0]["label"]),
        )
    )
    if keeps is DeepLinking.FIRST:
        return messages
    # Behind the others: this LMS keeps the last one that it reads.
    return [each for each in messages if each is not linking[0]] + [linking[0]]
