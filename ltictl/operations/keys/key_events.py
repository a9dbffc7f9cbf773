"""The events in the lives of a profile's keys; each replaces one document."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from ltictl.errors import UnreadableError
from ltictl.lti.served_keys import OwnKeys
from ltictl.model.profile import KeyPolicy
from ltictl.model.record import replace
from ltictl.model.signing_key import KeyState, SigningKey, as_they_count, signer_of
from ltictl.operations.changes import Action, changed
from ltictl.operations.context import Context
from ltictl.operations.signing import (
    add_key,
    kids_with_private_half,
    next_promotion,
    own_keys_of,
    stored_keys,
)
from ltictl.store.listing import Listing


class Did(StrEnum):
    """The kinds of events in the life of a key."""

    MADE = "made"
    PROMOTED = "promoted"
    STOPPED = "stopped"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class KeyEvent(Struct, frozen=True):
    """One event of this run."""

    did: Did
    kid: str


# Each document is read once: the turn keeps other runs out.
class KeyBook:
    """The keys of one profile during one run.

    Args:
        context: the profile.

    Attributes:
        now: the time of this run, the same for all its events.
        steps: its events so far.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._hook = bool(context.profile.settings().hooks.after_change)
        self.now = context.now()
        self.steps: list[KeyEvent] = []
        self._stored = stored_keys(context)

    def all(self) -> tuple[SigningKey, ...]:
        """Return the readable keys in their present states."""
        # Two documents may say "current" after a cut run; the later promotion counts.
        return as_they_count(self._stored)

    @property
    def damaged(self) -> tuple[UnreadableError, ...]:
        """The errors of documents that cannot be read."""
        return self._stored.damaged

    def _keep(self, key: SigningKey) -> SigningKey:
        """Remember a key that was just written."""
        others = [each for each in self._stored if each.kid != key.kid]
        items = tuple(sorted((*others, key), key=lambda each: each.kid))
        self._stored = Listing(items, self._stored.damaged)
        return key

    def signer(self) -> SigningKey:
        """Return the signing key of a profile that was put in order."""
        signer = signer_of(self.all())
        if signer is None:
            raise AssertionError("put_in_order leaves a signing key")
        return signer

    def own_keys(self) -> OwnKeys:
        """Return the keys that the published set has to hold now."""
        return own_keys_of(self.all())

    def did(self, *kinds: Did) -> bool:
        """Return whether this run has done one of ``kinds``."""
        return any(step.did in kinds for step in self.steps)

    def make(self, policy: KeyPolicy, state: KeyState) -> SigningKey:
        """Make a key."""
        number = next_promotion(self._stored)
        key = self._keep(add_key(self._context, policy, state, number, announce=self._hook))
        self.steps.append(KeyEvent(Did.MADE, key.kid))
        return key

    def change(
        self, kid: str, edit: Callable[[SigningKey], SigningKey], did: Did | None = None
    ) -> SigningKey:
        """Apply one event to a key; an event that changes nothing is not recorded."""
        happened = False

        def notice(key: SigningKey) -> SigningKey:
            nonlocal happened
            edited = edit(key)
            happened = edited != key
            # Where there is no hook, nobody is owed anything: that saves a write for each event.
            return edited if self._hook else replace(edited, unannounced=False)

        key = self._keep(self._context.profile.signing_keys.change(kid, notice))
        if did and happened:
            self.steps.append(KeyEvent(did, kid))
        return key

    # The former key stops afterwards, so that one signs at every moment.
    def promote(self, kid: str) -> None:
        """Let a key sign."""
        number = next_promotion(self.all())
        self.change(kid, lambda key: key.promoted(self.now, number), Did.PROMOTED)

    def stop_the_others(self, retire_after: timedelta) -> None:
        """Stop every key that signed before the present one."""
        signer = signer_of(self.all())
        for key in self._stored:
            if signer and key.state is KeyState.CURRENT and key.kid != signer.kid:
                self.change(key.kid, lambda each: each.stopped(self.now, retire_after), Did.STOPPED)

    def put_in_order(self, policy: KeyPolicy) -> None:
        """Finish a run that was cut off, and let a key sign where none does.

        Raises:
            UnreadableError: no key signs, and a damaged document may be the signing key's.
        """
        if signer_of(self._stored) is None:
            # A new signer beside a damaged one would leave two keys that sign once the document is
            # mended.
            if self.damaged:
                raise self.damaged[0]
            self._restore_signer(policy)
        self.stop_the_others(policy.retire_after)

    def _restore_signer(self, policy: KeyPolicy) -> None:
        """Let a key sign that LMSs know, else one that waits, else a new one."""
        there = kids_with_private_half(self._context, self.all())
        usable = [key for key in self.all() if key.published and key.kid in there]
        if usable:
            best = max(usable, key=lambda key: (key.state is KeyState.RETIRING, key.promotion))
            self.promote(best.kid)
        else:
            self.make(policy, KeyState.CURRENT)

    def announce(self) -> bool:
        """Run the hook for the events that no earlier run of it handed on.

        Returns:
            Whether the hook has handed on every event; a later run repeats a failed one.
        """
        if not self._hook:
            return True
        keys = self.all()
        signer = signer_of(keys)
        retiring = any(key.state is KeyState.RETIRING for key in keys)
        not_handed_on = retiring and signer and signer.handed_on_at is None
        owed = [key.kid for key in keys if key.unannounced]
        if not owed and not not_handed_on:
            return True
        with changed(self._context, Action.ROTATE) as change:
            change.note()
        self._stored = stored_keys(self._context)  # the hook may have exported, which notes it
        # The events stay owed, so that the next run repeats the hook.
        if change.hook_failed:
            return False
        for kid in owed:
            self.change(kid, lambda key: replace(key, unannounced=False))
        if signer:
            self.hand_on(signer.kid)
        return True

    def hand_on(self, kid: str) -> None:
        """Store that the application has a key."""
        self.change(kid, lambda key: replace(key, handed_on_at=key.handed_on_at or self.now))
