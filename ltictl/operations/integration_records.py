"""Record integrations that ltictl did not register itself, and their deployments."""

from collections.abc import Iterable
from itertools import product

from ltictl.errors import LtictlError
from ltictl.lti.registration import requested_scopes
from ltictl.model.hint import hint
from ltictl.model.integration import Deployment, Integration, Scopes
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.profile import Settings
from ltictl.model.record import replace
from ltictl.model.web_address import WebAddress
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import add_under_free_id, free_ids
from ltictl.operations.requests import require_families
from ltictl.platforms.recognition import recognise


def check_platform(platform: Platform) -> Platform:
    """Return the platform, if its addresses are valid.

    Raises:
        InvalidValueError: an address is invalid.
    """
    for name in ("issuer", *ENDPOINTS):
        if getattr(platform, name) or name != "token_endpoint":  # empty: an LMS without services
            WebAddress.parse(getattr(platform, name), name)
    return platform


def platform_in_document(platform: Platform, settings: Settings) -> Platform:
    """Return the platform of a document, recognised as in ``register`` and ``add``.

    Raises:
        InvalidValueError: an address is invalid.
        UnreadableError: ``[platforms.aliases]`` says something impossible.
    """
    require_families(settings)
    return recognise(check_platform(platform), settings.aliases)


def scopes_at(platform: Platform, settings: Settings) -> Scopes:
    """Return the services that the tool requests there, since the document names none."""
    return Scopes(requested_scopes(settings.tool) if platform.has_services else ())


# A former client that is in use belongs to its integration too; the present client of another one
# comes first.
def find_registered(
    integrations: Iterable[Integration], organization: str, issuer: str, client_id: str
) -> Integration | None:
    """Return the organization's integration of an issuer and client_id, ``None`` if none."""
    own = [each for each in integrations if each.organization == organization]
    present = (each for each in own if _same_client(each, issuer, client_id))
    former = (each for each in own if has_client(each, issuer, client_id))
    return next(present, None) or next(former, None)


def has_client(integration: Integration, issuer: str, client_id: str) -> bool:
    """Return whether a client is an integration's present one, or a former one in use."""
    return any(_same_client(each, issuer, client_id) for each in integration.clients)


def require_free_deployments(
    integrations: Iterable[Integration], wanted: Integration, deployments: Iterable[Deployment]
) -> None:
    """Raise an error where another integration of the same client owns one of the deployments.

    Args:
        integrations: all stored integrations.
        wanted: the integration that shall have them.
        deployments: the deployments to add.

    Raises:
        LtictlError: ``deployment_taken``.
    """
    ids = [each.id for each in deployments]
    for other in integrations:
        if other.id == wanted.id or not _share_client(other, wanted):
            continue
        theirs = {each.id for each in other.deployments}
        shared = next((each for each in ids if each in theirs), None)
        if shared is not None:
            raise LtictlError(
                "deployment_taken",
                f"The deployment {shared!r} belongs to {other.id!r} already.",
                why="Organizations that share a client_id differ only by their deployments.",
                fix="Check the deployment id with the LMS's administrator, or remove it there: "
                + hint("deployment", "remove", other.id, shared),
            )


# No command makes such a pair, but a text editor, a merge of profiles or two commands at once can.
def shared_deployments(
    integrations: Iterable[Integration],
) -> list[tuple[str, tuple[Integration, ...]]]:
    """Return each deployment id that several integrations of one client own, with its owners."""
    owners: dict[tuple[str, str, str], dict[str, Integration]] = {}
    for each in integrations:
        for client, deployment in product(each.clients, each.deployments):
            key = (client.platform.issuer, client.client_id, deployment.id)
            owners.setdefault(key, {})[each.id] = each
    shared = {
        (deployment, *found): tuple(found.values())
        for (_, _, deployment), found in owners.items()
        if len(found) > 1
    }
    return [(name, found) for (name, *_), found in shared.items()]


def _same_client(integration: Integration, issuer: str, client_id: str) -> bool:
    return (integration.platform.issuer, integration.client_id) == (issuer, client_id)


def _share_client(one: Integration, other: Integration) -> bool:
    """Return whether a runtime would find the deployments of both at one client."""
    theirs = {(each.platform.issuer, each.client_id) for each in other.clients}
    # Former clients too: activities still launch with them.
    return any((each.platform.issuer, each.client_id) in theirs for each in one.clients)


def record(context: Context, integration: Integration) -> Integration:
    """Store a new integration under its id, or under the next free one.

    Args:
        context: the profile.
        integration: the integration, with its preferred id.

    Raises:
        LtictlError: it could not be written.
    """
    free = free_ids(context, integration.id)
    return add_under_free_id(context, free, lambda each: replace(integration, id=each))


def add_deployments(context: Context, identifier: str, wanted: Iterable[Deployment]) -> Integration:
    """Add deployments that the integration lacks.

    Raises:
        NotFoundError: there is no such integration.
        LtictlError: it could not be written.
    """
    added = tuple(wanted)
    now = context.now()

    def changed(integration: Integration) -> Integration:
        known = {each.id for each in integration.deployments}
        more = tuple(each for each in added if each.id not in known)
        if not more:
            return integration
        return replace(integration, deployments=(*integration.deployments, *more), updated_at=now)

    return context.profile.integrations.change(identifier, changed)
