"""The possible differences between LMSs, as the shape of one record."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from ltictl.errors import Actor
from ltictl.model.integration import Updatable
from ltictl.model.sentence import Sentence
from ltictl.platforms.form import Form

SET_CLOCK: Final = "Set the clock of this computer by NTP."  # many refusals come of a wrong one


class Cause(Struct, frozen=True):
    """The meaning of one refusal in one LMS.

    Attributes:
        why: the cause, in that LMS's terms.
        fix: the remedy.
        actor: who can do it.
        blames_key_set: whether it is no cause where the tool's key set is found right.
    """

    why: str
    fix: str
    actor: Actor = Actor.LMS_ADMINISTRATOR
    blames_key_set: bool = False


class DeepLinking(StrEnum):
    """Which of several deep linking messages an LMS keeps."""

    ALL = "all"
    FIRST = "first"
    LAST = "last"


class Audience(StrEnum):
    """The ``aud`` that a client assertion has to name."""

    ADVERTISED = "advertised"
    TOKEN_ENDPOINT = "token endpoint"  # noqa: S105  an address, not a password


class KeyCache(StrEnum):
    """How an LMS keeps copies of a tool's key set."""

    NONE = "none"
    UNTIL_MISS = "until a signature does not fit"
    UNKNOWN = "unknown"


class Again(StrEnum):
    """The reaction of an LMS to a second registration of the same tool."""

    NEW_CLIENT = "makes another tool, with a client_id of its own"
    ANNOUNCED_UPDATE = "updates the tool that its update token names, else makes another"
    LMS_DECIDES = "updates the tool that it issued the token for, else makes another"
    REFUSED = "refuses a second tool of the same name or domain"


class Extension(Struct, frozen=True):
    """A member of the request that only one family knows.

    Attributes:
        member: its name in the request.
        kind: type of its value in the profile and in the request.
        choices: the values there are, empty for any.
    """

    member: str
    kind: type = str
    choices: tuple[str, ...] = ()


class RequestShape(Struct, frozen=True):
    """How a registration request is cut for one family.

    Attributes:
        scopes: beside those that it lists, the only ones that it accepts; ``None`` where it ignores
            what it does not know.
        lists_scopes: whether what it lists in ``scopes_supported`` says anything.
        deep_linking: which deep linking messages it keeps.
        placements: names of its own placements; ``None`` where it takes any.
        placement_prefix: what its own names are preceded by in the request.
        bare_placements: those of its own that carry no prefix.
        restricted_placements: those that it allows to approved tools only.
        messages: beside those that it lists, the only types of messages that it takes; ``None``
            where it takes any.
        unasked_messages: types that it sends to every tool, and that no request may name.
        placeless_messages: types that have no placement.
        spellings: how it spells scopes, by the standard URI, where it does not list that one.
        message_parameters: whether it keeps the custom parameters of messages.
        line_parameters: whether it keeps custom parameters as lines of text.
        email_contacts: whether it refuses a contact that is no e-mail address.
        tool_extensions, message_extensions: by their names in the profile.
    """

    scopes: frozenset[str] | None = None
    lists_scopes: bool = True
    deep_linking: DeepLinking = DeepLinking.ALL
    placements: frozenset[str] | None = None
    placement_prefix: str = ""
    bare_placements: frozenset[str] = frozenset()
    restricted_placements: frozenset[str] = frozenset()
    messages: frozenset[str] | None = None
    unasked_messages: frozenset[str] = frozenset()
    placeless_messages: frozenset[str] = frozenset()
    spellings: Mapping[str, str] = field(default_factory=dict)
    message_parameters: bool = True
    line_parameters: bool = False
    email_contacts: bool = False
    tool_extensions: Mapping[str, Extension] = field(default_factory=dict)
    message_extensions: Mapping[str, Extension] = field(default_factory=dict)


class Preset(Struct, frozen=True):
    """The addresses of one product or one of its environments.

    ``{site}`` stands for the issuer without a slash at its end, ``{client_id}`` for the client_id.
    An empty address has to be given.

    Attributes:
        issuer, authorization_endpoint, token_endpoint, jwks_uri: addresses.
        audience: of client assertions, empty for the token endpoint.
    """

    issuer: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    audience: str = ""


class Marks(Struct, frozen=True):
    """The shape of a configuration that shows its family under any announced name.

    Attributes:
        authorization_endpoint, token_endpoint, jwks_uri: what their paths hold, in whole segments,
            or after "?" what their queries begin with; empty where other LMSs have the same.
        members: what the names of its own members begin with; empty where it has none.
    """

    authorization_endpoint: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    members: str = ""


class EarlierClicks(Struct, frozen=True):
    """The clicks in versions of an LMS before one that moved them.

    Attributes:
        before: the first version that has the new ones, as its numbers.
        activate, by_hand: as in ``Family``.
    """

    before: tuple[int, ...]
    activate: tuple[str, ...]
    by_hand: tuple[str, ...]


class Family(Struct, frozen=True):
    """One LMS product.

    Attributes:
        slug: part of integration ids and value of ``--platform`` filters and ``--instructions``.
        codes: values of ``product_family_code`` that mean it, matched exactly.
        title: what people call it.
        marks: the shape of its configuration, by which forks under other codes are recognised.
        paste: the clicks that lead to where the registration URL is pasted, in order.
        activate: the clicks that switch the new tool on, in order.
        by_hand: the same where the tool was entered by hand; empty where they are the same.
        switch: where the LMS's own switch is, in one line.
        place: where its administrator finds the tool, in one line.
        editing: where the tool is changed by hand, in one line.
        removal: where the tool is deleted, in one line.
        deployment: where its administrator finds a deployment id, in one line.
        names_deployment: whether its answer always holds the deployment id.
        dynamic: whether it offers dynamic registration.
        services: whether it has services for tools, and so a token endpoint.
        configuration_again: whether its configuration can be read at any time, by anybody.
        gives_token: whether it hands out registration tokens.
        https_only: whether it refuses addresses that are not https.
        key_set_must_answer: whether it reads the tool's key set while it registers the tool.
        default_ports_only: whether it reads key sets from public addresses and the default ports
            only.
        exact_clock: whether it refuses a token that is some seconds early.
        bare_authorization: statuses other than 400 with which its authorization endpoint is known
            to answer a request without parameters.
        key_cache: how it keeps copies of the tool's key set.
        audience: what client assertions have to name.
        default_audience: the audience where its configuration names none, empty for the token
            endpoint.
        shape: how a request is cut for it.
        notes: what a person should know before pressing Register, one sentence each.
        updatable: how a registration can be changed without a new one.
        updates_wait: whether a change waits for an administrator, and is answered with the old
            registration.
        again: what it does where the tool is registered once more.
        update_at_tool_host: whether it offers an update only where the registration URL is at the
            tool's own host and port.
        unknown_client: the whole ``error`` of its token endpoint for a client that it does not
            have, and for nothing else; empty where no such word is known.
        tokens_for_any_client: whether its token endpoint looks at the key alone, so that a token
            says nothing about the client_id.
        subject_is_client: whether the ``sub`` of its registration tokens is the client_id to be.
        client_in_audience: whether their ``aud`` is.
        editions: by code, the record of an edition that calls itself by another code and differs.
        earlier: the clicks that switch a new tool on before a version, with that version.
        causes: what it says when it refuses (beginning of its words), and what that means.
        mentions: words that its refusals hold anywhere, in lower case, and what they mean.
        statuses: what its HTTP statuses mean where its words mean nothing.
        token_causes: what its token endpoint says somewhere in its words, and what that means.
        account_name, account_guid: members of its configuration that name the school or account,
            and identify it; empty where it has none.
        form: where a tool is entered by hand.
        presets: where its endpoints are, for registrations by hand, by the names of the presets.
    """

    slug: str
    codes: tuple[str, ...]
    title: str
    paste: tuple[str, ...]
    activate: tuple[str, ...]
    switch: str
    form: Form
    marks: Marks = Marks()
    by_hand: tuple[str, ...] = ()
    place: str = "the LMS's list of external (LTI) tools"
    editing: str = "the tool's settings in the LMS's list of external (LTI) tools"
    removal: str = "the tool in the LMS's list of external (LTI) tools"
    deployment: str = "with the tool's settings in the LMS"
    names_deployment: bool = False
    dynamic: bool = True
    services: bool = True
    configuration_again: bool = False
    gives_token: bool = True
    https_only: bool = False
    key_set_must_answer: bool = False
    default_ports_only: bool = False
    exact_clock: bool = False
    bare_authorization: frozenset[int] = frozenset()
    key_cache: KeyCache = KeyCache.UNKNOWN
    audience: Audience = Audience.ADVERTISED
    default_audience: str = ""
    shape: RequestShape = field(default_factory=RequestShape)
    notes: tuple[str, ...] = ()
    updatable: Updatable = Updatable.NO
    again: Again = Again.NEW_CLIENT
    update_at_tool_host: bool = False
    unknown_client: str = ""
    updates_wait: bool = False
    tokens_for_any_client: bool = False
    subject_is_client: bool = False
    client_in_audience: bool = False
    editions: Mapping[str, "Family"] = field(default_factory=dict)
    earlier: EarlierClicks | None = None
    causes: Mapping[str, Cause] = field(default_factory=dict)
    mentions: Mapping[str, Cause] = field(default_factory=dict)
    statuses: Mapping[int, Cause] = field(default_factory=dict)
    token_causes: Mapping[str, Cause] = field(default_factory=dict)
    account_name: str = ""
    account_guid: str = ""
    presets: Mapping[str, Preset] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Its title as a sentence begins with it."""
        first = self.title[:1].upper() + self.title[1:]
        return first if first == self.title else Sentence(first)

    @property
    def mention(self) -> str:
        """Its title within a sentence; "your LMS" is no name, and has a translation."""
        return Sentence(self.title) if self.title[:1].islower() else self.title
