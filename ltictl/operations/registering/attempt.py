"""The durable sequence of one registration: intended, sent, answered, stored, settled.

Every step is on disk before the next begins. All of it runs in one thread, so that no closed tab
and no signal cuts it in the middle, and nothing is ever sent twice.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from itertools import count

from ltictl.errors import LtictlError, NeedsRecoveryError, RefusedError, UnreadableError
from ltictl.lti.registration_token import token_digest
from ltictl.model.attempt import Answer, Attempt
from ltictl.net.client import Reply
from ltictl.operations.context import Context
from ltictl.operations.invite import invitation_problem
from ltictl.operations.organizations import integrations_of
from ltictl.operations.registering.inspect_platform import Inspection, require_settled
from ltictl.operations.registering.lost_answer import keep_elsewhere
from ltictl.operations.registering.scrub import scrub, secrets_of
from ltictl.operations.registering.settle import Registered, settle_answer
from ltictl.operations.requests import request_for
from ltictl.operations.signing import current_key
from ltictl.store.attempt_file import Journal

# URL, headers, body and what to do before the first byte leaves -> the LMS's reply.
Post = Callable[[str, dict[str, str], bytes, Callable[[], None]], Reply]

_MAX_STEM = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person confirmed.

    Attributes:
        organization: slug.
        invitation: id, empty for a headless registration.
        inspection: the LMS.
        token: registration token, a secret, empty if none.
        replaces: id of the integration to update, empty to add one.
    """

    organization: str
    invitation: str
    inspection: Inspection
    token: str
    replaces: str = ""


def register_once(context: Context, plan: Plan, post: Post) -> Registered:
    """Carry out one registration.

    Args:
        context: the profile.
        plan: what a person confirmed.
        post: sends the request, once.

    Raises:
        RefusedError: the LMS refused; nothing came of it.
        UnreachableError: nothing was sent.
        NeedsRecoveryError: it was sent and the outcome is not stored; the attempt is.
    """
    context.profile.organizations.get(plan.organization)
    _require_open_invitation(context, plan.invitation)
    require_settled(context, plan.organization, plan.inspection)
    _require_fresh_token(context, plan)
    attempt, journal = _begin(context, plan)
    try:  # the file stays open to the end: until then the attempt counts as under way
        answer = _send(context, plan, attempt, journal, post)
        _keep_answer(attempt, journal, answer)
        return settle_answer(context, attempt.answered(answer))
    except LtictlError as error:
        endpoint = plan.inspection.configuration.registration_endpoint
        scrub(error, secrets_of(plan.token, endpoint))
        raise
    finally:
        journal.close()


def _require_fresh_token(context: Context, plan: Plan) -> None:
    """Not every LMS refuses a token that has made a tool: Canvas would make a second one."""
    if not plan.token or plan.replaces or plan.inspection.hint.is_update:
        return
    digest, issuer = token_digest(plan.token), plan.inspection.configuration.platform.issuer
    for known in integrations_of(context, plan.organization):
        if compare_digest(known.token_sha256, digest) and known.platform.issuer == issuer:
            raise RefusedError(
                "token_used",
                f"This registration token was used before: {known.id!r} came of it.",
                why="A token is for one registration. The same command was run once more, or the "
                "LMS's link was kept.",
                fix=f"See 'ltictl show {known.id}'. For another one, begin in the LMS again: it "
                "issues a fresh token.",
                data={"integration": known.id},
            )


def _require_open_invitation(context: Context, identifier: str) -> None:
    """The page may have stood open while another one used the same invitation."""
    if identifier:
        invitation = context.profile.invitations.get(identifier)
        problem = invitation_problem(invitation, context.now())
        if problem is not None:
            raise problem


def _begin(context: Context, plan: Plan) -> tuple[Attempt, Journal]:
    """Choose the integration's id and make the intent durable under it."""
    for identifier in _identifiers(plan):
        claimed = _claimed(context, plan, identifier)
        if claimed is not None:
            return claimed
    raise _busy(plan.replaces)


def _identifiers(plan: Plan) -> Iterator[str]:
    if plan.replaces:
        yield plan.replaces
        return
    stem = f"{plan.organization[:_MAX_STEM]}-{plan.inspection.family.slug}"
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))


def _claimed(context: Context, plan: Plan, identifier: str) -> tuple[Attempt, Journal] | None:
    """The attempt under this id, durable, or ``None`` where the id is taken."""
    integrations, attempts = context.profile.integrations, context.profile.attempts
    if not plan.replaces and integrations.exists(identifier):
        return None
    attempt = _attempt(context, plan, identifier)
    try:
        journal = attempts.begin(attempt)
    except FileExistsError:
        freed = _discarded(context, identifier)
        return _claimed(context, plan, identifier) if freed else None
    if plan.replaces or not integrations.exists(identifier):
        return attempt, journal
    # Another run stored its integration and left the id between the look and the claim.
    journal.close()
    attempts.settle(identifier)
    return None


def _discarded(context: Context, identifier: str) -> bool:
    """Whether what held the id had sent nothing and is gone now."""
    try:
        return context.profile.attempts.discard_unsent(identifier)
    except UnreadableError as error:
        raise NeedsRecoveryError(
            error.code, error.message, why=error.why, fix=error.fix, data={"attempt": identifier}
        ) from error


def _busy(identifier: str) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "attempt_unsettled",
        f"An update of {identifier!r} is under way or was cut off.",
        fix=f"Wait for it, or run 'ltictl recover {identifier}'.",
    )


def _attempt(context: Context, plan: Plan, identifier: str) -> Attempt:
    tool = context.profile.settings().tool
    configuration, family = plan.inspection.configuration, plan.inspection.family
    return Attempt(
        id=identifier,
        organization=plan.organization,
        invitation=plan.invitation,
        platform=configuration.platform,
        registration_endpoint=configuration.platform.registration_endpoint,
        replaces=plan.replaces,
        request=json.dumps(request_for(tool, configuration, family, identifier).request),
        scopes=plan.inspection.scopes,
        signing_key=_signing_key(context),
        token_sha256=token_digest(plan.token),
        # At an update it names a deployment: never a client that could be probed for.
        token_subject="" if plan.inspection.hint.is_update else plan.inspection.hint.subject,
        token_expires_at=plan.inspection.hint.expires_at,
        created_at=context.now(),
    )


def _signing_key(context: Context) -> str:
    try:
        return current_key(context).kid
    except LtictlError:  # external keys, or lost ones: the registration itself needs none
        return ""


def _send(context: Context, plan: Plan, attempt: Attempt, journal: Journal, post: Post) -> Answer:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if plan.token:
        headers["Authorization"] = f"Bearer {plan.token}"
    url = plan.inspection.configuration.registration_endpoint
    departed = False

    def leaving() -> None:
        nonlocal departed
        journal.sent(context.now())
        departed = True

    try:
        reply = post(url, headers, attempt.request.encode(), leaving)
    except Exception as error:
        if departed:
            raise answer_lost(attempt, error) from error
        with suppress(LtictlError):  # what stays behind is named by the next command
            context.profile.attempts.settle(attempt.id)
        raise
    return Answer(
        status=reply.status,
        content_type=reply.headers.get("content-type", ""),
        body=reply.body,
        complete=reply.complete,
        date=reply.headers.get("date", ""),
    )


def answer_lost(attempt: Attempt, cause: Exception) -> NeedsRecoveryError:
    """The error for a request whose answer was not read."""
    told = cause.message if isinstance(cause, LtictlError) else f"({type(cause).__name__})"
    return NeedsRecoveryError(
        "answer_lost",
        f"The registration was sent to {attempt.platform.host}, but its answer was not read: "
        f"{told}",
        why="The LMS may or may not have made the tool; only it knows.",
        fix=f"Run 'ltictl recover {attempt.id}'. Nothing is sent again by itself.",
        data={"attempt": attempt.id},
    )


def _keep_answer(attempt: Attempt, journal: Journal, answer: Answer) -> None:
    try:
        journal.answered(answer)
    except OSError as error:
        raise keep_elsewhere(attempt, answer, error) from error
