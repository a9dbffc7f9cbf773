"""Compare the wanted profile with the stored one: a list of steps, none of them done yet."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from msgspec import Struct

from ltictl.errors import LtictlError, NotFoundError
from ltictl.model.integration import (
    Deployment,
    DeploymentSource,
    Integration,
    Status,
)
from ltictl.model.organization import Organization
from ltictl.model.platform import Platform
from ltictl.model.record import replace
from ltictl.model.wanted import WantedIntegration, WantedOrganization, WantedState
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import claim_id, proposed_id, taken_ids
from ltictl.operations.integration_records import (
    add_deployments,
    check_platform,
    find_registered,
    platform_in_document,
    record,
    require_free_deployments,
    scopes_at,
)
from ltictl.operations.invite import IssuedInvitation, invite, open_invitations
from ltictl.operations.organizations import add_organization
from ltictl.operations.switch import switch
from ltictl.platforms.table import family_named, family_of

_SWITCHES = {Status.ACTIVE: "activate", Status.DISABLED: "deactivate"}
_NOT_OF_AN_INTEGRATION = frozenset({"add-organization", "rename-organization", "invite"})


class PlannedChange(Struct, frozen=True):
    """One change.

    Attributes:
        action: ``add-organization``, ``rename-organization``, ``invite``, ``add-integration``,
            ``change-integration``, ``add-deployment``, ``remove-deployment``, ``activate`` or
            ``deactivate``; at the LMS ``register-at-lms``, ``activate-at-lms``,
            ``deactivate-at-lms`` or ``deploy-at-lms``.
        subject: slug or id.
        detail: for people, may be empty.
        carry_out: does it; doing it twice is fine. Returns the invitation, for ``invite``.
        family: of the invited organization's LMS, empty if unknown.
    """

    action: str
    subject: str
    detail: str
    carry_out: Callable[[], IssuedInvitation | None]
    family: str = ""


def apply_steps(
    context: Context,
    steps: Sequence[PlannedChange],
    done: list[PlannedChange],
    deliver: Callable[[PlannedChange, IssuedInvitation], object],
) -> None:
    """Carry out one step after the other, then run the hook for the integrations that changed.

    Args:
        context: the profile.
        steps: what to do.
        done: gets each step that was carried out, also where a later one fails.
        deliver: gets each invitation at once, since its URL is known only now.

    Raises:
        LtictlError: a step failed, or ``hook_missing``.
    """
    with changed(context, Action.APPLY) as change:
        for number, step in enumerate(steps, 1):
            context.progress(f"{number} of {len(steps)} changes ...")
            issued = step.carry_out()
            done.append(step)
            if step.action not in _NOT_OF_AN_INTEGRATION:
                change.note(step.subject)
            if issued is not None:
                deliver(step, issued)


class Planner:
    """Finds the steps from the stored profile to the wanted one.

    Args:
        context: the profile; nothing in it is changed before a step is carried out.
        life: of the invitations that will be issued.
        address: of the page, as their URLs will name it.
    """

    def __init__(self, context: Context, life: timedelta, address: str | None = None) -> None:
        self._context = context
        self._life = life
        self._address = address
        context.profile.require()
        self._integrations = context.profile.integrations.all().items
        self._organizations = {each.slug: each for each in context.profile.organizations.all()}
        self._invited = {each.organization for each in open_invitations(context)}
        self._taken = taken_ids(context)

    def steps(self, wanted: WantedState) -> tuple[PlannedChange, ...]:
        """Every step, in the order in which they are to be done.

        Raises:
            LtictlError: something that is wanted cannot be brought about.
        """
        slugs = {each.slug for each in wanted.organizations} | set(self._organizations)
        found = [
            *(step for each in wanted.organizations for step in self._organization(each)),
            *(
                step
                for each in wanted.integrations
                if not each.by_lms  # the LMS is asked for these
                for step in self._integration(each, slugs)
            ),
        ]
        return tuple(found)

    def _organization(self, wanted: WantedOrganization) -> Iterator[PlannedChange]:
        context, slug = self._context, wanted.slug
        known = self._organizations.get(slug)
        name = wanted.name or ""
        if known is None:
            Organization(slug, context.now(), name)  # its own checks, before anything is written
            yield PlannedChange(
                "add-organization", slug, name, _quiet(add_organization, context, slug, name)
            )
        elif wanted.name is not None and known.name != wanted.name:
            detail = f"{known.name!r} becomes {wanted.name!r}"
            yield PlannedChange(
                "rename-organization", slug, detail, _quiet(self._rename, slug, name)
            )
        if wanted.invite and self._needs_invitation(slug):
            family = family_named(wanted.family).slug if wanted.family else ""
            yield PlannedChange("invite", slug, wanted.platform, self._inviting(wanted), family)

    def _needs_invitation(self, slug: str) -> bool:
        owns = any(each.organization == slug for each in self._integrations)
        return not owns and slug not in self._invited

    def _rename(self, slug: str, name: str) -> None:
        self._context.profile.organizations.change(slug, lambda each: replace(each, name=name))

    def _inviting(self, wanted: WantedOrganization) -> Callable[[], IssuedInvitation]:
        def issue() -> IssuedInvitation:
            return invite(
                self._context,
                organization=wanted.slug,
                platform=wanted.platform or None,
                life=self._life,
                address=self._address,
            )

        return issue

    def _integration(self, wanted: WantedIntegration, slugs: set[str]) -> Iterator[PlannedChange]:
        known = self._known(wanted)
        if known is not None:
            yield from self._plan_changes(wanted, known)
            return
        if wanted.platform is None:
            raise _not_registered(wanted)
        if wanted.organization not in slugs:
            raise NotFoundError(
                "no_such_organization",
                f"There is no organization {wanted.organization!r}.",
                fix="Add it to the document, or with 'ltictl org add'.",
            )
        yield self._plan_addition(wanted, wanted.platform)

    def _known(self, wanted: WantedIntegration) -> Integration | None:
        if wanted.id:
            return next((each for each in self._integrations if each.id == wanted.id), None)
        assert wanted.platform is not None  # noqa: S101  an invariant of the model
        issuer = wanted.platform.issuer
        return find_registered(self._integrations, wanted.organization, issuer, wanted.client_id)

    def _plan_addition(self, wanted: WantedIntegration, platform: Platform) -> PlannedChange:
        settings = self._context.profile.settings()
        platform = platform_in_document(platform, settings)
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
            scopes=scopes_at(platform, settings),
            activated_at=now if status is Status.ACTIVE else None,
        )
        require_free_deployments(self._integrations, fresh, fresh.deployments)
        detail = f"{platform.issuer}, client {wanted.client_id}, {status.value}"
        return PlannedChange(
            "add-integration", fresh.id, detail, _quiet(record, self._context, fresh)
        )

    def _plan_changes(
        self, wanted: WantedIntegration, known: Integration
    ) -> Iterator[PlannedChange]:
        _require_same(wanted, known)
        platform = wanted.platform
        if platform is not None and platform.family:
            platform = platform_in_document(platform, self._context.profile.settings())
        if platform is not None and (differing := _differing(platform, known.platform)):
            check_platform(platform)
            change = _quiet(self._replace_platform, known.id, platform)
            yield PlannedChange("change-integration", known.id, ", ".join(differing), change)
        if wanted.deployments is not None:
            yield from self._deployments(known, wanted.deployments)
        if wanted.status in _SWITCHES and known.status is not wanted.status:
            work = _quiet(switch, self._context, [known.id], wanted.status)
            yield PlannedChange(_SWITCHES[wanted.status], known.id, "", work)

    def _replace_platform(self, identifier: str, platform: Platform) -> None:
        now = self._context.now()

        def edit(integration: Integration) -> Integration:
            given = {name: getattr(platform, name) for name in _GIVEN if getattr(platform, name)}
            if platform.family:
                given |= {name: getattr(platform, name) for name in _RECOGNISED}
            kept = replace(integration.platform, **given)
            return replace(integration, platform=kept, updated_at=now)

        self._context.profile.integrations.change(identifier, edit)

    def _deployments(
        self, known: Integration, wanted: tuple[Deployment, ...]
    ) -> Iterator[PlannedChange]:
        require_free_deployments(self._integrations, known, wanted)
        there, names = {each.id for each in known.deployments}, {each.id for each in wanted}
        for each in wanted:
            if each.id not in there:
                add = _quiet(add_deployments, self._context, known.id, [each])
                yield PlannedChange("add-deployment", known.id, each.id, add)
        for each in known.deployments:
            # What the LMS told, at the registration or by a launch, is not for a document to undo.
            if each.source is DeploymentSource.MANUAL and each.id not in names:
                drop = _quiet(self._drop_deployment, known.id, each.id)
                yield PlannedChange("remove-deployment", known.id, each.id, drop)

    def _drop_deployment(self, identifier: str, deployment: str) -> None:
        now = self._context.now()

        def edit(integration: Integration) -> Integration:
            left = tuple(each for each in integration.deployments if each.id != deployment)
            return replace(integration, deployments=left, updated_at=now)

        self._context.profile.integrations.change(identifier, edit)


_RECOGNISED = ("announced", "recognised_by")  # they go with the family
_GIVEN = ("authorization_endpoint", "token_endpoint", "jwks_uri", "audience", "family")


def _quiet(work: Callable[..., object], *arguments: object) -> Callable[[], None]:
    def carry_out() -> None:
        work(*arguments)

    return carry_out


def _differing(wanted: Platform, known: Platform) -> list[str]:
    return [
        name
        for name in _GIVEN
        if getattr(wanted, name) and getattr(wanted, name) != getattr(known, name)
    ]


def _not_registered(wanted: WantedIntegration) -> NotFoundError:
    return NotFoundError(
        "no_such_integration",
        f"There is no integration {wanted.id!r}, and the document does not say how to make it.",
        why="An LMS makes the registration, or it was made by hand and its endpoints are missing.",
        fix="Register it first (ltictl registration-url), or add client_id, issuer and endpoints.",
    )


def _require_same(wanted: WantedIntegration, known: Integration) -> None:
    """An id that means another registration is a mistake in the document, never a change."""
    said = {
        "organization": (wanted.organization, known.organization),
        "client_id": (wanted.client_id, known.client_id),
        "issuer": (wanted.issuer, known.platform.issuer),
    }
    for name, (value, present) in said.items():
        if value and value != present:
            raise LtictlError(
                "integration_differs",
                f"The {name} of {known.id!r} is {present!r}, not {value!r}.",
                why="These members tell integrations apart and never change.",
                fix="Correct the document, or give the new integration an id of its own.",
            )
