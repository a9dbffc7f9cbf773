"""Add, list and remove deployments of an integration."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ltictl.errors import LtictlError, NotFoundError
from ltictl.lti.launch_token import (
    LaunchedDeployment,
    difference,
    is_for,
    launch_refused,
    read_deployment,
)
from ltictl.lti.pasted_launch import PastedToken, find_tokens
from ltictl.lti.refusal import read_refusal
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.model.hint import hint
from ltictl.model.integration import Deployment, DeploymentSource, Integration
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_records import require_free_deployments

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy

_DEADLINE = 15.0
_OK = 200  # RFC 9110, 15.3.1


def add_deployment(
    context: Context,
    identifier: str,
    deployment_id: str,
    *,
    label: str = "",
    source: DeploymentSource = DeploymentSource.MANUAL,
) -> Integration:
    """Store a deployment id, or change the label of a stored one.

    Args:
        context: the profile.
        identifier: the integration.
        deployment_id: the id as the LMS shows it.
        label: a name for people, such as a faculty; empty to keep the present one.
        source: the source of the id.

    Raises:
        NotFoundError: there is no such integration.
        InvalidValueError: no deployment id has this form.
        LtictlError: ``deployment_taken``.
    """
    launched_at = context.now() if source is DeploymentSource.LAUNCH else None
    added = Deployment(deployment_id, label, source, launched_at)
    context.profile.require()
    with changed(context, Action.DEPLOYMENT) as change:
        former = context.profile.integrations.get(identifier)
        require_free_deployments(context.profile.integrations.all(), former, [added])
        stored = _store(context, identifier, added)
        if stored.deployments != former.deployments:
            change.note(identifier)
    return stored


def _store(context: Context, identifier: str, added: Deployment) -> Integration:
    now = context.now()

    def edit(integration: Integration) -> Integration:
        known = {each.id: each for each in integration.deployments}
        former = known.get(added.id)
        known[added.id] = _noted_again(former, added) if former else added
        deployments = tuple(known.values())
        if deployments == integration.deployments:
            return integration
        return replace(integration, deployments=deployments, updated_at=now)

    return context.profile.integrations.change(identifier, edit)


def _noted_again(former: Deployment, added: Deployment) -> Deployment:
    return replace(
        former,
        label=added.label or former.label,
        launched_at=former.launched_at or added.launched_at,
    )


def add_from_launch(
    context: Context, policy: "GuardPolicy", identifier: str, pasted: str, label: str = ""
) -> Integration:
    """Store the deployment of a launch, after checking the LMS's signature (LTI Core 1.3, 5.3.3).

    Args:
        context: the profile.
        policy: the limits of the requests.
        identifier: the integration.
        pasted: a text with the launch's id_token in it.
        label: as in ``add_deployment``.

    Raises:
        LtictlError: ``launch_unreadable``, ``launch_of_old_lti``, ``launch_failed_at_lms``,
            ``launch_refused``, or the key set cannot be had.
    """
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    launches = _own(context, integration, find_tokens(pasted))
    context.progress(f"Asking {integration.platform.host} for its key set ...")
    found = asyncio.run(_read_first(policy, launches))
    for warning in found.warnings:
        context.warn(warning)
    source = DeploymentSource.LAUNCH
    return add_deployment(context, identifier, found.id, label=label, source=source)


def _own(
    context: Context, integration: Integration, launches: Sequence[PastedToken]
) -> list[tuple[PastedToken, str]]:
    """Return the launches that claim this integration, each with the LMS's key set.

    Raises:
        LtictlError: ``launch_refused``: there is none.
    """
    # By their own claims: only the chosen ones have their signatures verified, with the LMS's key
    # set.
    own = [
        (each, client.platform.jwks_uri)
        for each in launches
        # Activities in the LMS may still use a former client.
        for client in integration.clients
        if is_for(each, client.platform.issuer, client.client_id)
    ]
    if own:
        return own
    if any(_belongs(launches[0], integration.of_former(each)) for each in integration.former):
        raise launch_refused(
            "It was made for a client that a later registration replaced, and that the LMS has no "
            "more."
        )
    for other in context.profile.integrations.all():
        if _belongs(launches[0], other):
            raise launch_refused(
                f"It belongs to the integration {other.id!r}.",
                fix=f"ltictl deployment add {other.id} --from-launch -",
            )
    raise difference(launches[0], integration.platform.issuer, integration.client_id)


def _belongs(launch: PastedToken, integration: Integration) -> bool:
    clients = ((each.platform.issuer, each.client_id) for each in integration.clients)
    return any(is_for(launch, *each) for each in clients)


async def _read_first(
    policy: "GuardPolicy", launches: Sequence[tuple[PastedToken, str]]
) -> LaunchedDeployment:
    """Return the deployment of the first launch whose signature verifies."""
    key_sets = {
        url: await _key_set(policy, url) for url in dict.fromkeys(url for _, url in launches)
    }
    # The first launch is the one that the person meant; others came along in the paste.
    first: LtictlError | None = None
    for each, url in launches:
        try:
            return read_deployment(each, key_sets[url])
        except LtictlError as error:
            first = first or error
    assert first is not None  # noqa: S101  there is at least one launch
    raise first


def remove_deployment(context: Context, identifier: str, deployment_id: str) -> Integration:
    """Forget a deployment id; the LMS keeps its deployment.

    Raises:
        NotFoundError: there is no such integration, or it has no such deployment.
    """
    context.profile.require()
    now = context.now()

    def edit(integration: Integration) -> Integration:
        left = tuple(each for each in integration.deployments if each.id != deployment_id)
        if left == integration.deployments:
            raise NotFoundError(
                "no_such_deployment",
                f"{identifier!r} has no deployment {deployment_id[:80]!r}.",
                fix=f"To see what there is: {hint('deployment', 'list', identifier)}",
            )
        return replace(integration, deployments=left, updated_at=now)

    with changed(context, Action.DEPLOYMENT) as change:
        stored = context.profile.integrations.change(identifier, edit)
        change.note(identifier)
    return stored


async def _key_set(policy: "GuardPolicy", url: str) -> dict[str, Any]:
    from ltictl.net.client import GuardedClient

    async with GuardedClient(policy) as client:
        reply = await client.get(url, deadline=_DEADLINE)
    if reply.status != _OK:  # by status first: a page of maintenance is no bad JSON
        words = read_refusal(reply.status, reply.body).words
        raise _no_key_set(url, f"It answers HTTP {reply.status}{': ' + words if words else ''}.")
    try:
        return dict(parse_object(reply.body))
    except JsonError as error:
        raise _no_key_set(url, f"Its answer is no key set: {error}.") from error


def _no_key_set(url: str, why: str) -> LtictlError:
    return LtictlError(
        "platform_key_set_unusable",
        f"The LMS's key set at {url} cannot be used, so that no launch can be checked.",
        why=why,
        fix="Ask the LMS's administrators, or give the id by hand: "
        "ltictl deployment add ID DEPLOYMENT_ID",
    )
