"""Enter a tool by an LMS's interface, as a person would by hand."""

from ltictl.model.attempt import Attempt, NewClient
from ltictl.model.integration import Deployment, DeploymentSource, Integration
from ltictl.model.platform import ENDPOINTS, Platform
from ltictl.model.record import replace
from ltictl.operations.attempts.from_answer import integration_of_attempt
from ltictl.operations.attempts.placement import place
from ltictl.operations.changes import Action, changed
from ltictl.operations.integration_ids import free_ids, proposed_id
from ltictl.operations.lms_side.change_intent import Intent, Run
from ltictl.operations.lms_side.interface_changes import changes_at
from ltictl.operations.lms_side.site import Site, not_offered
from ltictl.operations.requests import request_for
from ltictl.operations.settled import require_settled_at
from ltictl.operations.signing import current_kid
from ltictl.platforms.administration import Created, Creation
from ltictl.platforms.form import filled_in
from ltictl.platforms.presets import platform_by_hand, presets

CREATED = "created:"  # the beginning of a handle by which the LMS finds an entered tool


def create_at_lms(
    site: Site, organization: str, run: Run, gone: Integration | None = None
) -> Integration:
    """Enter the tool at the LMS, and store its integration.

    Args:
        site: the LMS.
        organization: slug.
        run: the way in which the command makes changes.
        gone: an integration whose tool the LMS has lost; it takes the new client.

    Raises:
        LtictlError: the interface does not offer it; the LMS refused or could not be reached.
        NeedsRecoveryError: the outcome is not known, or an earlier one is not settled.
    """
    create, preset = site.interface.create, site.interface.preset
    if create is None or preset is None:
        raise not_offered(site, site.family.form.where)
    context = site.context
    platform = _platform(site, preset(site.base))
    require_settled_at(context, organization, platform.issuer)
    name = proposed_id(organization, site.family)
    identifier = gone.id if gone else next(free_ids(context, name))
    tool = context.profile.settings().tool
    shaped = request_for(tool, site.family, identifier)
    # By this name 'recover' finds the tool if the answer to its creation is lost.
    marker = f"{tool.name} (ltictl {identifier} {context.random_text(6)})"
    attempt = Attempt(
        id=identifier,
        organization=organization,
        invitation="",
        platform=platform,
        registration_endpoint="",
        replaces=gone.id if gone else "",
        new_client=NewClient.FORMER_GONE if gone else NewClient.BESIDE,
        request="",  # the call to the interface is it
        scopes=shaped.scopes,
        signing_key=current_kid(context),
        token_sha256="",
        token_subject="",
        token_expires_at=None,
        created_at=context.now(),
        handle=f"{CREATED}{marker}",
    )
    document = filled_in(site.family.form, shaped.request).document
    creation = Creation(shaped.request, document, marker)
    intent = Intent(attempt, None)
    with changed(context, Action.REGISTER) as change, changes_at(site, intent, run) as changes:
        created = changes.make(create(creation))
        stored = _store(site, changes.kept or attempt, created)
        change.note(stored.id)
    return stored


def _platform(site: Site, preset: str) -> Platform:
    """Return the platform of an LMS: a preset for hosted ones, else from its own address."""
    addresses = dict.fromkeys(("issuer", *ENDPOINTS, "audience"), "")
    if not presets()[preset][1].issuer:
        addresses["issuer"] = site.base
    return platform_by_hand(preset, addresses, "")


def _store(site: Site, attempt: Attempt, created: Created) -> Integration:
    fresh = integration_of_attempt(site.context, attempt, created.client_id)
    if created.deployment_id:
        deployment = Deployment(created.deployment_id, source=DeploymentSource.LMS)
        fresh = replace(fresh, deployments=(deployment,))
    return place(site.context, attempt, fresh).stored
