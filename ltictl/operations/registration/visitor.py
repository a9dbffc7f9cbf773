"""One visit of the page: an LMS administrator, their LMS, and what they may register."""

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from ltictl.callback.desk import (
    Choice,
    Offer,
    Outcome,
    Result,
)
from ltictl.callback.texts import sentence
from ltictl.errors import (
    LtictlError,
    NotFoundError,
    RegistrationRefusedError,
)
from ltictl.lti.vocabulary import CLAIM_MEANING, short_scope
from ltictl.model.invitation import Invitation
from ltictl.model.moment import to_the_minute
from ltictl.model.tool import Tool
from ltictl.model.web_address import WebAddress
from ltictl.operations.attempts.exchange import Send
from ltictl.operations.attempts.settle import Registered
from ltictl.operations.events import (
    CancelPressed,
    RegisterPressed,
    RegistrationFailed,
    RegistrationRefused,
    VisitFacts,
)
from ltictl.operations.registration.earlier_choices import choices_of, new_client_of
from ltictl.operations.registration.existing import EarlierIntegration, earlier_ones, meant_by_lms
from ltictl.operations.registration.inspect_platform import (
    Inspection,
    require_settled_lms,
)
from ltictl.operations.registration.page_results import (
    event_of,
    for_administrators,
    page_fix,
    success_page,
    unforeseen,
)
from ltictl.operations.registration.plain_words import messages_in_words, services_in_words
from ltictl.operations.registration.register import Plan, register_once
from ltictl.operations.vendor import vendor_of
from ltictl.platforms.family import Again

if TYPE_CHECKING:
    from ltictl.operations.registration.page import Reception


class RegistrationVisitor:
    """An LMS administrator, the LMS that sent them, and what they may register."""

    def __init__(
        self,
        reception: "Reception",
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
        self._known_gone: dict[str, bool] = {}
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
            self._known_gone,
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
