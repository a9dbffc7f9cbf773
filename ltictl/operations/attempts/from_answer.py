"""What an answer to a registration says, as an integration: a new one, or in place of another."""

from ltictl.lti.answer import RegistrationAnswer
from ltictl.model.attempt import Attempt
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    Updatable,
)
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.platforms.table import family_of


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
        token_sha256=attempt.token_sha256,
    )


def integration_of_answer(
    context: Context, attempt: Attempt, answer: RegistrationAnswer
) -> Integration:
    """The integration that an answer tells of, as a new one."""
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


def updated_by(former: Integration, fresh: Integration) -> Integration:
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


def deployment_missing(integration: Integration) -> str:
    """The warning for an integration whose deployment id is not known."""
    family = family_of(integration.platform.family)
    return (
        f"{family.subject} named no deployment id yet. It is there: {family.deployment}. "
        f"Then: ltictl deployment add {integration.id} DEPLOYMENT_ID"
    )


def warnings_of(integration: Integration, answer: RegistrationAnswer) -> tuple[str, ...]:
    """What is odd or missing, one sentence each."""
    warnings = list(answer.warnings)
    if not integration.deployments:
        warnings.append(deployment_missing(integration))
    answered = integration.scopes.answered
    missing = [] if answered is None else set(integration.scopes.requested) - set(answered)
    if missing:
        warnings.append(f"The LMS recorded fewer services than asked for: {len(missing)} less.")
    return tuple(warnings)
