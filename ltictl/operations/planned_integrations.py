"""The steps for the integrations that ``apply`` wants: endpoints, deployments, state."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from ltictl.errors import AlreadyExistsError, LtictlError, NotFoundError
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Status,
)
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.profile import Settings
from ltictl.model.record import replace
from ltictl.model.wanted import WantedIntegration
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import (
    claim_id,
    proposed_id,
    require_own_id,
    taken_ids,
)
from ltictl.operations.integration_records import (
    add_deployments,
    check_platform,
    find_registered,
    platform_in_document,
    record,
    require_free_deployments,
    scopes_at,
)
from ltictl.operations.planned_change import PlannedChange, without_result
from ltictl.operations.requests import require_families
from ltictl.operations.switch import switch
from ltictl.platforms.recognition import recognise
from ltictl.platforms.table import family_of

# Nothing goes back to pending: so an integration only begins.
_SWITCHES = {Status.ACTIVE: "activate", Status.DISABLED: "deactivate"}
_RECOGNISED = ("announced", "recognised_by")  # they go with the family
_MEMBERS = (*ENDPOINTS, "audience", "family")


class IntegrationPlanner:
    """Finds the steps for integrations; changes nothing itself.

    Args:
        context: the profile.
        integrations: all stored integrations.
    """

    def __init__(self, context: Context, integrations: tuple[Integration, ...]) -> None:
        self._context = context
        self._taken = taken_ids(context)
        # A document may want thousands; a walk through all stored ones for each takes minutes.
        self._by_id = {each.id: each for each in integrations}
        self._by_client: dict[tuple[str, str], list[Integration]] = {}
        for each in integrations:
            for client in each.clients:
                self._by_client.setdefault(_client(client), []).append(each)

    @cached_property
    def _settings(self) -> Settings:
        return self._context.profile.settings()

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        require_families(self._settings)
        return self._settings.aliases

    def steps(self, wanted: WantedIntegration, slugs: set[str]) -> Iterator[PlannedChange]:
        """Yield the steps for one integration, in their order.

        Args:
            wanted: the wanted integration.
            slugs: slugs of the organizations after the run.

        Raises:
            LtictlError: the document wants something impossible.
        """
        # The same document twice changes nothing the second time.
        known = self._known(wanted)
        if known is not None:
            yield from self._plan_changes(wanted, known)
            return
        if wanted.platform is None:
            raise _not_registered(wanted)
        # Known before the first step: half a document carried out would be worse than none.
        if wanted.organization not in slugs:
            raise NotFoundError(
                "no_such_organization",
                f"There is no organization {wanted.organization!r}.",
                fix="Add it to the document, or with 'ltictl org add'.",
            )
        yield self._plan_addition(wanted, wanted.platform)

    def _known(self, wanted: WantedIntegration) -> Integration | None:
        if wanted.id:
            return self._by_id.get(wanted.id)
        assert wanted.platform is not None  # noqa: S101  an invariant of the model
        issuer, client_id = wanted.platform.issuer, wanted.client_id
        sharing = self._by_client.get((issuer, client_id), [])
        return find_registered(sharing, wanted.organization, issuer, client_id)

    def _sharing(self, integration: Integration) -> Iterator[Integration]:
        """Yield the stored integrations that have one of an integration's clients."""
        for client in integration.clients:
            yield from self._by_client.get(_client(client), [])

    def _plan_addition(self, wanted: WantedIntegration, platform: Platform) -> PlannedChange:
        if wanted.id:
            require_own_id(wanted.id, wanted.organization)
        platform = platform_in_document(platform, self._settings)
        status = wanted.status or Status.PENDING
        family = family_of(platform.family)
        now = self._context.now()
        fresh = Integration(
            id=claim_id(wanted.id or proposed_id(wanted.organization, family), self._taken),
            organization=wanted.organization,
            status=status,
            platform=platform,
            client_id=wanted.client_id,
            created_at=now,
            updated_at=now,
            deployments=wanted.deployments or (),
            scopes=scopes_at(platform, self._settings),
            activated_at=now if status is Status.ACTIVE else None,
        )
        require_free_deployments(self._sharing(fresh), fresh, fresh.deployments)
        detail = f"{platform.issuer}, client {wanted.client_id}, {status.value}"
        return PlannedChange(
            "add-integration", fresh.id, detail, without_result(self._record, fresh)
        )

    def _record(self, fresh: Integration) -> None:
        """Store an integration, unless another run of the same document was first."""
        integrations = self._context.profile.integrations
        try:
            integrations.add(fresh)
        except AlreadyExistsError:
            issuer, client = fresh.platform.issuer, fresh.client_id
            if find_registered(integrations.all(), fresh.organization, issuer, client) is None:
                record(self._context, fresh)

    def _plan_changes(
        self, wanted: WantedIntegration, known: Integration
    ) -> Iterator[PlannedChange]:
        _require_same(wanted, known)
        platform = wanted.platform  # its addresses were judged when the document was read
        if platform is not None and platform.family:
            platform = recognise(platform, self._aliases)
        if platform is not None and (differing := _differing(platform, known.platform)):
            check_platform(platform)
            change = without_result(self._replace_platform, known.id, platform)
            yield PlannedChange("change-integration", known.id, ", ".join(differing), change)
        if wanted.deployments is not None:
            yield from self._deployments(known, wanted.deployments)
        if wanted.status in _SWITCHES and known.status is not wanted.status:
            work = without_result(switch, self._context, [known.id], wanted.status)
            yield PlannedChange(_SWITCHES[wanted.status], known.id, "", work)

    def _replace_platform(self, identifier: str, platform: Platform) -> None:
        now = self._context.now()

        def edit(integration: Integration) -> Integration:
            # A member that the document leaves out stays as the LMS gave it.
            members = {
                name: getattr(platform, name) for name in _MEMBERS if getattr(platform, name)
            }
            if platform.family:
                members |= {name: getattr(platform, name) for name in _RECOGNISED}
            changed = replace(integration.platform, **members)
            return replace(integration, platform=changed, updated_at=now)

        self._context.profile.integrations.change(identifier, edit)

    def _deployments(
        self, known: Integration, wanted: tuple[Deployment, ...]
    ) -> Iterator[PlannedChange]:
        require_free_deployments(self._sharing(known), known, wanted)
        there, names = {each.id for each in known.deployments}, {each.id for each in wanted}
        for each in wanted:
            if each.id not in there:
                add = without_result(add_deployments, self._context, known.id, [each])
                yield PlannedChange("add-deployment", known.id, each.id, add)
        for each in known.deployments:
            # What the LMS told, at the registration or by a launch, is not for a document to undo.
            if each.source is DeploymentSource.MANUAL and each.id not in names:
                drop = without_result(self._drop_deployment, known.id, each.id)
                yield PlannedChange("remove-deployment", known.id, each.id, drop)

    def _drop_deployment(self, identifier: str, deployment: str) -> None:
        now = self._context.now()

        def edit(integration: Integration) -> Integration:
            left = tuple(each for each in integration.deployments if each.id != deployment)
            return replace(integration, deployments=left, updated_at=now)

        self._context.profile.integrations.change(identifier, edit)


def _client(integration: Integration) -> tuple[str, str]:
    return integration.platform.issuer, integration.client_id


def _differing(wanted: Platform, known: Platform) -> list[str]:
    return [
        name
        for name in _MEMBERS
        if getattr(wanted, name) and getattr(wanted, name) != getattr(known, name)
    ]


def _not_registered(wanted: WantedIntegration) -> NotFoundError:
    return NotFoundError(
        "no_such_integration",
        f"There is no integration {wanted.id!r}, and the document does not say how to make it.",
        why="An LMS makes the registration, or it was made by hand and its endpoints are missing.",
        fix="Register it first (ltictl registration-url), or add client_id, issuer and endpoints.",
    )


# Such an id is a mistake in the document, never a change.
def _require_same(wanted: WantedIntegration, known: Integration) -> None:
    """Raise an error where an id belongs to another registration."""
    identity = {
        "organization": (wanted.organization, known.organization),
        "client_id": (wanted.client_id, known.client_id),
        "issuer": (wanted.issuer, known.platform.issuer),
    }
    for name, (value, present) in identity.items():
        if value and value != present:
            raise LtictlError(
                "integration_differs",
                f"The {name} of {known.id!r} is {present!r}, not {value!r}.",
                why="These members tell integrations apart and never change.",
                fix="Correct the document, or give the new integration an id of its own.",
            )
