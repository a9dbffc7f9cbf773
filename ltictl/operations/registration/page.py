"""The callback server's desk: admits visitors, describes the registration, starts attempts."""

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from ltictl.callback.desk import (
    Admission,
    Choice,
    Offer,
    Outcome,
    Result,
    UnusableLinkError,
    Visitor,
)
from ltictl.callback.languages import translate
from ltictl.callback.texts import sentence, text
from ltictl.errors import (
    Actor,
    LtictlError,
    NotFoundError,
    RegistrationRefusedError,
)
from ltictl.lti.vocabulary import CLAIM_MEANING, short_scope
from ltictl.model.invitation import Invitation
from ltictl.model.moment import to_the_minute
from ltictl.model.profile import Settings
from ltictl.model.tool import Tool
from ltictl.model.web_address import WebAddress
from ltictl.net.client import GuardedClient
from ltictl.operations.attempts.exchange import Send
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.attempts.threads import AttemptThreads
from ltictl.operations.context import Context
from ltictl.operations.events import (
    CancelPressed,
    Inbox,
    LinkClicked,
    LinkRefusal,
    LinkRefused,
    PageOpened,
    RegisterPressed,
    RegistrationFailed,
    RegistrationRefused,
    VisitFacts,
)
from ltictl.operations.invite import (
    invitation_problem,
    look_up,
    note_opened,
    revoke_invitation,
)
from ltictl.operations.lms_facts.moved_lms import name_registered
from ltictl.operations.registration.earlier_choices import choices_of, new_client_of
from ltictl.operations.registration.existing import EarlierIntegration, earlier_ones, meant_by_lms
from ltictl.operations.registration.inspect_platform import (
    Inspection,
    inspect_platform,
    require_settled_lms,
)
from ltictl.operations.registration.page_results import (
    event_of,
    for_administrators,
    on_page,
    page_fix,
    success_page,
    unforeseen,
)
from ltictl.operations.registration.plain_words import messages_in_words, services_in_words
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.refused_link import HIDDEN_REASONS, refusal_of
from ltictl.operations.registration.register import Plan, register_once
from ltictl.operations.requests import require_families
from ltictl.operations.served_set import ExpectedKeys, expected_keys
from ltictl.operations.signing import published_keys
from ltictl.operations.vendor import Logos, vendor_of
from ltictl.platforms.family import Again
from ltictl.platforms.table import example

_MAX_REFUSED = 50  # more different links are an attack, and the terminal is not its wall


class Reception:
    """A desk for one run.

    Args:
        context: the profile.
        threads: carry out registrations.
        reach: the LMSs that may be asked, and the limits of the requests.
        inbox: receives every event.
        organization: slug of the only one whose invitations count, ``None`` for all.
        reveal: whether the page may list all organizations.
    """

    def __init__(
        self,
        context: Context,
        threads: AttemptThreads,
        reach: Reach,
        inbox: Inbox,
        *,
        organization: str | None,
        reveal: bool,
    ) -> None:
        self.context = context
        self.threads = threads
        self.inbox = inbox
        self.reveal = reveal
        self.reach = reach
        self.logos = Logos(reach.policy)
        self._organization = organization
        self._refused: set[LinkRefused] = set()

    def fetch_logo(self) -> None:
        """Begin to fetch the tool's logo, which is there then when the first visitor comes."""
        vendor_of(self.context.profile.settings().tool, self.logos)

    def admit(self, token: str) -> Admission:
        """See ``Desk.admit``."""
        self.context.profile.look_again("invitations")  # it may be spent or revoked by now
        try:
            link = look_up(self.context, token)
        except LtictlError as error:
            self.inbox.put(RegistrationFailed(error))
            raise LtictlError(
                error.code,
                "The link could not be looked up just now.",
                fix="Load the page again in a moment.",
                actor=Actor.BOTH,
            ) from error
        refusal, invitation = refusal_of(self.context, link, self._organization), link.opened
        if refusal is not None:
            self._tell_once(refusal)
        # One answer for both, since a stranger may not learn which links exist.
        if invitation is None or (refusal is not None and refusal.reason in HIDDEN_REASONS):
            raise UnusableLinkError
        return Admission(invitation.id, invitation_problem(invitation, self.context.now()))

    def _tell_once(self, refusal: LinkRefused) -> None:
        """Show a refused link on the terminal, but not its reloads."""
        if refusal not in self._refused and len(self._refused) < _MAX_REFUSED:
            self._refused.add(refusal)
            self.inbox.put(refusal)

    async def open(
        self, invitation: str, configuration_url: str, token: str, program: str
    ) -> Visitor:
        """See ``Desk.open``."""
        try:
            # In threads: what waits for the disk would keep all other visitors waiting.
            invited, settings, expected = await asyncio.to_thread(self._prepare, invitation)
            async with GuardedClient(self.reach.policy) as client:
                inspection = await inspect_platform(
                    client,
                    settings.tool,
                    expected,
                    configuration_url=configuration_url,
                    token=token,
                    reach=self.reach.pinned_to(invited.platform),
                    aliases=settings.aliases,
                )
            visit = await asyncio.to_thread(
                RegistrationVisitor, self, invited, inspection, settings.tool, token
            )
        except LtictlError as error:
            shown = on_page(error)
            # After the page's words, since the integrations may belong to other organizations.
            name_registered(self.context, error, configuration_url)
            self.inbox.put(RegistrationFailed(error))
            raise shown from error
        self.inbox.put(PageOpened(visit.facts(), visit.warnings, program))
        return visit

    def _prepare(self, invitation: str) -> tuple[Invitation, Settings, ExpectedKeys]:
        """Note that an invitation was opened, and read what its visitor needs."""
        self.context.profile.look_again()  # the former visit may be long ago
        invited = note_opened(self.context, invitation)
        settings = self.context.profile.settings()
        require_families(settings)
        self.context.profile.require_passphrase()
        return invited, settings, expected_keys(self.context)

    def close(self, invitation: str) -> None:
        """See ``Desk.close``."""
        with suppress(LtictlError):  # the page takes no more names all the same
            revoke_invitation(self.context, invitation)
        self.inbox.put(LinkRefused(LinkRefusal.GUESSED, invitation, None, self._organization))

    def defect(self, error: Exception) -> LtictlError:
        """See ``Desk.defect``."""
        unexpected = unforeseen(error)
        self.inbox.put(RegistrationFailed(unexpected))
        return on_page(unexpected)

    def note_click(self, invitation: str) -> str:
        """See ``Desk.note_click``."""
        self.inbox.put(LinkClicked(invitation))
        steps = ". ".join(translate(each) for each in example().paste)
        return text("in_lms", lms=example().title, steps=steps)

    def key_set(self) -> dict[str, Any]:
        """See ``Desk.key_set``."""
        return published_keys(self.context)[0]


class RegistrationVisitor:
    """An LMS administrator, the LMS that sent them, and what they may register."""

    def __init__(
        self,
        reception: Reception,
        invitation: Invitation,
        inspection: Inspection,
        tool: Tool,
        token: str,
    ) -> None:
        self._reception = reception
        self._invitation = invitation
        self._inspection = inspection
        self._token = token
        self._earlier: tuple[EarlierIntegration, ...] = ()
        self._asked: dict[str, bool] = {}
        meant = meant_by_lms(reception.context, invitation.organization, inspection)
        self._updates = meant.id if meant else ""
        self._fixed = meant.organization if meant else invitation.organization
        self.offer = self._offer(tool)

    @property
    def warnings(self) -> tuple[str, ...]:
        """All of them; the page shows those that an LMS administrator can use."""
        return self._inspection.warnings

    def facts(self) -> VisitFacts:
        """Return the visit as events name it."""
        platform = self._inspection.configuration.platform
        return VisitFacts(
            invitation=self._invitation.id,
            organization=self._invitation.organization,
            platform=platform.host,
            family=platform.family,
            lms=self._inspection.family.title,
            version=platform.version,
            services=tuple(short_scope(scope) for scope in self._inspection.scopes),
        )

    def organization(self, typed: str) -> str:
        """See ``Visitor.organization``."""
        slug = self._fixed or typed.strip()
        if not slug:
            raise NotFoundError("no_organization_chosen", sentence("no_organization_chosen"))
        try:
            return self._reception.context.profile.organizations.get(slug).slug
        except NotFoundError:
            # Without the hint at similar names: it would tell one school about another.
            raise NotFoundError(
                "no_such_organization",
                sentence("no_such_organization"),
                fix=sentence("no_such_organization_fix"),
            ) from None

    def earlier(self, organization: str) -> tuple[Choice, ...]:
        """See ``Visitor.earlier``."""
        if self._inspection.hint.is_update:  # it changes what it names, and nothing else
            return (Choice(self._updates, self._updates),) if self._updates else ()
        self._earlier = earlier_ones(
            self._reception.context,
            self._reception.reach.policy,
            organization,
            self._inspection,
            self._asked,
        )
        return choices_of(self._inspection, self._earlier)

    def register(self, organization: str, replaces: str) -> "Future[Result]":
        """See ``Visitor.register``."""
        new_client = new_client_of(self._earlier, replaces)
        plan = Plan(
            organization, self._invitation.id, self._inspection, self._token, replaces, new_client
        )
        outcome: Future[Result] = Future()
        attempt = self._reception.threads.submit(partial(self._carry_out, plan), plan.lane)
        attempt.add_done_callback(lambda done: outcome.set_result(self._report(done)))
        return outcome

    def _carry_out(self, plan: Plan, send: Send) -> Registered:
        self._reception.inbox.put(RegisterPressed(self.facts()))
        return register_once(self._reception.context, plan, send)

    def cancel(self) -> Result:
        """See ``Visitor.cancel``."""
        self._reception.inbox.put(CancelPressed(self.facts()))
        return Result(Outcome.CANCELLED, sentence("cancelled"))

    def _offer(self, tool: Tool) -> Offer:
        context, inspection = self._reception.context, self._inspection
        platform = inspection.configuration.platform
        slug = self._fixed
        fixed = context.profile.organizations.get(slug).label if slug else ""
        listed = context.profile.organizations.all() if self._reception.reveal and not slug else ()
        # Before the page is shown: pressing Register could only fail.
        if slug:
            require_settled_lms(context, slug, inspection)
        return Offer(
            tool=tool.name,
            lms=inspection.family.title,
            version=platform.version,
            host=platform.host,
            school=platform.name,
            hosts=inspection.configuration.hosts,
            registers_at=WebAddress.parse(platform.registration_endpoint).authority,
            tool_hosts=inspection.tool_hosts,
            services=services_in_words(inspection),
            messages=messages_in_words(inspection),
            data=tuple(CLAIM_MEANING.get(claim, claim) for claim in inspection.claims),
            organization=fixed,
            organizations=tuple(Choice(each.slug, each.label) for each in listed),
            updates=self._updates,
            lms_decides=inspection.family.again is Again.LMS_DECIDES,
            warnings=for_administrators(inspection.warnings),
            vendor=vendor_of(tool, self._reception.logos),
            valid_until=to_the_minute(self._invitation.expires_at),
        )

    def _report(self, done: "Future[Registered]") -> Result:
        error = done.exception()
        if error is None:
            registered = done.result()
            self._reception.inbox.put(event_of(self.facts(), registered))
            return success_page(registered, self.offer.tool)
        # The administrator sees a sentence, the terminal the defect.
        if not isinstance(error, LtictlError):
            error = unforeseen(error)
        refused = isinstance(error, RegistrationRefusedError)
        event = RegistrationRefused if refused else RegistrationFailed
        self._reception.inbox.put(event(error, self.facts()))
        outcome = Outcome.REFUSED if refused else Outcome.FAILED
        return Result(outcome, error.message, error.why, page_fix(error), code=error.code)
