"""Record a registration that was made by hand, in the same form as ``register`` does."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ltictl.errors import InvalidValueError, LtictlError
from ltictl.model.hint import hint
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Scopes,
    Status,
    check_identifier,
)
from ltictl.model.platform import Platform
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import add_under_free_id, free_ids, proposed_id
from ltictl.operations.integration_records import (
    find_registered,
    has_client,
    require_free_deployments,
)
from ltictl.operations.requests import request_for
from ltictl.operations.signing import current_kid
from ltictl.platforms.presets import platform_by_hand
from ltictl.platforms.query_endpoints import query_warning
from ltictl.platforms.recognition import recognition_warnings
from ltictl.platforms.table import family_of


class Added(Struct, frozen=True):
    """A recorded registration, and warnings about it."""

    integration: Integration
    warnings: tuple[str, ...]


def add_integration(
    context: Context,
    *,
    organization: str,
    client_id: str,
    addresses: Mapping[str, str],
    deployments: Iterable[str] = (),
    preset: str = "",
    services: bool = True,
) -> Added:
    """Record a registration that was made by hand.

    Args:
        context: the profile.
        organization: slug.
        client_id: as the LMS issued it.
        addresses: ``issuer``, ``authorization_endpoint``, ``token_endpoint``, ``jwks_uri`` and
            ``audience``; empty where the preset knows them.
        deployments: known deployment ids.
        preset: name of a preset, empty for none.
        services: whether the LMS has services for tools.

    Raises:
        NotFoundError: there is no such organization or preset.
        UsageError: something is missing or cannot be used.
        LtictlError: ``already_added``: the same registration is recorded; nothing was changed.
    """
    require_client_id(client_id)
    context.profile.organizations.get(organization)
    platform = platform_by_hand(preset, addresses, client_id, services=services)
    # A person may type one twice; their order stays.
    unique = tuple(dict.fromkeys(deployments))
    with changed(context, Action.ADD) as change:
        integration = _store(context, organization, platform, client_id, unique)
        change.note(integration.id)
    return Added(integration, _warnings(context, integration))


def require_client_id(client_id: str) -> None:
    """Raise an error unless an LMS can have issued this id.

    Raises:
        InvalidValueError: it is empty, too long, has control characters, or blanks at its ends.
    """
    # A blank from the clipboard is part of the id for every LMS, and invisible to people.
    if client_id != client_id.strip():
        raise InvalidValueError(
            "--client-id", "has blanks at its ends", fix="Copy it from the LMS without blanks."
        )
    check_identifier(client_id, "--client-id")


def _store(
    context: Context,
    organization: str,
    platform: Platform,
    client_id: str,
    deployments: tuple[str, ...],
) -> Integration:
    family = family_of(platform.family)

    def build(identifier: str) -> Integration:
        # Anew for each id: the run that took the former one may have added this registration.
        _refuse_known(context, organization, platform, client_id, deployments)
        fresh = _integration(context, identifier, organization, platform, client_id, deployments)
        require_free_deployments(context.profile.integrations.all(), fresh, fresh.deployments)
        return fresh

    free = free_ids(context, proposed_id(organization, family))
    return add_under_free_id(context, free, build)


def _refuse_known(
    context: Context,
    organization: str,
    platform: Platform,
    client_id: str,
    deployments: tuple[str, ...],
) -> None:
    """Refuse a registration that the organization has already."""
    stored = context.profile.integrations.all()
    # All integrations are read, since any of them may be the same registration.
    known = find_registered(stored, organization, platform.issuer, client_id)
    if known is not None:
        theirs = {each.id for each in known.deployments}
        raise _already(known, client_id, tuple(each for each in deployments if each not in theirs))


def _already(known: Integration, client_id: str, missing: tuple[str, ...]) -> LtictlError:
    fix = f"See 'ltictl show {known.id}'."
    if missing:
        fix = f"Add the deployment to it: {hint('deployment', 'add', known.id, missing[0])}"
    return LtictlError(
        "already_added",
        f"{known.organization!r} has this registration already: {known.id!r}.",
        why="Issuer and client_id are the same; nothing was changed."
        if known.client_id == client_id
        else "The client_id is a former one of it, which exports keep; nothing was changed.",
        fix=fix,
        data={"integration": known.id},
    )


def _integration(
    context: Context,
    identifier: str,
    organization: str,
    platform: Platform,
    client_id: str,
    deployments: tuple[str, ...],
) -> Integration:
    now = context.now()
    return Integration(
        id=identifier,
        organization=organization,
        status=Status.PENDING,
        platform=platform,
        client_id=client_id,
        created_at=now,
        updated_at=now,
        deployments=tuple(Deployment(each, source=DeploymentSource.MANUAL) for each in deployments),
        scopes=Scopes(requested=_scopes(context, identifier, platform)),
        signing_key=current_kid(context),
    )


def _scopes(context: Context, identifier: str, platform: Platform) -> tuple[str, ...]:
    """Return the scopes that ``lms-config`` named to the administrator."""
    if not platform.has_services:
        return ()
    tool = context.profile.settings().tool
    return request_for(tool, family_of(platform.family), identifier).scopes


def _warnings(context: Context, integration: Integration) -> tuple[str, ...]:
    warnings: list[str] = [*recognition_warnings(integration.platform)]
    warnings += query_warning(integration.platform.authorization_endpoint)
    family = family_of(integration.platform.family)
    if not integration.deployments:
        warnings.append(
            f"No deployment id is known yet. It is there: {family.deployment}. "
            f"Then: ltictl deployment add {integration.id} DEPLOYMENT_ID"
        )
    sharing = [
        known.id
        for known in context.profile.integrations.all()
        if known.id != integration.id
        and has_client(known, integration.platform.issuer, integration.client_id)
    ]
    warnings += _other_spellings(context, integration)
    if sharing:
        warnings.append(
            f"{', '.join(sharing)} has the same issuer and client_id; only the deployment ids tell "
            "them apart."
        )
    return tuple(warnings)


def _other_spellings(context: Context, integration: Integration) -> list[str]:
    """Return a warning where a known issuer differs from this one by a slash only."""
    issuer = integration.platform.issuer
    return [
        f"{known.id} has the issuer {known.platform.issuer}, which differs from {issuer} only by "
        "a slash at the end: one of the two is not what the LMS writes, and launches fail there."
        for known in context.profile.integrations.all()
        if known.platform.issuer != issuer
        and known.platform.issuer.rstrip("/") == issuer.rstrip("/")
    ]
