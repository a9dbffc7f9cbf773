"""The questions and changes that an LMS's own interface for administrators takes, as records.

An interface sends nothing itself: its functions are generators that yield a ``Call`` and get the
``CallReply``. ``operations.lms_side`` sends the calls, and makes those that change something
durable.
"""

import re
from collections.abc import Callable, Generator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from msgspec import Struct, field

from ltictl.errors import LtictlError
from ltictl.model.lms_side import (
    Identity,
    LmsDeployment,
    LmsState,
    Place,
    PlaceKind,
    Target,
)
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.platforms.consent import Consent
from ltictl.platforms.family import Cause

T = TypeVar("T")
_NUMBERS: Final = re.compile(r"[0-9]{1,6}", re.ASCII)
_OPEN: Final = frozenset({429, 503})  # RFC 6585, 4 and RFC 9110, 15.6.4: the request was not done


class Call(Struct, frozen=True, kw_only=True):
    """One request to an LMS's interface, without its token.

    Attributes:
        path: path and query below the LMS's base address, or an address at a host that the
            interface names in ``hosts``.
        method: of HTTP.
        json: the body, where it is JSON.
        form: the body, where it is a form.
        text: the body, where it is JSON of which every byte counts.
        headers: beside those that every request has; none of them a secret.
        purpose: the change that it makes, a sentence that begins with a verb; empty where it only
            reads. A call with a purpose is made durable before it is sent.
        presumed: the document that a dry run takes for the answer.
        signed: whether it carries the token; a request for a token does not.
        accepts: refusals that the generator reads itself.
    """

    path: str
    method: str = "GET"
    json: Any = None
    form: Mapping[str, str] | None = None
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    presumed: Any = None
    signed: bool = True
    accepts: frozenset[int] = frozenset()


class CallReply(Struct, frozen=True):
    """The LMS's reply to a call.

    Attributes:
        status: of HTTP.
        document: the JSON value, ``None`` where the body is none.
        text: the body itself, for what has to be sent back as it was.
        following: path and query of the next page (RFC 8288, ``rel="next"``), empty if none.
        headers: names in lower case.
    """

    status: int
    document: Any = None
    following: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the LMS did what it was asked for."""
        return 200 <= self.status < 300  # noqa: PLR2004  the very numbers

    def __repr__(self) -> str:
        return f"Reply({self.status})"  # its document may hold secrets


Steps = Generator[Call, CallReply, T]


class Grant(Struct, frozen=True):
    """The token that the calls of one run carry.

    Attributes:
        token: a secret.
        replaced: the new text in place of the one that was given, empty where that stays good
            (a refresh token is good once). It is stored before the token is used.
    """

    token: str
    replaced: str = ""

    def __repr__(self) -> str:
        return "Grant(...)"


class Start(Struct, frozen=True):
    """The request for a registration that a program completes.

    Attributes:
        registration_url: where the LMS believes the tool's page to be.
        updates: the LMS's own id of the registration to change, empty for a new one.
    """

    registration_url: str
    updates: str = ""


class Started(Struct, frozen=True):
    """The two parameters with which an LMS would open the tool's page.

    Attributes:
        configuration_url: value of ``openid_configuration``.
        token: value of ``registration_token``, a secret.
        handle: the name by which the LMS will find the registration, known before it is sent.
    """

    configuration_url: str
    token: str
    handle: str = ""

    def __repr__(self) -> str:
        return f"Started(handle={self.handle!r})"


class Creation(Struct, frozen=True):
    """A registration that is entered through the interface instead of a form.

    Attributes:
        request: the tool's registration request, cut for the family.
        document: the document of the family's form, ``None`` where it has none.
        marker: words by which the LMS's list shows this very creation again.
    """

    request: Mapping[str, Any]
    document: Mapping[str, Any] | None
    marker: str


class Created(Struct, frozen=True):
    """A registration that the interface made."""

    client_id: str
    deployment_id: str = ""


def bearer(call: Call, token: str) -> Call:
    """Return the call with its token in the header (RFC 6750, 2.1)."""
    return replace(call, headers={**call.headers, "Authorization": f"Bearer {token}"})


def granted_as_given(secret: str) -> Steps[Grant]:
    """Take the given text as the token itself; nothing is asked for."""
    yield from ()
    return Grant(secret)


def waited_for(status: int, headers: Mapping[str, str], body: bytes) -> float | None:
    """Return the seconds before the same request again, ``None`` where waiting does not help."""
    del body
    if status not in _OPEN:
        return None
    delay = headers.get("retry-after", "").strip()
    return float(delay) if _NUMBERS.fullmatch(delay) else 1.0


def no_problem(reply: CallReply) -> str:
    """Find no refusal within a success, as with most LMSs."""
    del reply
    return ""


def as_it_came(body: bytes) -> bytes:
    """Return the body, which holds no secret of the LMS's own, as with most LMSs."""
    return body


def base_is_issuer(platform: Platform) -> str:
    """Return the address below which the interface lies: the issuer, as with most LMSs."""
    return platform.issuer.rstrip("/")


class Interface(Struct, frozen=True, kw_only=True):
    """The interface of one family; what an LMS does not offer is ``None``.

    Attributes:
        slug: of the family.
        basis: the evidence: ``measured`` or ``from source``.
        token_place: where an administrator makes the token, as clicks.
        who: who the token belongs to and what it may do.
        status: the LMS's own side of one registration.
        listing: the LMS's own side of every registration by client_id; ``None`` where a list tells
            less than one registration's own address. A run over many asks for it once.
        switch: switches it on or off, and returns the new state in the LMS's own word. It gets
            what ``status`` found, and is asked only where the switch has the other position.
        deploy: makes the tool available at a place.
        accept_update: accepts the change that waits.
        start: starts a registration that a program completes; ``None`` where this site does not
            offer it.
        find: client_id of the registration with a handle, empty if there is none.
        create: enters the tool as the form would.
        find_created: client_id of the tool with a marker, empty if there is none.
        remove: deletes the registration.
        script: the text of a program that an administrator runs on the LMS's own host.
        places: where ``deploy`` can make it available.
        authorize: trades the given text for the token of this run.
        consent: asks a person to allow access, ``None`` where the LMS needs no consent.
        sign: puts the token into a call.
        problem: the words of a refusal that comes with HTTP 200, empty for none.
        blanked: removes the LMS's secrets from an answer's bytes, before ltictl keeps the answer.
        throttled: see ``waited_for``.
        causes: the meaning of a status in this LMS.
        words: the meaning of words, by their beginning.
        preset: name of the preset with the endpoints of an LMS, for what ``create`` makes.
        base: the address below which the interface lies.
        hosts: hosts beside the LMS's own that a call may go to, such as a token service.
        shared_hosts: hosts that the LMSs of many schools name as theirs; a token goes to none.
    """

    slug: str
    basis: str
    token_place: tuple[str, ...]
    who: Callable[[], Steps[Identity]]
    status: Callable[[Target], Steps[LmsState]]
    listing: Callable[[], Steps[Mapping[str, LmsState]]] | None = None
    switch: Callable[[Target, LmsState, bool], Steps[str]] | None = None
    deploy: Callable[[Target, LmsState, Place], Steps[LmsDeployment]] | None = None
    accept_update: Callable[[Target, LmsState], Steps[None]] | None = None
    start: Callable[[Start], Steps[Started | None]] | None = None
    find: Callable[[str], Steps[str]] | None = None
    create: Callable[[Creation], Steps[Created]] | None = None
    find_created: Callable[[str], Steps[str]] | None = None
    remove: Callable[[Target, LmsState], Steps[None]] | None = None
    script: Callable[[Mapping[str, str]], str] | None = None
    places: tuple[PlaceKind, ...] = ()
    authorize: Callable[[str], Steps[Grant]] = granted_as_given
    consent: Consent | None = None
    sign: Callable[[Call, str], Call] = bearer
    problem: Callable[[CallReply], str] = no_problem
    blanked: Callable[[bytes], bytes] = as_it_came
    throttled: Callable[[int, Mapping[str, str], bytes], float | None] = waited_for
    causes: Mapping[int, Cause] = field(default_factory=dict)
    words: Mapping[str, Cause] = field(default_factory=dict)
    preset: Callable[[str], str] | None = None
    base: Callable[[Platform], str] = base_is_issuer
    hosts: tuple[str, ...] = ()
    shared_hosts: tuple[str, ...] = ()


@cache
def interface_of(slug: str) -> Interface | None:
    """Return the interface of a family, ``None`` where its LMS has none."""
    import pkgutil

    from ltictl.platforms import interfaces

    # Families and interfaces are found by their modules; most families have no interface.
    if slug not in {each.name for each in pkgutil.iter_modules(interfaces.__path__)}:
        return None
    found: Interface = import_module(f"{interfaces.__name__}.{slug}").INTERFACE
    return found


def body_of(call: Call) -> tuple[bytes, str]:
    """Return the body of a call, and its media type, empty where it has none."""
    if call.form is not None:
        return urlencode(call.form).encode(), "application/x-www-form-urlencoded"
    if call.text:
        return call.text.encode(), "application/json"
    if call.json is None:
        return b"", ""
    from json import dumps

    return dumps(call.json).encode(), "application/json"


def member(document: object, *path: str | int) -> Any:
    """Return a member deep inside a foreign document, ``None`` where the path ends."""
    for key in path:
        if isinstance(key, int):
            whole = isinstance(document, list) and -len(document) <= key < len(document)
            document = document[key] if whole and isinstance(document, list) else None
        else:
            document = document.get(key) if isinstance(document, dict) else None
    return document


def text_of(document: object, *path: str | int) -> str:
    """Return a text or a number as text, empty for anything else or unprintable characters."""
    value = member(document, *path)
    # ``bool`` is an ``int`` in Python, and "True" is no text of an LMS.
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value) if str(value).isprintable() else ""


def tables_of(document: object, *path: str | int) -> list[dict[str, Any]]:
    """Return the objects of a list, without its other values."""
    value = member(document, *path)
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)]


def unusable(call: Call, why: str) -> LtictlError:
    """Return the error for a success whose document lacks what the next step needs."""
    return LtictlError(
        "lms_answer_unusable",
        f"The LMS's answer to {call.method} {call.path.partition('?')[0]} cannot be used: {why}.",
        why="Another version of the LMS may answer otherwise, or a proxy answered in its stead.",
        fix="Open the LMS's address in a browser, and report the version of the LMS.",
    )
