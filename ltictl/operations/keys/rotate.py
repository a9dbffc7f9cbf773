"""One run of ``rotate-keys``: the steps that are due, and the time of the next one.

Every step replaces one document, in an order that leaves exactly one signing key wherever a run is
cut off.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.context import Context
from ltictl.operations.hooks import require_hook
from ltictl.operations.keys.clock_warning import clock_warning
from ltictl.operations.keys.confirm_signing import confirm_signing
from ltictl.operations.keys.key_events import Did, KeyBook
from ltictl.operations.keys.publication import address_warnings, look_and_note
from ltictl.operations.keys.rotation import RETRY, Rotation, RotationOrder, next_run
from ltictl.operations.signing import (
    require_own_keys,
    require_private_half,
    weakens,
)

if TYPE_CHECKING:
    from ltictl.net.policy import GuardPolicy
    from ltictl.operations.keys.publication import Publication

_WEAKER = (
    "No new key was made: it would be stored in the clear, and the present one is encrypted. Set "
    "LTICTL_KEY_PASSPHRASE_FILE, in cron too."
)


def rotate_keys(
    context: Context, policy: "Callable[[], GuardPolicy]", wanted: RotationOrder
) -> Rotation:
    """Rotate signing keys if they are due.

    Args:
        context: the profile.
        policy: returns the limits of the requests; called before the first one.
        wanted: the order.

    Raises:
        LtictlError: ``keys_held_elsewhere``, ``hook_missing``, ``private_key_served``, or it could
            not be written.
        LockedError: another run has its turn.
        UnreadableError: no key signs, and a damaged document may be the signing key's.
    """
    settings = context.profile.settings()
    require_own_keys(settings.keys)
    require_hook(context)
    with context.profile.private_keys.turn(context.profile.lock_timeout):
        return _Run(context, policy, wanted).carry_out()


class _Run:
    def __init__(
        self, context: Context, policy: "Callable[[], GuardPolicy]", wanted: RotationOrder
    ) -> None:
        self._context = context
        self._policy = policy
        self._wanted = wanted
        settings = context.profile.settings()
        self._keys = replace(
            settings.keys,
            publish_for=wanted.publish_for or settings.keys.publish_for,
            retire_after=wanted.retire_after or settings.keys.retire_after,
        )
        self._hook = bool(settings.hooks.after_change)
        self._jwks_uri = settings.tool.jwks_uri
        self._book = KeyBook(context)
        self._odd_clock = clock_warning(self._book.all(), self._book.now)
        self._warnings = [self._odd_clock] if self._odd_clock and not wanted.now else []

    def carry_out(self) -> Rotation:
        """Return all steps, each of which is skipped where it is not due."""
        book = self._book
        # First: all steps below rely on exactly one key that signs.
        book.put_in_order(self._keys)
        self._date()
        # A key that began to sign in this run was not exported yet: asking now proves nothing.
        if not book.did(Did.PROMOTED, Did.MADE):
            self._confirm()
        self._withdraw()
        self._switch()
        self._make()
        handed_on = book.announce()
        if self._hook and handed_on and book.did(Did.MADE):
            self._look()
        return self._rotation(retry_soon=not handed_on)

    def _rotation(self, *, retry_soon: bool) -> Rotation:
        book = self._book
        soon = next_run(book.all(), book.now, RETRY, self._wanted.if_older_than)
        if retry_soon:
            # The hook failed, and the application signs with the former key until it runs.
            soon = min(soon or book.now + RETRY, book.now + RETRY)
        damaged = [error.message for error in book.damaged]
        warnings = tuple(dict.fromkeys([*damaged, *self._warnings]))
        return Rotation(book.all(), soon, tuple(book.steps), warnings)

    def _date(self) -> None:
        """Dates that other durations give now, and those that a document lacks."""
        wanted, default, now = self._wanted, self._keys, self._book.now
        if self._odd_clock and wanted.now:  # a person says that the clock is right
            for key in self._book.all():
                self._book.change(key.kid, lambda each: each.not_after(now))

        def redated(key: SigningKey) -> SigningKey:
            if key.promote_after is None and key.withdraw_after is None:
                return key.dated(default.publish_for, default.retire_after)
            return key.dated(wanted.publish_for, wanted.retire_after)

        for key in self._book.all():
            if redated(key) != key:
                self._book.change(key.kid, redated)

    def _confirm(self) -> None:
        self._warnings += confirm_signing(
            self._context,
            self._book,
            self._policy,
            handed_on=self._wanted.handed_on,
            skip_verify=self._wanted.skip_verify,
        )

    def _withdraw(self) -> None:
        if self._book.signer().confirmed_at is None:
            return
        now = self._book.now
        for key in self._book.all():
            due = key.withdraw_after is not None and key.withdraw_after <= now
            if key.state is KeyState.RETIRING and due:
                self._book.change(key.kid, lambda each: each.withdrawn(now), Did.WITHDRAWN)

    def _switch(self) -> None:
        """Let the next key sign, if its wait is over and LMSs can see it."""
        unseen = any(key.published_at is None for key in self._waiting())
        redated = self._wanted.publish_for is not None
        if not self._waiting() or not (unseen or redated or self._due()):
            return
        publication = self._look()
        for key in self._due():
            # The clock alone decides nothing: a key that LMSs cannot see would break every request.
            if publication.lacks(key.kid):
                continue
            obstacle = self._unusable(key)
            if not obstacle:
                self._book.promote(key.kid)
                self._book.stop_the_others(self._keys.retire_after)
                return
            self._warnings.append(f"{key.kid} does not sign yet: {obstacle}.")

    def _waiting(self) -> list[SigningKey]:
        waiting = [key for key in self._book.all() if key.state is KeyState.NEXT]
        return sorted(waiting, key=lambda key: (key.promote_after or key.created_at, key.kid))

    def _due(self) -> list[SigningKey]:
        now = self._book.now
        return [
            key
            for key in self._waiting()
            if self._wanted.now or (key.promote_after is not None and key.promote_after <= now)
        ]

    def _unusable(self, key: SigningKey) -> str:
        try:
            require_private_half(self._context, key)
        except LtictlError as error:
            return f"{error.message} {error.fix}".rstrip(".")
        return ""

    def _look(self) -> "Publication":
        publication, warnings = look_and_note(self._context, self._book, self._policy())
        self._warnings += warnings
        if publication.exposure is not None:  # nothing that this run could do matters more
            raise publication.exposure
        return publication

    def _make(self) -> None:
        if not self._begins():
            return
        if weakens(self._context, self._book.signer()):
            self._warnings.append(_WEAKER)
            return
        self._book.make(self._keys, KeyState.NEXT)
        self._warnings += address_warnings(self._jwks_uri)

    def _begins(self) -> bool:
        """Return whether a rotation has to begin now."""
        if self._waiting() or self._book.did(Did.PROMOTED, Did.MADE):
            return False
        # A key made by a wrong clock would get a date long past.
        if self._odd_clock and not self._wanted.now:
            return False
        age = self._wanted.if_older_than
        if age is not None:
            return self._book.now - self._book.signer().signs_since >= age
        retiring = any(key.state is KeyState.RETIRING for key in self._book.all())
        return self._wanted.now or not (retiring or self._book.did(Did.WITHDRAWN))
