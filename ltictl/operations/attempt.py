"""The durable sequence of one registration: intended, sent, answered, stored, settled.

Every step is on disk before the next begins. All of it runs in one thread, so that no closed tab
and no signal cuts it in the middle, and nothing is ever sent twice.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from ltictl.errors import LtictlError, NeedsRecoveryError, RefusedError
from ltictl.lti.answer import (
    RegistrationAnswer,
    UnusableAnswerError,
    read_refusal,
    read_registration,
)
from ltictl.lti.registration import build_request
from ltictl.lti.registration_token import token_digest
from ltictl.model.attempt import Answer, Attempt
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    Updatable,
)
from ltictl.net.client import Reply
from ltictl.net.failures import UnreachableError
from ltictl.operations.context import Context
from ltictl.operations.inspect_platform import Inspection, require_settled
from ltictl.operations.invite import invitation_problem, spend_invitation
from ltictl.operations.lost_answer import keep_elsewhere
from ltictl.operations.signing import current_key
from ltictl.platforms.table import explain_refusal, family_of
from ltictl.store.journal import Journal

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


@dataclass(frozen=True, slots=True)
class Registered:
    """A stored registration.

    Attributes:
        integration: as stored.
        updated: whether an earlier integration was changed instead of a new one added.
        warnings: what deserves attention.
    """

    integration: Integration
    updated: bool
    warnings: tuple[str, ...] = ()


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
    attempt, journal = _begin(context, plan)
    try:
        answer = _send(context, plan, attempt, journal, post)
        _keep_answer(attempt, journal, answer)
    finally:
        journal.close()
    return settle_answer(context, attempt.answered(answer))


def _require_open_invitation(context: Context, identifier: str) -> None:
    """The page may have stood open while another one used the same invitation."""
    if identifier:
        invitation = context.profile.invitations.get(identifier)
        problem = invitation_problem(invitation, context.now())
        if problem is not None:
            raise problem


def _begin(context: Context, plan: Plan) -> tuple[Attempt, Journal]:
    """Choose the integration's id and make the intent durable under it."""
    stem = f"{plan.organization[:_MAX_STEM]}-{plan.inspection.family.slug}"
    number = 1
    while True:
        identifier = plan.replaces or (stem if number == 1 else f"{stem}-{number}")
        number += 1
        if not plan.replaces and context.profile.integrations.exists(identifier):
            continue
        attempt = _attempt(context, plan, identifier)
        try:
            return attempt, context.profile.attempts.begin(attempt)
        except FileExistsError:
            if context.profile.attempts.discard_unsent(identifier):
                number -= 1
            elif plan.replaces:
                raise _busy(identifier) from None


def _busy(identifier: str) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "attempt_unsettled",
        f"An update of {identifier!r} is under way or was cut off.",
        fix=f"Wait for it, or run 'ltictl recover {identifier}'.",
    )


def _attempt(context: Context, plan: Plan, identifier: str) -> Attempt:
    tool = context.profile.settings().tool
    configuration = plan.inspection.configuration
    return Attempt(
        id=identifier,
        organization=plan.organization,
        invitation=plan.invitation,
        platform=configuration.platform,
        registration_endpoint=configuration.platform.registration_endpoint,
        replaces=plan.replaces,
        request=json.dumps(build_request(tool, identifier)),
        scopes=plan.inspection.scopes,
        signing_key=_signing_key(context),
        token_sha256=token_digest(plan.token),
        token_subject=plan.inspection.hint.subject,
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
    try:
        reply = post(url, headers, attempt.request.encode(), lambda: journal.sent(context.now()))
    except UnreachableError as error:
        if error.sent:
            raise answer_lost(attempt, error) from error
        context.profile.attempts.settle(attempt.id)
        raise
    except LtictlError:  # "sent" could not be written down, so nothing was sent
        context.profile.attempts.settle(attempt.id)
        raise
    return Answer(
        status=reply.status,
        content_type=reply.headers.get("content-type", ""),
        body=reply.body,
        complete=reply.complete,
        date=reply.headers.get("date", ""),
    )


def answer_lost(attempt: Attempt, cause: LtictlError) -> NeedsRecoveryError:
    """The error for a request whose answer was not read."""
    return NeedsRecoveryError(
        "answer_lost",
        f"The registration was sent to {attempt.platform.host}, but its answer was not read: "
        f"{cause.message}",
        why="The LMS may or may not have made the tool; only it knows.",
        fix=f"Run 'ltictl recover {attempt.id}'. Nothing is sent again by itself.",
        data={"attempt": attempt.id},
    )


def _keep_answer(attempt: Attempt, journal: Journal, answer: Answer) -> None:
    try:
        journal.answered(answer)
    except OSError as error:
        raise keep_elsewhere(attempt, answer, error) from error


def settle_answer(context: Context, attempt: Attempt) -> Registered:
    """Turn a durable answer into an integration and settle the attempt.

    Args:
        context: the profile.
        attempt: at stage ``answered``.

    Raises:
        RefusedError: the LMS refused, or answered what cannot be used; in the second case, and
            where the LMS failed, the attempt stays.
        NeedsRecoveryError: the answer is durable, but storing the integration failed.
    """
    answer = attempt.answer
    if answer is None:
        raise AssertionError("settle_answer needs an answered attempt")
    _stop_on_refusal(context, attempt, answer)
    try:
        registration = read_registration(answer)
    except UnusableAnswerError as error:
        raise _unusable(attempt, answer, error) from error
    try:
        registered = _store(context, attempt, registration)
    except LtictlError as error:
        raise _not_stored(attempt, registration, error) from error
    context.profile.attempts.settle(attempt.id)
    return registered


def _stop_on_refusal(context: Context, attempt: Attempt, answer: Answer) -> None:
    if not answer.complete or 200 <= answer.status < 300:  # noqa: PLR2004  RFC 9110, 15.3
        return
    refusal = read_refusal(answer)
    error = explain_refusal(family_of(attempt.platform.family), refusal, attempt.platform.host)
    if answer.status >= 500:  # noqa: PLR2004  RFC 9110, 15.6: it may have acted before it failed
        error.code = "platform_failed"
        error.why = "The LMS failed while it worked on the request, and may have made the tool."
        error.fix = f"Run 'ltictl recover {attempt.id}'. Nothing is sent again by itself."
        error.data = {**(error.data or {}), "attempt": attempt.id}
        raise error
    context.profile.attempts.settle(attempt.id)
    raise error


def _unusable(attempt: Attempt, answer: Answer, error: UnusableAnswerError) -> LtictlError:
    kind = RefusedError if answer.complete else NeedsRecoveryError
    return kind(
        "answer_unusable",
        f"{attempt.platform.host} answered HTTP {answer.status}, but its answer cannot be used: "
        f"{error}.",
        why="The LMS has probably made the tool. The whole answer is kept.",
        fix=f"Look up the client_id in the LMS and run 'ltictl recover {attempt.id} "
        "--client-id VALUE'.",
        data={"attempt": attempt.id},
    )


def _not_stored(
    attempt: Attempt, registration: RegistrationAnswer, error: LtictlError
) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "registration_not_stored",
        f"{attempt.platform.host} registered the tool as {registration.client_id!r}, but the "
        f"integration could not be stored: {error.message}",
        why="The answer itself is safe in the attempt.",
        fix=f"Remove the cause, then run 'ltictl recover {attempt.id} --adopt'.",
        data={"attempt": attempt.id, "client_id": registration.client_id},
    )


def _store(context: Context, attempt: Attempt, answer: RegistrationAnswer) -> Registered:
    profile = context.profile
    if answer.access_token:
        profile.keep_secret(attempt.id, {"registration_access_token": answer.access_token})
    fresh = _integration(context, attempt, answer)
    target = attempt.replaces or _same_client(context, attempt, answer.client_id)
    if target:
        stored = profile.integrations.change(target, lambda former: _updated(former, fresh))
    else:
        profile.integrations.add(fresh)
        stored = fresh
    if attempt.invitation:
        spend_invitation(context, attempt.invitation, stored.id)
    return Registered(stored, updated=bool(target), warnings=_warnings(stored, answer))


def _same_client(context: Context, attempt: Attempt, client_id: str) -> str:
    """Id of an integration that has this client_id already, empty if none.

    Canvas answers an update request with the registration that it knows; and after a crash the
    attempt's own integration may be stored already.
    """
    prefix = f"{attempt.organization[:_MAX_STEM]}-"
    for identifier in context.profile.integrations.ids():
        if not identifier.startswith(prefix):
            continue
        known = context.profile.integrations.get(identifier)
        same_platform = known.platform.issuer == attempt.platform.issuer
        if same_platform and known.client_id == client_id:
            return identifier
    return ""


def integration_of_attempt(context: Context, attempt: Attempt, client_id: str) -> Integration:
    """The integration that an attempt leads to, as far as it is known without an answer."""
    now = context.now()
    return Integration(
        id=attempt.id,
        organization=attempt.organization,
        status=Status.PENDING,
        platform=attempt.platform,
        client_id=client_id,
        created_at=now,
        updated_at=now,
        scopes=Scopes(requested=attempt.scopes),
        updatable=family_of(attempt.platform.family).updatable,
        invitation=attempt.invitation,
        signing_key=attempt.signing_key,
    )


def _integration(context: Context, attempt: Attempt, answer: RegistrationAnswer) -> Integration:
    known = integration_of_attempt(context, attempt, answer.client_id)
    return replace(
        known,
        deployments=_deployments(answer),
        scopes=replace(known.scopes, answered=answer.scopes),
        updatable=Updatable.CONFIGURATION_ENDPOINT if answer.client_uri else known.updatable,
        client_uri=answer.client_uri,
        answer=answer.document,
    )


def _deployments(answer: RegistrationAnswer) -> tuple[Deployment, ...]:
    if not answer.deployment_id:
        return ()
    return (Deployment(answer.deployment_id, source=DeploymentSource.REGISTRATION),)


def _updated(former: Integration, fresh: Integration) -> Integration:
    """The earlier integration with the new answer; switch, history and deployments stay."""
    known = {each.id for each in former.deployments}
    added = tuple(each for each in fresh.deployments if each.id not in known)
    replaced = (former.client_id,) if former.client_id != fresh.client_id else ()
    return replace(
        fresh,
        id=former.id,
        status=former.status,
        created_at=former.created_at,
        activated_at=former.activated_at,
        deployments=(*former.deployments, *added),
        former_client_ids=(*former.former_client_ids, *replaced),
        invitation=fresh.invitation or former.invitation,
    )


def _warnings(integration: Integration, answer: RegistrationAnswer) -> tuple[str, ...]:
    warnings = list(answer.warnings)
    if not integration.deployments:
        warnings.append(
            "The LMS named no deployment id yet; add it when it is known: "
            f"ltictl deployment add {integration.id} DEPLOYMENT_ID"
        )
    answered = integration.scopes.answered
    missing = [] if answered is None else set(integration.scopes.requested) - set(answered)
    if missing:
        warnings.append(f"The LMS recorded fewer services than asked for: {len(missing)} less.")
    return tuple(warnings)
