"""Register through an LMS's interface, without a browser and a person.

A second run after a success registers nothing, and does the rest: switch on, deploy.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from ltictl.errors import LtictlError, UsageError
from ltictl.model.integration import Integration, Status
from ltictl.model.lms_side import Place
from ltictl.model.record import replace
from ltictl.operations.context import Context
from ltictl.operations.lms_side.change_intent import Run
from ltictl.operations.lms_side.creation import create_at_lms
from ltictl.operations.lms_side.interface_reads import ask
from ltictl.operations.lms_side.keyring import Keyring
from ltictl.operations.lms_side.login import family_at
from ltictl.operations.lms_side.site import Site, normal_base, not_offered, own_base
from ltictl.operations.lms_side.status import target_of
from ltictl.operations.lms_side.tool_changes import Done, SeenTool, deploy_at_lms, switch_at_lms
from ltictl.operations.registration.existing import choose_target
from ltictl.operations.registration.headless import inspect_headless, register_headless
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.register import Plan
from ltictl.operations.switch import activate
from ltictl.platforms.administration import Start, Started

STARTED = "started:"  # the beginning of a handle by which the LMS finds what it started


class Order(Struct, frozen=True):
    """The registration that a command asks for.

    Attributes:
        organization: slug.
        url: address of the LMS, empty for that of the organization's only login.
        family: slug, empty to recognise it.
        activate: whether to activate the integration here.
        activate_at_lms: whether to switch the tool on there.
        place: where to make it available, ``None`` for nowhere.
    """

    organization: str
    url: str = ""
    family: str = ""
    activate: bool = False
    activate_at_lms: bool = False
    place: Place | None = None


class ViaLmsOutcome(Struct, frozen=True):
    """A registration through an interface.

    Attributes:
        integration: the stored integration.
        registered: whether this run registered it.
        warnings: one sentence each.
    """

    integration: Integration
    registered: bool
    warnings: tuple[str, ...] = ()


def site_of_order(keyring: Keyring, order: Order) -> Site:
    """Return the LMS of an order.

    Raises:
        NotFoundError: there is no such organization, no token, or no address.
        LtictlError: the LMS is of no known family.
    """
    context = keyring.context
    context.profile.organizations.get(order.organization)
    base = normal_base(order.url or _only_login(context, order.organization))
    family = family_at(keyring, order.organization, base, order.family)
    return keyring.site_at(order.organization, family, base)


def _only_login(context: Context, organization: str) -> str:
    known = [each.base for each in context.profile.logins.of(organization)]
    if len(known) == 1:
        return known[0]
    raise UsageError(
        "options_missing",
        "--via-lms needs --platform.",
        fix="Name the LMS: --platform URL.",
    )


def earlier_at(site: Site, organization: str) -> SeenTool | None:
    """Return the organization's integration at this LMS with the LMS's side, ``None`` if none."""
    for each in site.context.profile.integrations.all():
        if each.organization == organization and own_base(each) == site.base:
            state = ask(site, site.interface.status(target_of(each)))
            return SeenTool(each, site, state)
    return None


def register_via_lms(site: Site, order: Order, run: Run) -> ViaLmsOutcome:
    """Register, switch on and deploy, as far as that is not done yet.

    Raises:
        LtictlError: as ``register_headless`` and the changes at the LMS.
    """
    earlier = earlier_at(site, order.organization)
    # A second run after a success must not make a second tool.
    if earlier is not None and earlier.state.found:
        outcome = ViaLmsOutcome(earlier.integration, registered=False)
    else:
        outcome = _register(site, order, run, earlier.integration if earlier else None)
    integration = _note_address(site, outcome.integration)
    try:
        finished = _switch_on_and_deploy(site, order, run, integration, earlier)
    except LtictlError as error:
        error.why = f"{integration.id} is registered; this came after it. {error.why}"
        raise
    return replace(outcome, integration=finished)


def _register(site: Site, order: Order, run: Run, gone: Integration | None) -> ViaLmsOutcome:
    started = _start(site)
    if started is None:
        if site.interface.create is None:
            raise not_offered(site, site.family.place)
        done = create_at_lms(site, order.organization, run, gone)
        return ViaLmsOutcome(done, registered=True)
    return _headless(site, order, run, started, gone)


def _start(site: Site) -> Started | None:
    start = site.interface.start
    if start is None:
        return None
    settings = site.context.profile.settings()
    url = settings.callback.public_url or f"{settings.tool.url}/lti/register"
    return ask(site, start(Start(url)))


def _headless(
    site: Site, order: Order, run: Run, started: Started, gone: Integration | None
) -> ViaLmsOutcome:
    """Register without a browser, with the two values that the interface gave."""
    inspection = inspect_headless(
        site.context,
        Reach(site.policy),
        organization=order.organization,
        configuration_url=started.configuration_url,
        token=started.token,
    )
    target = choose_target(
        site.context,
        site.policy,
        order.organization,
        inspection,
        wanted=gone.id if gone else "",
        replace_client=gone is not None,  # the LMS has just said that it does not have it
    )
    plan = Plan(
        order.organization,
        "",
        inspection,
        started.token,
        target.replaces,
        target.new_client,
        f"{STARTED}{started.handle}" if started.handle else "",
    )
    done = register_headless(
        site.context, site.policy, plan, run.inbox, run.show, activate=order.activate
    )
    warnings = (*inspection.warnings, *target.warnings, *done.warnings)
    return ViaLmsOutcome(done.integration, registered=True, warnings=warnings)


def _note_address(site: Site, integration: Integration) -> Integration:
    """Store the school's own address of the interface."""
    if own_base(integration) == site.base:
        return integration
    # All schools of a hosted LMS share one issuer, so that later commands need this address.
    return site.context.profile.integrations.change(
        integration.id, lambda stored: replace(stored, lms_url=site.base)
    )


def _switch_on_and_deploy(
    site: Site, order: Order, run: Run, integration: Integration, earlier: SeenTool | None
) -> Integration:
    """Switch on and deploy a registered tool."""
    if order.activate and integration.status is not Status.ACTIVE:
        integration = activate(site.context, [integration.id]).integrations[0]
    if not order.activate_at_lms and order.place is None:
        return integration
    known = earlier is not None and earlier.state.found
    # A registration of this moment has no change that waits.
    target = target_of(integration, update=False)
    # Read once: some LMSs limit the number of requests.
    state = earlier.state if known and earlier else ask(site, site.interface.status(target))
    seen = SeenTool(integration, site, state)
    for change in _changes(order, run):
        seen = replace(seen, integration=change(seen).integration)
    return seen.integration


def _changes(order: Order, run: Run) -> Iterator[Callable[[SeenTool], Done]]:
    if order.activate_at_lms:
        yield lambda seen: switch_at_lms(seen, run, active=True)
    place = order.place
    if place is not None:
        yield lambda seen: deploy_at_lms(seen, run, place)
