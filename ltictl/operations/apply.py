"""Compare the wanted profile with the stored one, and carry out the steps between them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from ltictl.errors import AlreadyExistsError
from ltictl.model.organization import Organization
from ltictl.model.record import replace
from ltictl.model.wanted import WantedOrganization, WantedState
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.invite import IssuedInvitation, invite, open_invitations
from ltictl.operations.organizations import add_organization
from ltictl.operations.planned_change import PlannedChange, without_result
from ltictl.operations.planned_integrations import IntegrationPlanner
from ltictl.platforms.table import family_named

# The hook gets the ids of integrations, and the subject of these steps is an organization.
_NOT_OF_AN_INTEGRATION = frozenset({"add-organization", "rename-organization", "invite"})


def apply_steps(
    context: Context,
    steps: Sequence[PlannedChange],
    done: list[PlannedChange],
    deliver: Callable[[PlannedChange, IssuedInvitation], object],
) -> None:
    """Carry out steps in order, then run the hook for the integrations that changed.

    Args:
        context: the profile.
        steps: the steps.
        done: receives each step that was carried out, also where a later one fails.
        deliver: receives each invitation at once.

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
                # At once: its secret is stored nowhere, and a later step may fail.
                deliver(step, issued)


class Planner:
    """Finds the steps from the stored profile to the wanted one; changes nothing itself.

    Args:
        context: the profile.
        life: the time for which an issued invitation is open.
        address: the page's address in the invitations' URLs.
    """

    def __init__(self, context: Context, life: timedelta, address: str | None = None) -> None:
        self._context = context
        self._life = life
        self._address = address
        context.profile.require()
        self._integrations = context.profile.integrations.all().items
        # A second run of the same document must not send a school a second URL.
        self._invited = {each.organization for each in open_invitations(context)}
        self._planner = IntegrationPlanner(context, self._integrations)

    def steps(self, wanted: WantedState) -> tuple[PlannedChange, ...]:
        """Return every step in order.

        Raises:
            LtictlError: the document wants something impossible.
        """
        stored = self._context.profile.organizations
        named, slugs = {each.slug for each in wanted.organizations}, stored.ids()
        # Only the named ones are read, since a profile may have thousands.
        known = {each.slug: each for each in stored.all(each for each in slugs if each in named)}
        named.update(slugs)
        found = [
            *(
                step
                for each in wanted.organizations
                for step in self._organization(each, known.get(each.slug))
            ),
            *(
                step
                for each in wanted.integrations
                if not each.by_lms  # the LMS is asked for these
                for step in self._planner.steps(each, named)
            ),
        ]
        return tuple(found)

    def _organization(
        self, wanted: WantedOrganization, known: Organization | None
    ) -> Iterator[PlannedChange]:
        context, slug = self._context, wanted.slug
        name = wanted.name or ""
        if known is None:
            Organization(slug, context.now(), name)  # its own checks, before anything is written
            yield PlannedChange(
                "add-organization",
                slug,
                name,
                without_result(self._add_organization, slug, name),
            )
        elif wanted.name is not None and known.name != wanted.name:
            detail = f"{known.name!r} becomes {wanted.name!r}"
            yield PlannedChange(
                "rename-organization", slug, detail, without_result(self._rename, slug, name)
            )
        if wanted.invite and self._needs_invitation(slug):
            family = family_named(wanted.family).slug if wanted.family else ""
            yield PlannedChange("invite", slug, wanted.platform, self._inviting(wanted), family)

    def _needs_invitation(self, slug: str) -> bool:
        # An organization that has an integration needs no first invitation.
        owns = any(each.organization == slug for each in self._integrations)
        return not owns and slug not in self._invited

    def _add_organization(self, slug: str, name: str) -> None:
        """Add an organization, or give the present one the wanted name."""
        try:
            add_organization(self._context, slug, name)
        # Two jobs of CI may run one document at once; the later one finds its wish fulfilled.
        except AlreadyExistsError:
            if name:
                self._rename(slug, name)

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
