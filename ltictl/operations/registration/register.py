"""The durable sequence of one registration: intended, sent, answered, stored, settled.

Every step is durable before the next begins, and nothing is sent twice.
"""

import json
from collections.abc import Iterator
from contextlib import suppress

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.registration_token import token_digest
from ltictl.model.attempt import Attempt, NewClient
from ltictl.model.web_address import WebAddress
from ltictl.operations.attempts.exchange import Request, Send, busy, exchange, free
from ltictl.operations.attempts.scrub import scrub, secrets_of
from ltictl.operations.attempts.settle import Registered, settle_answer
from ltictl.operations.attempts.single_use import require_unused
from ltictl.operations.attempts.threads import Lane
from ltictl.operations.context import Context
from ltictl.operations.integration_ids import numbered, proposed_id
from ltictl.operations.registration.inspect_platform import Inspection, require_settled_lms
from ltictl.operations.requests import listed_in, request_for
from ltictl.operations.signing import current_kid
from ltictl.store.profile import Journal


class Plan(Struct, frozen=True):
    """A confirmed registration.

    Attributes:
        organization: slug.
        invitation: id, empty for a headless registration.
        inspection: the LMS.
        token: registration token, a secret, empty if none.
        replaces: id of the integration to update, empty to add one.
        new_client: the place of a client that the LMS makes instead of updating.
        handle: the name by which the LMS's interface finds the outcome, empty if there is none.
    """

    organization: str
    invitation: str
    inspection: Inspection
    token: str
    replaces: str = ""
    new_client: NewClient = NewClient.BESIDE
    handle: str = ""

    @property
    def lane(self) -> Lane:
        """The names and secrets that the running registration has for itself."""
        endpoint = self.inspection.configuration.platform.registration_endpoint
        return Lane(
            WebAddress.parse(endpoint).authority,
            invitation=self.invitation,
            organization=self.organization,
            token_sha256=token_digest(self.token) if self.token else "",
        )


def register_once(context: Context, plan: Plan, send: Send) -> Registered:
    """Carry out one registration.

    Args:
        context: the profile.
        plan: the confirmed registration.
        send: sends the request once.

    Raises:
        RefusedError: the LMS refused; it made no tool.
        UnreachableError: nothing was sent.
        NeedsRecoveryError: the request was sent, and the outcome could not be stored.
    """
    context.profile.organizations.get(plan.organization)
    require_settled_lms(context, plan.organization, plan.inspection)
    attempt, journal = _begin(context, plan)
    url = plan.inspection.configuration.registration_endpoint
    request = Request(url, plan.token, attempt.request.encode())
    try:  # the file stays open to the end: until then the attempt counts as under way
        _require_unused(context, plan, attempt)
        answered = exchange(context, attempt, journal, request, send)
        return settle_answer(context, answered, secrets=secrets_of(url))
    except LtictlError as error:
        # The LMS's words in the error may repeat the token or the secret address.
        scrub(error, (plan.token, *secrets_of(url)))
        raise
    finally:
        journal.close()


def _require_unused(context: Context, plan: Plan, attempt: Attempt) -> None:
    is_update = bool(plan.replaces) or plan.inspection.hint.is_update
    try:
        require_unused(context, attempt, is_update=is_update)
    except LtictlError:
        with suppress(LtictlError):  # what stays behind is named by the next command
            context.profile.attempts.settle(attempt.id)
        raise


def _begin(context: Context, plan: Plan) -> tuple[Attempt, Journal]:
    """Choose the integration's id, and make the attempt durable under it."""
    for identifier in _identifiers(plan):
        claimed = _claim(context, plan, identifier)
        if claimed is not None:
            return claimed
    raise busy(plan.replaces)


def _identifiers(plan: Plan) -> Iterator[str]:
    if plan.replaces:
        yield plan.replaces
        return
    yield from numbered(proposed_id(plan.organization, plan.inspection.family))


def _claim(context: Context, plan: Plan, identifier: str) -> tuple[Attempt, Journal] | None:
    """Make the attempt durable under this id, or return ``None`` where the id is taken."""
    integrations, attempts = context.profile.integrations, context.profile.attempts
    if not plan.replaces and integrations.exists(identifier):
        return None
    attempt = _attempt(context, plan, identifier)
    try:
        journal = attempts.begin(attempt)
    except FileExistsError:
        return _claim(context, plan, identifier) if free(context, identifier) else None
    if plan.replaces or not integrations.exists(identifier):
        return attempt, journal
    # Another run stored its integration and left the id between the look and the claim.
    journal.close()
    attempts.settle(identifier)
    return None


def _attempt(context: Context, plan: Plan, identifier: str) -> Attempt:
    tool = context.profile.settings().tool
    configuration, family = plan.inspection.configuration, plan.inspection.family
    return Attempt(
        id=identifier,
        organization=plan.organization,
        invitation=plan.invitation,
        platform=configuration.platform,
        registration_endpoint=configuration.platform.registration_endpoint,
        replaces=plan.replaces,
        new_client=plan.new_client,
        request=json.dumps(request_for(tool, family, identifier, listed_in(configuration)).request),
        scopes=plan.inspection.scopes,
        signing_key=current_kid(context),
        token_sha256=token_digest(plan.token),
        token_length=len(plan.token),
        # At an update it names a deployment: never a client that could be probed for.
        token_subject=_announced_client(plan.inspection),
        token_expires_at=plan.inspection.hint.expires_at,
        created_at=context.now(),
        handle=plan.handle,
    )


def _announced_client(inspection: Inspection) -> str:
    """Return the client_id that the LMS's token announces, else the token's ``sub``."""
    hint = inspection.hint
    if hint.is_update:  # its ``sub`` is the deployment of the tool to be updated
        return ""
    return hint.audience if inspection.family.client_in_audience else hint.subject
