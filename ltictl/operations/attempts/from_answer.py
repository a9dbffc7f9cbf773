"""Make an integration of an answer to a registration."""

from ltictl.errors import OperatorWarning
from ltictl.lti.answer import RegistrationAnswer
from ltictl.lti.echoed_token import without_token
from ltictl.lti.kept_answer import holds_registration, kept_ids, read_kept
from ltictl.lti.kept_request import request_to_keep
from ltictl.model.attempt import Attempt, AttemptKind
from ltictl.model.hint import hint
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    Updatable,
)
from ltictl.model.record import replace
from ltictl.model.sentence import Sentence
from ltictl.operations.context import Context
from ltictl.platforms.table import family_of


def integration_of_attempt(context: Context, attempt: Attempt, client_id: str) -> Integration:
    """Return the integration of an attempt as far as it is known without an answer."""
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
        token_sha256=attempt.token_sha256,
        request=sent_by(attempt),
    )


def sent_by(attempt: Attempt) -> str:
    """Return an attempt's request as an integration keeps it."""
    request = request_to_keep(attempt.request)
    # An update repeats the LMS's own members; nothing of a first request came from there.
    return _without_its_token(attempt, request) if attempt.kind is AttemptKind.UPDATE else request


def integration_of_answer(
    context: Context, attempt: Attempt, answer: RegistrationAnswer
) -> Integration:
    """Return the new integration that an answer describes."""
    integration = integration_of_attempt(context, attempt, answer.client_id)
    return replace(
        integration,
        deployments=_deployments(answer.deployment_id),
        scopes=replace(integration.scopes, answered=answer.scopes),
        updatable=Updatable.CONFIGURATION_ENDPOINT if answer.client_uri else integration.updatable,
        client_uri=answer.client_uri,
        # Some LMSs repeat the registration token in an address of the answer.
        answer=_without_its_token(attempt, answer.document),
    )


def _without_its_token(attempt: Attempt, document: str) -> str:
    if not attempt.token_length:
        return document
    return without_token(document.encode(), attempt.token_sha256, attempt.token_length).decode()


def integration_of_kept(context: Context, attempt: Attempt, client_id: str) -> Integration:
    """Return the integration of a client_id that a person read in the LMS."""
    integration = integration_of_attempt(context, attempt, client_id)
    # An answer about another client would bring that client's deployment along.
    if attempt.answer is None or kept_ids(attempt.answer).client_id not in {"", client_id}:
        return integration
    if holds_registration(attempt.answer):
        return integration_of_answer(context, attempt, read_kept(attempt.answer))
    return replace(integration, deployments=_deployments(kept_ids(attempt.answer).deployment_id))


def _deployments(identifier: str) -> tuple[Deployment, ...]:
    if not identifier:
        return ()
    return (Deployment(identifier, source=DeploymentSource.REGISTRATION),)


def updated_by(
    before: Integration, fresh: Integration, *, former_gone: bool = False
) -> Integration:
    """Return an earlier integration as it stands after a new registration.

    Its switch, history and deployments stay.

    Args:
        before: the stored integration.
        fresh: the registration as a new integration.
        former_gone: whether the LMS was seen to have lost the client of ``before``.
    """
    known = {each.id for each in before.deployments}
    added = tuple(each for each in fresh.deployments if each.id not in known)
    extended = replace(
        before, deployments=(*before.deployments, *added), updated_at=fresh.updated_at
    )
    if fresh.client_id in {each.client_id for each in before.former}:
        return extended  # the LMS changed a former tool: that does not bring it back
    # Without an answer nothing is known of the new state, and the stored one stays.
    if fresh.client_id == before.client_id:
        return _registered_again(extended, fresh) if fresh.answer else extended
    # The former client stays known: activities in the LMS still launch with it.
    changed = replace(
        _registered_again(extended, fresh),
        client_id=fresh.client_id,
        former_client_ids=(),
        former_clients=before.became_former(fresh.updated_at),
    )
    return changed.seen_gone({before.client_id}, fresh.updated_at) if former_gone else changed


def _registered_again(before: Integration, fresh: Integration) -> Integration:
    return replace(
        fresh,
        id=before.id,
        client_id=before.client_id,
        status=before.status,
        created_at=before.created_at,
        activated_at=before.activated_at,
        deployments=before.deployments,
        former_client_ids=before.former_client_ids,
        former_clients=before.former_clients,
        former_addresses=before.former_addresses,
        invitation=fresh.invitation or before.invitation,
    )


def deployment_missing(integration: Integration) -> OperatorWarning:
    """Return the warning for an integration without a deployment id."""
    family = family_of(integration.platform.family)
    fact = f"{family.subject} named no deployment id yet."
    if not integration.answer:
        fact = "The deployment id is not known, since no answer of the LMS could be read."
    where = f"It is there: {family.deployment}."
    then = hint("deployment", "add", integration.id, "DEPLOYMENT_ID")
    return OperatorWarning(f"{fact} {where} Then: {then}")


def warnings_of(integration: Integration, answer: RegistrationAnswer) -> tuple[str, ...]:
    """Return a warning for each odd or missing member of the answer."""
    warnings = list(answer.warnings)
    if not integration.deployments:
        warnings.append(deployment_missing(integration))
    answered = integration.scopes.answered
    # RFC 7591, 3.2.1: the LMS may record less than the tool asked for.
    missing = [] if answered is None else set(integration.scopes.requested) - set(answered)
    if missing:
        warnings.append(
            Sentence(
                "The LMS recorded fewer services than asked for: {number} less.",
                number=len(missing),
            )
        )
    return tuple(warnings)
