"""Send the tool's present settings to an LMS, or have it delete the tool, where it allows that."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ltictl.errors import LtictlError
from ltictl.lti.answer import UnusableAnswerError, read_registration
from ltictl.lti.client_configuration import Difference, changed_client, differences
from ltictl.lti.registration import build_request
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.attempt import Answer
from ltictl.model.integration import Deployment, DeploymentSource, Integration, Scopes, Updatable
from ltictl.operations.context import Context
from ltictl.operations.requests import require_overrides
from ltictl.operations.upkeep.client_endpoint import TOKEN, ClientEndpoint, require_own_host
from ltictl.platforms.shape import Shaped, shape
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy

Consent = Callable[[tuple[Difference, ...]], bool]


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of it.

    Attributes:
        integration: as stored now.
        changes: what was different.
        sent: whether anything was sent.
        warnings: one sentence each.
    """

    integration: Integration
    changes: tuple[Difference, ...]
    sent: bool
    warnings: tuple[str, ...] = ()


def update(context: Context, policy: "GuardPolicy", identifier: str, consent: Consent) -> Updated:
    """Compare the registration with the tool's settings, and change it if a person agrees.

    Args:
        context: the profile.
        policy: what the way out allows.
        identifier: the integration.
        consent: told what would change; asked only if anything would.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: ``update_not_offered``, or the LMS refused or could not be reached.
    """
    integration = _changeable(context, identifier)
    shaped = _wanted(context, integration)

    async def run() -> tuple[tuple[Difference, ...], Answer | None]:
        from ltictl.net.client import GuardedClient

        async with GuardedClient(policy) as client:
            endpoint = ClientEndpoint(context, client, integration)
            context.progress(f"Asking {integration.platform.host} ...")
            current = await endpoint.read()
            changes = differences(current, shaped.request)
            if not changes or not consent(changes):
                return changes, None
            members = changed_client(current, shaped.request, integration.client_id)
            context.progress(f"Waiting for the answer of {integration.platform.host} ...")
            return changes, await endpoint.write(members)

    changes, answer = asyncio.run(run())
    if answer is None:
        return Updated(integration, changes, sent=False, warnings=shaped.warnings)
    stored = _stored(context, integration, shaped, answer)
    waiting = _waiting(stored)
    return Updated(stored, changes, sent=True, warnings=(*shaped.warnings, *waiting))


def delete_at_lms(context: Context, policy: "GuardPolicy", identifier: str) -> None:
    """Have the LMS delete the tool; what is stored here stays.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: ``removal_not_offered``, ``registration_shared``, or the LMS refused.
    """
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    family = family_of(integration.platform.family)
    if not integration.client_uri or not context.profile.secret(identifier, TOKEN):
        raise LtictlError(
            "removal_not_offered",
            f"{family.subject} does not let a tool delete its registration; nothing was removed.",
            fix=f"Delete it there: {family.switch}. Then: ltictl remove {identifier}",
        )
    _require_unshared(context, integration)
    require_own_host(integration)

    async def run() -> None:
        from ltictl.net.client import GuardedClient

        async with GuardedClient(policy) as client:
            await ClientEndpoint(context, client, integration).delete()

    asyncio.run(run())


def _changeable(context: Context, identifier: str) -> Integration:
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    has_token = bool(context.profile.secret(identifier, TOKEN))
    by_service = SCOPES["registration"] in integration.scopes.requested
    if not integration.client_uri or not (has_token or by_service):
        raise _not_offered(integration)
    require_own_host(integration)
    return integration


def _not_offered(integration: Integration) -> LtictlError:
    family = family_of(integration.platform.family)
    if integration.updatable is Updatable.RERUN:
        why = f"In {family.title} an administrator starts an update."
        fix = (
            f"Run 'ltictl register --org {integration.organization}', have its URL pasted into "
            f"{family.title} as at the first time, and choose Update there for the tool."
        )
    else:
        why = "It gave neither an address for changes nor the service for them."
        fix = (
            f"Change it there by hand: {family.switch}. 'ltictl lms-config {family.slug}' prints "
            "the values."
        )
    return LtictlError(
        "update_not_offered",
        f"{family.subject} does not let a tool change this registration by itself.",
        why=why,
        fix=fix,
    )


def _wanted(context: Context, integration: Integration) -> Shaped:
    tool = context.profile.settings().tool
    require_overrides(tool)
    family = family_of(integration.platform.family)
    presented = tool.at(family.slug)
    shaped = shape(build_request(presented, integration.id), family, presented)
    scope = SCOPES["registration"]
    if scope in integration.scopes.requested and scope not in shaped.scopes:
        # Asked for beyond the settings where the LMS offers it; without it this was the last time.
        wanted = " ".join([*shaped.scopes, scope])
        return replace(shaped, request=shaped.request | {"scope": wanted})
    return shaped


def _stored(
    context: Context, integration: Integration, shaped: Shaped, answer: Answer
) -> Integration:
    try:
        found = read_registration(answer)
    except UnusableAnswerError as error:  # it named the right client, so it was read once already
        raise AssertionError(str(error)) from error
    now = context.now()

    def changed(former: Integration) -> Integration:
        known = {each.id for each in former.deployments}
        fresh = found.deployment_id if found.deployment_id not in known else ""
        added = (Deployment(fresh, source=DeploymentSource.REGISTRATION),) if fresh else ()
        return replace(
            former,
            deployments=(*former.deployments, *added),
            scopes=Scopes(shaped.scopes, found.scopes, former.scopes.granted),
            client_uri=found.client_uri or former.client_uri,
            answer=found.document,
            updated_at=now,
        )

    return context.profile.integrations.change(integration.id, changed)


def _waiting(integration: Integration) -> tuple[str, ...]:
    if not family_of(integration.platform.family).updates_wait:
        return ()
    told = f"The update was submitted to {integration.platform.host}."
    return (f"{told} It takes effect when an administrator accepts it there.",)


def _require_unshared(context: Context, integration: Integration) -> None:
    key = (integration.platform.issuer, integration.client_id)
    sharing = [
        each.id
        for each in context.profile.integrations.all()
        if each.id != integration.id and (each.platform.issuer, each.client_id) == key
    ]
    if sharing:
        raise LtictlError(
            "registration_shared",
            f"{', '.join(sharing)} shares this client_id, and would stop working.",
            fix=f"Forget it here only: ltictl remove {integration.id}",
        )


def difference_data(change: Difference) -> dict[str, Any]:
    """One difference as JSON says it."""
    return {
        "member": change.member,
        "now": json.loads(change.now) if change.now else None,
        "wanted": json.loads(change.wanted) if change.wanted else None,
    }
