"""Change a tool at its LMS: switch, deploy, accept, and store the outcome."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from ltictl.errors import NotFoundError, UsageError
from ltictl.model.integration import Deployment, DeploymentSource, Integration, Scopes
from ltictl.model.lms_side import LmsAction, LmsDeployment, LmsState, LmsSwitch, Place
from ltictl.model.record import replace
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.lms_side.change_intent import Run, intent_of
from ltictl.operations.lms_side.interface_changes import changes_at
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.site import Site, not_offered
from ltictl.operations.lms_side.status import seen_switch, target_of
from ltictl.platforms.administration import Steps

T = TypeVar("T")


class SeenTool(Struct, frozen=True):
    """An integration and the LMS's side of it, as this run read it.

    Attributes:
        integration: the stored integration.
        site: its LMS's interface.
        state: the LMS's side.
    """

    integration: Integration
    site: Site
    state: LmsState


class Done(Struct, frozen=True):
    """One integration after a change at its LMS.

    Attributes:
        integration: the stored integration.
        changed: whether the LMS changed something, or would do so without a dry run.
        deployment: the deployment that was asked for, else ``None``.
    """

    integration: Integration
    changed: bool
    deployment: LmsDeployment | None = None


def find_at_lms(keyring: Keyring, identifier: str) -> SeenTool:
    """Read the LMS's side of an integration.

    Raises:
        NotFoundError: there is no such integration, no token, or no such tool at the LMS.
        LtictlError: the LMS refused or could not be reached.
    """
    context = keyring.context
    context.profile.require()
    integration = context.profile.integrations.get(identifier)
    site = keyring.site_of(integration)
    state = ask(site, site.interface.status(target_of(integration)))
    if not state.found:
        raise not_at_lms(integration)
    return SeenTool(integration, site, state)


def switch_at_lms(seen: SeenTool, run: Run, *, active: bool) -> Done:
    """Put the LMS's own switch into a position.

    Raises:
        LtictlError: ``not_offered_by_lms``; the LMS refused or could not be reached.
        NeedsRecoveryError: the outcome of the change is not known.
    """
    site, integration = seen.site, seen.integration
    switch = site.interface.switch
    if switch is None:
        raise not_offered(site, site.family.switch)
    if seen.state.active is active:
        return Done(_store_switch(site.context, integration, seen.state), changed=False)
    action = LmsAction.ACTIVATE if active else LmsAction.DEACTIVATE

    def store(word: str) -> Integration:
        return note_switch(site.context, integration.id, active=active, word=word)

    steps = switch(target_of(integration), seen.state, active)
    return _carry_out(seen, action, {}, run, steps, store)


def deploy_at_lms(seen: SeenTool, run: Run, place: Place) -> Done:
    """Make the tool available at a place of the LMS, and store the deployment's id.

    Raises:
        LtictlError: ``not_offered_by_lms``; the LMS refused or could not be reached.
        NeedsRecoveryError: the outcome of the change is not known.
    """
    site, integration = seen.site, seen.integration
    deploy = site.interface.deploy
    if deploy is None:
        raise not_offered(site, site.family.deployment)
    if place.kind not in site.interface.places:
        raise _no_such_place(site, place)
    made: list[LmsDeployment] = []

    def store(deployment: LmsDeployment) -> Integration:
        made.append(deployment)
        return note_deployments(site.context, integration.id, (deployment,))

    known = [each.id for each in seen.state.deployments or ()]
    facts = {"before": known, "place": {"kind": place.kind, "id": place.id}}
    steps = deploy(target_of(integration), seen.state, place)
    done = _carry_out(seen, LmsAction.DEPLOY, facts, run, steps, store)
    return replace(done, deployment=next(iter(made), None))


def _no_such_place(site: Site, place: Place) -> UsageError:
    known = " or ".join(f"--{each.value} ID" for each in site.interface.places)
    return UsageError(
        "invalid_value",
        f"{site.family.title} has no place of the kind {place.kind.value}.",
        fix=f"Name one that it has: {known}.",
    )


def accept_at_lms(seen: SeenTool, run: Run) -> Done:
    """Accept the change that ``update`` made and that waits in the LMS.

    Raises:
        LtictlError: ``not_offered_by_lms``; ``no_update_waits``; the LMS refused.
        NeedsRecoveryError: the outcome of the change is not known.
    """
    site, integration = seen.site, seen.integration
    accept = site.interface.accept_update
    if accept is None:
        raise not_offered(site, site.family.editing)
    if not seen.state.update:
        raise NotFoundError(
            "no_update_waits",
            f"No change of {integration.id!r} waits at {site.host}.",
            why="It was accepted or rejected there, or none was made.",
            fix=f"Make one: ltictl update {integration.id}",
        )

    def store(_: None) -> Integration:
        return note_accepted(site.context, integration.id)

    steps = accept(target_of(integration), seen.state)
    facts = {"update": seen.state.update}
    return _carry_out(seen, LmsAction.ACCEPT_UPDATE, facts, run, steps, store)


def _carry_out(
    seen: SeenTool,
    action: LmsAction,
    facts: Mapping[str, Any],
    run: Run,
    steps: Steps[T],
    store: Callable[[T], Integration],
) -> Done:
    """Make a change and store its outcome; a dry run stores nothing."""
    context = seen.site.context
    intent = intent_of(context, seen.integration, action, facts)
    with changed(context, Action.LMS) as change, changes_at(seen.site, intent, run) as changes:
        made = changes.make(steps)
        # A dry run stores nothing.
        if run.dry is not None:
            return Done(seen.integration, changes.any)
        stored = store(made)
        if stored != seen.integration:
            change.note(stored.id)
    return Done(stored, changes.any)


def _store_switch(context: Context, integration: Integration, state: LmsState) -> Integration:
    """Store a switch that has the wanted position already."""
    switch = seen_switch(integration, state, context)
    if switch == integration.lms_switch:
        return integration
    edit = _with_switch(switch)
    return context.profile.integrations.change(integration.id, edit)


def _with_switch(switch: LmsSwitch | None) -> Callable[[Integration], Integration]:
    return lambda stored: replace(stored, lms_switch=switch)


def note_switch(context: Context, identifier: str, *, active: bool, word: str) -> Integration:
    """Store the new position of the LMS's switch."""
    edit = _with_switch(LmsSwitch(active, word, context.now()))
    return context.profile.integrations.change(identifier, edit)


def note_deployments(
    context: Context, identifier: str, deployments: tuple[LmsDeployment, ...]
) -> Integration:
    """Store the ids of deployments that the LMS's interface listed."""
    now = context.now()

    def edit(stored: Integration) -> Integration:
        known = {each.id for each in stored.deployments}
        fresh = tuple(
            Deployment(each.id, each.name, DeploymentSource.LMS)
            for each in deployments
            if each.id and each.id not in known
        )
        if not fresh:
            return stored
        return replace(stored, deployments=(*stored.deployments, *fresh), updated_at=now)

    return context.profile.integrations.change(identifier, edit)


def note_accepted(context: Context, identifier: str) -> Integration:
    """Store that the LMS accepted an update."""
    now = context.now()

    def edit(stored: Integration) -> Integration:
        # The LMS records by now what the update asked for. What it grants, the next token shows.
        scopes = Scopes(stored.scopes.requested, stored.scopes.requested, None)
        return replace(stored, scopes=scopes, updated_at=now)

    return context.profile.integrations.change(identifier, edit)


def not_at_lms(integration: Integration) -> NotFoundError:
    """Return the error for a client that the LMS does not have."""
    return NotFoundError(
        "not_at_lms",
        f"{integration.platform.host} has no tool with the client_id {integration.client_id!r}.",
        why="It was deleted there, or the LMS was overwritten from a copy (a test environment).",
        fix=f"Register it again: ltictl register --org {integration.organization} --via-lms",
    )
