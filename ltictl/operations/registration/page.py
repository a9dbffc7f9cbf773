"""The callback server's desk: admits visitors, describes the registration, starts attempts."""

import asyncio
from contextlib import suppress
from typing import Any

from ltictl.callback.desk import (
    Admission,
    UnusableLinkError,
    Visitor,
)
from ltictl.callback.languages import translate
from ltictl.callback.texts import text
from ltictl.errors import (
    Actor,
    LtictlError,
)
from ltictl.model.invitation import Invitation
from ltictl.model.profile import Settings
from ltictl.net.client import GuardedClient
from ltictl.operations.attempts.threads import AttemptThreads
from ltictl.operations.context import Context
from ltictl.operations.events import (
    Inbox,
    LinkClicked,
    LinkRefusal,
    LinkRefused,
    PageOpened,
    RegistrationFailed,
)
from ltictl.operations.invite import (
    invitation_problem,
    look_up,
    note_opened,
    revoke_invitation,
)
from ltictl.operations.lms_facts.moved_lms import name_registered
from ltictl.operations.registration.inspect_platform import (
    inspect_platform,
)
from ltictl.operations.registration.page_results import (
    on_page,
    unforeseen,
)
from ltictl.operations.registration.reach import Reach
from ltictl.operations.registration.refused_link import HIDDEN_REASONS, refusal_of
from ltictl.operations.registration.visitor import RegistrationVisitor
from ltictl.operations.requests import require_families
from ltictl.operations.served_set import ExpectedKeys, expected_keys
from ltictl.operations.signing import published_keys
from ltictl.operations.vendor import Logos, vendor_of
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
