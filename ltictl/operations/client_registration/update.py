"""Send the tool's present settings to an LMS, where it allows that."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.answer import ACCESS_TOKEN
from ltictl.lti.client_configuration import Difference, changed_client, compare_client
from ltictl.lti.registration_token import token_digest
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.attempt import Answer, Attempt, AttemptKind
from ltictl.model.integration import Integration, Updatable
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.operations.attempts.exchange import (
    Request,
    Send,
    begin,
    exchange,
    keep_answer,
)
from ltictl.operations.attempts.scrub import scrub, secrets_of
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.changes import Action, Change, changed
from ltictl.operations.client_registration.client_endpoint import (
    ClientEndpoint,
    keep_fresh_token,
    registration_in,
    require_own_host,
)
from ltictl.operations.client_registration.settle_update import settle_update, update_not_stored
from ltictl.operations.context import Context
from ltictl.operations.events import Event, Inbox
from ltictl.operations.requests import request_for
from ltictl.platforms.shape import Shaped
from ltictl.platforms.table import family_of
from ltictl.store.profile import Journal

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy


# An update is an attempt like a registration: its answer may bring the only token for the next
# change.
class Comparison(Struct, frozen=True):
    """A registration as the LMS has it, beside the tool's settings.

    Attributes:
        integration: the stored integration.
        changes: the differences that an update would send.
        warnings: one sentence each.
        attempt: the update, intended.
        journal: its open record.
        request: the request of an update.
        unsent: removes the attempt at the end, unless it was sent.
        change: the change of the profile, which ``update`` notes.
    """

    integration: Integration
    changes: tuple[Difference, ...]
    warnings: tuple[str, ...]
    attempt: Attempt
    journal: Journal
    request: Request
    unsent: ExitStack
    change: Change


@contextmanager
def compare(context: Context, policy: "GuardPolicy", identifier: str) -> Iterator[Comparison]:
    """Ask the LMS for the registration, and compare it with the tool's settings.

    Args:
        context: the profile.
        policy: the limits of the requests.
        identifier: the integration.

    Raises:
        NotFoundError: there is no such integration.
        NeedsRecoveryError: another update of it is under way or was cut off.
        LtictlError: ``update_not_offered``, or the LMS refused or could not be reached.
    """
    with changed(context, Action.UPDATE) as change, ExitStack() as unsent:
        integration = require_changeable(context, identifier)
        shaped = _wanted(context, integration)
        # Before the reading: its answer may replace the token, and then is worth as much as an
        # update's.
        attempt, journal = _begin(context, integration, shaped)
        unsent.callback(_take_back, context, attempt, journal)
        context.progress(f"Asking {integration.platform.host} ...")
        answer, token = asyncio.run(_read(context, policy, integration))
        try:
            keep_fresh_token(context, identifier, answer)
        except LtictlError as error:
            keep_answer(attempt, journal, answer)
            raise update_not_stored(attempt, error) from error
        current = registration_in(answer, integration)
        # RFC 7592, 2.2: a PUT replaces everything, so the LMS's own members go along.
        members = changed_client(current, shaped.request, integration.client_id)
        # The reading may have brought a new one, and the former one is void then.
        token = context.profile.secrets.get(identifier, ACCESS_TOKEN) or token
        request = Request(integration.client_uri, token, json.dumps(members).encode())
        changes = compare_client(current, shaped.request)
        warnings = shaped.warnings
        yield Comparison(integration, changes, warnings, attempt, journal, request, unsent, change)


def update(
    context: Context,
    policy: "GuardPolicy",
    comparison: Comparison,
    inbox: Inbox,
    show: Callable[[Event], None] = lambda _: None,
) -> Registered:
    """Change the registration at the LMS; a first signal cannot cut it.

    Args:
        context: the profile.
        policy: the limits of the requests.
        comparison: the differences that a person agreed to, still open.
        inbox: receives the signals.
        show: receives one event if the run waits for an answer in spite of a signal.

    Raises:
        RefusedError: the LMS refused; nothing was changed there.
        NeedsRecoveryError: the request was sent, and the outcome could not be stored.
        InterruptedRunError: as ``carry_out``.
    """
    from ltictl.operations.attempts.carry_out import carry_out
    from ltictl.operations.attempts.threads import Lane

    context.progress(f"Waiting for the answer of {comparison.integration.platform.host} ...")
    comparison.unsent.pop_all()  # from here on the attempt is the other thread's
    lane = Lane(comparison.integration.platform.host, "PUT")
    done = carry_out(policy, partial(_update_once, context, comparison), lane, inbox, show)
    comparison.change.note(done.integration.id)
    return done


def _update_once(context: Context, comparison: Comparison, send: Send) -> Registered:
    request = comparison.request
    try:
        answered = exchange(context, comparison.attempt, comparison.journal, request, send)
        # The record holds the tool's own members alone: it is begun before the LMS's are known.
        return settle_update(context, replace(answered, request=request.body.decode()))
    except LtictlError as error:
        scrub(error, (request.token, *secrets_of(request.url)))
        raise
    finally:
        comparison.journal.close()


def _take_back(context: Context, attempt: Attempt, journal: Journal) -> None:
    journal.close()
    with suppress(LtictlError):  # what stays behind is named by the next command
        context.profile.attempts.discard_unsent(attempt.id)


async def _read(
    context: Context, policy: "GuardPolicy", integration: Integration
) -> tuple[Answer, str]:
    """Return the LMS's answer about the registration, and the token of the request."""
    from ltictl.net.client import GuardedClient

    async with GuardedClient(policy) as client:
        endpoint = ClientEndpoint(context, client, integration)
        token = await endpoint.token()
        return await endpoint.read(token), token


def _begin(context: Context, integration: Integration, shaped: Shaped) -> tuple[Attempt, Journal]:
    token = context.profile.secrets.get(integration.id, ACCESS_TOKEN)
    attempt = Attempt(
        id=integration.id,
        organization=integration.organization,
        invitation="",
        platform=integration.platform,
        registration_endpoint=WebAddress.parse(integration.client_uri).without_query,
        replaces=integration.id,
        request=json.dumps(shaped.request),
        scopes=shaped.scopes,
        signing_key=integration.signing_key,
        token_sha256=token_digest(token),
        token_length=len(token),
        token_subject="",
        token_expires_at=None,
        created_at=context.now(),
        kind=AttemptKind.UPDATE,
    )
    return attempt, begin(context, attempt)


def require_changeable(context: Context, identifier: str) -> Integration:
    """Return an integration whose registration its LMS lets the tool change; asks no LMS.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: ``update_not_offered``, with the way that the LMS offers instead.
    """
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    has_token = context.profile.secrets.has(identifier, ACCESS_TOKEN)
    by_service = SCOPES["registration"] in integration.scopes.requested
    if not integration.client_uri or not (has_token or by_service):
        raise _not_offered(context, integration)
    require_own_host(integration)
    return integration


def _not_offered(context: Context, integration: Integration) -> LtictlError:
    family = family_of(integration.platform.family)
    if integration.updatable is Updatable.RERUN:
        why, fix = _by_administrator(context, integration)
    else:
        why = "It gave neither an address for changes nor the service for them."
        fix = (
            f"Change it there by hand: {family.editing}. 'ltictl lms-config {family.slug}' prints "
            "the values."
        )
    return LtictlError(
        "update_not_offered",
        f"{family.subject} does not let a tool change this registration by itself.",
        why=why,
        fix=fix,
    )


def _by_administrator(context: Context, integration: Integration) -> tuple[str, str]:
    """Return why an administrator has to start the update, and the clicks."""
    family, settings = family_of(integration.platform.family), context.profile.settings()
    command = f"ltictl register --org {integration.organization}"
    why = f"In {family.title} an administrator starts an update."
    tool = WebAddress.parse(settings.tool.target_link_uri)
    public = settings.callback.public_url
    if family.update_at_tool_host and (
        not public or WebAddress.parse(public).authority != tool.authority
    ):
        where = f"is at {WebAddress.parse(public).authority}" if public else "is on this computer"
        why += (
            f" {family.subject} offers Update only if the registration URL is at the tool's host, "
            f"{tool.authority}; that of this profile {where}, and would make a second tool."
        )
        command += f" --public-url {tool.origin}/lti/register"
    passed_on = ", an address that your web server passes on to it" if "--public" in command else ""
    return why, (
        f"Run '{command}'{passed_on}, have its URL pasted into {family.title} as at the first "
        "time, and choose Update there for the tool."
    )


def _wanted(context: Context, integration: Integration) -> Shaped:
    tool = context.profile.settings().tool
    shaped = request_for(tool, family_of(integration.platform.family), integration.id)
    scope = SCOPES["registration"]
    if scope in integration.scopes.requested and scope not in shaped.scopes:
        # Asked for beyond the settings where the LMS offers it; without it this was the last time.
        wanted = " ".join([*shaped.scopes, scope])
        return replace(shaped, request=shaped.request | {"scope": wanted})
    return shaped


def difference_data(change: Difference) -> dict[str, Any]:
    """Return one difference as JSON shows it."""
    return {
        "member": change.member,
        "now": json.loads(change.now) if change.now else None,
        "wanted": json.loads(change.wanted) if change.wanted else None,
    }
