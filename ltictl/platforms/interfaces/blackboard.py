"""Blackboard's REST interface for LTI, from Anthology's documentation (BB-REST); not measured.

A secret is ``KEY:SECRET`` of an application of the developer portal, which an administrator of the
school has added as a REST API integration. A client id is a "domain" there, with a status.
"""

from base64 import b64encode
from typing import Final
from urllib.parse import urlsplit

from ltictl.errors import UsageError
from ltictl.model.lms_side import Identity, LmsState, Target
from ltictl.platforms.administration import (
    Call,
    Grant,
    Interface,
    Steps,
    tables_of,
    text_of,
    unusable,
)
from ltictl.platforms.family import Cause

_API: Final = "/learn/api/public/v1"
_DOMAINS: Final = f"{_API}/lti/domains"
_APPROVED: Final = "Approved"
_EXCLUDED: Final = "Excluded"
_FORBIDDEN: Final = 403
_RIGHT: Final = "LTI domains: view"
_MOST_PAGES: Final = 100


def _authorize(secret: str) -> Steps[Grant]:
    """Trade key and secret for a token (RFC 6749, 4.4)."""
    key, colon, word = secret.partition(":")
    if not (key and colon and word):
        raise UsageError(
            "token_unreadable",
            "The token for Blackboard is no key and secret.",
            why="Blackboard's REST interface takes an application's key and secret.",
            fix="Write KEY:SECRET into the file, as the developer portal shows them.",
        )
    basic = b64encode(secret.encode()).decode()
    call = Call(
        path=f"{_API}/oauth2/token",
        method="POST",
        form={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
        signed=False,
    )
    reply = yield call
    token = text_of(reply.document, "access_token")
    if not token:
        raise unusable(call, "it holds no access_token")
    return Grant(token)


def _who() -> Steps[Identity]:
    version = yield Call(path=f"{_API}/system/version", accepts=frozenset({_FORBIDDEN, 404}))
    numbers = [text_of(version.document, "learn", each) for each in ("major", "minor", "patch")]
    listed = yield Call(path=f"{_DOMAINS}?limit=1", accepts=frozenset({_FORBIDDEN}))
    return Identity(
        name="an application of the developer portal",
        account=f"Blackboard Learn {'.'.join(filter(None, numbers))}".strip(),
        rights=(_RIGHT,) if listed.succeeded else (),
        missing=() if listed.succeeded else (_RIGHT,),
        ways=("by hand: the school enters the client id, or the approval of one that it has",),
    )


def _status(target: Target) -> Steps[LmsState]:
    known = yield from _read_pages(target.client_id)
    return known.get(target.client_id, LmsState(found=False))


def _listing() -> Steps[dict[str, LmsState]]:
    return (yield from _read_pages(""))


def _read_pages(client_id: str) -> Steps[dict[str, LmsState]]:
    """Read the pages up to a client id, or all of them; the model has no deployment id."""
    path, found = f"{_DOMAINS}?limit=100", dict[str, LmsState]()
    for _ in range(_MOST_PAGES):
        reply = yield Call(path=path)
        for each in tables_of(reply.document, "results"):
            found.setdefault(text_of(each, "clientId"), _state(each))
        path = _next_page(text_of(reply.document, "paging", "nextPage"))
        if not path or (client_id and client_id in found):
            break
    return found


def _next_page(address: str) -> str:
    """Return the path of the next page without its host, so that the token stays here."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return parts.path + query if parts.path.startswith(f"{_API}/") else ""


def _state(domain: dict[str, object]) -> LmsState:
    word = text_of(domain, "status")
    return LmsState(found=True, active=word == _APPROVED, word=word, key=text_of(domain, "id"))


def _switch(target: Target, state: LmsState, on: bool) -> Steps[str]:
    word = _APPROVED if on else _EXCLUDED
    call = Call(
        path=f"{_DOMAINS}/{state.key}",
        method="PATCH",
        json={"status": word},
        purpose="Approve the client id" if on else "Exclude the client id",
        presumed={"clientId": target.client_id, "status": word},
    )
    reply = yield call
    found = text_of(reply.document, "status")
    if found != word:
        raise unusable(call, f"its status is {found or 'not there'}")
    return found


def _remove(target: Target, state: LmsState) -> Steps[None]:
    del target
    yield Call(
        path=f"{_DOMAINS}/{state.key}",
        method="DELETE",
        purpose="Delete the client id",
        accepts=frozenset({404}),  # another person was faster
    )


INTERFACE = Interface(
    slug="blackboard",
    basis="from source",
    token_place=("Anthology developer portal", "the application", "its key and secret"),
    authorize=_authorize,
    who=_who,
    status=_status,
    listing=_listing,
    switch=_switch,
    remove=_remove,
    shared_hosts=("blackboard.com",),  # every school's issuer
    causes={
        401: Cause(
            "Blackboard does not know the key and secret, or the token of this run is over.",
            "Write KEY:SECRET into the file, as the developer portal shows them.",
        ),
        _FORBIDDEN: Cause(
            "The user of the REST API integration may not administer LTI there.",
            "Administrator Panel > Integrations > REST API Integrations: give its user a role "
            "with the entitlements of LTI.",
        ),
        404: Cause(
            "Blackboard has no such entry, or no REST interface at this address.",
            "Give the address of the school's own Blackboard with --platform.",
        ),
        409: Cause("Another change of the same entry was faster.", "Run the command again."),
    },
)
