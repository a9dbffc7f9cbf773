"""Compare the wanted LMS's side with the real one, and find the steps between them."""

from collections.abc import Callable, Iterator

from ltictl.errors import NotFoundError, UsageError
from ltictl.model.integration import Integration, Status
from ltictl.model.lms_side import Place
from ltictl.model.wanted import WantedIntegration, WantedLms, WantedState
from ltictl.operations.lms_side.change_intent import Run
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.site import normal_base, own_base
from ltictl.operations.lms_side.status import target_of
from ltictl.operations.lms_side.tool_changes import (
    Done,
    SeenTool,
    deploy_at_lms,
    find_at_lms,
    switch_at_lms,
)
from ltictl.operations.lms_side.via_lms import Order, register_via_lms, site_of_order
from ltictl.operations.planned_change import PlannedChange


class LmsPlanner:
    """Finds the steps from an LMS's side to the wanted one; it only reads.

    Args:
        keyring: the tokens of this run.
        run: the run that carries the steps out.
    """

    def __init__(self, keyring: Keyring, run: Run) -> None:
        self._keyring = keyring
        self._run = run
        self._integrations = keyring.context.profile.integrations.all().items

    def steps(self, wanted: WantedState) -> tuple[PlannedChange, ...]:
        """Return every step, in the order in which they are to be done.

        Raises:
            LtictlError: an LMS refused or could not be reached, or lacks something wanted.
        """
        found = []
        for each in wanted.integrations:
            if each.lms is not None:
                found += [*self._of_integration(each, each.lms)]
        return tuple(found)

    def _of_integration(self, wanted: WantedIntegration, lms: WantedLms) -> Iterator[PlannedChange]:
        known = self._known(wanted, lms)
        seen = self._look(known) if known else None
        if seen is None or not seen.state.found:
            yield self._registration(wanted, lms, known)
            return
        active = lms.active
        if active is not None and seen.state.active is not active:
            action = "activate-at-lms" if active else "deactivate-at-lms"

            def switch(at: SeenTool) -> Done:
                return switch_at_lms(at, self._run, active=bool(active))

            yield self._step(action, seen.integration.id, seen.site.host, switch)
        for place in lms.places:
            yield from self._deployment(seen, place)
        if wanted.by_lms and wanted.status is Status.ACTIVE:
            yield from self._activation(seen.integration)

    def _known(self, wanted: WantedIntegration, lms: WantedLms) -> Integration | None:
        if wanted.id:
            found = [each for each in self._integrations if each.id == wanted.id]
            if not found and not lms.url:
                raise NotFoundError(
                    "no_such_integration",
                    f"There is no integration {wanted.id!r}.",
                    fix="Register it first, or name organization and lms.url instead of the id.",
                )
        else:
            base = normal_base(lms.url, "lms.url")
            found = [
                each
                for each in self._integrations
                if each.organization == wanted.organization and own_base(each) == base
            ]
        return found[0] if found else None

    def _look(self, integration: Integration) -> SeenTool:
        site = self._keyring.site_of(integration)
        state = ask(site, site.interface.status(target_of(integration)))
        return SeenTool(integration, site, state)

    def _registration(
        self, wanted: WantedIntegration, lms: WantedLms, known: Integration | None
    ) -> PlannedChange:
        """Plan the registration of a tool, or its return into an LMS that lost it."""
        if known is None and not wanted.organization:
            raise UsageError(
                "organization_needed",
                "A registration at an LMS needs an organization in the document.",
                fix="Add organization beside lms.url.",
            )
        organization = known.organization if known else wanted.organization
        order = Order(
            organization=organization,
            url=lms.url or (own_base(known) if known else ""),
            activate=wanted.status is Status.ACTIVE,
            activate_at_lms=lms.active is True,
            place=lms.places[0] if lms.places else None,
        )

        def carry_out() -> None:
            site = site_of_order(self._keyring, order)
            done = register_via_lms(site, order, self._run)
            for place in lms.places[1:]:
                deploy_at_lms(find_at_lms(self._keyring, done.integration.id), self._run, place)

        subject = known.id if known else organization
        return PlannedChange("register-at-lms", subject, order.url, carry_out)

    def _deployment(self, seen: SeenTool, place: Place) -> Iterator[PlannedChange]:
        """Yield a step where the interface would change something."""
        dry = Run(dry=[])
        if not deploy_at_lms(seen, dry, place).changed:
            return

        def deploy(at: SeenTool) -> Done:
            return deploy_at_lms(at, self._run, place)

        yield self._step("deploy-at-lms", seen.integration.id, place.text, deploy)

    def _activation(self, integration: Integration) -> Iterator[PlannedChange]:
        from ltictl.operations.switch import activate

        if integration.status is not Status.ACTIVE:
            context, identifier = self._keyring.context, integration.id

            def carry_out() -> None:
                activate(context, [identifier])

            yield PlannedChange("activate", identifier, "", carry_out)

    def _step(
        self, action: str, identifier: str, detail: str, work: Callable[[SeenTool], Done]
    ) -> PlannedChange:
        def carry_out() -> None:
            work(find_at_lms(self._keyring, identifier))  # as it is by then

        return PlannedChange(action, identifier, detail, carry_out)
