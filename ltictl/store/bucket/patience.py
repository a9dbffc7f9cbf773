"""Pauses between tries, each longer than the last."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from ltictl.store.bucket.objects import PassingError
from ltictl.store.bucket.refusals import unreachable

T = TypeVar("T")
_FIRST: Final = 0.02
_LONGEST: Final = 1.0
_CHANCE: Final = random.SystemRandom()


class Patience:
    """The time that one operation may spend on pauses.

    Args:
        seconds: the whole time; the first try is always made.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._next = _FIRST

    def pause(self) -> bool:
        """Wait a moment, and return whether there is time for another try."""
        left = self._end - time.monotonic()
        if left <= 0:
            return False
        # By chance, so that two writers that met once do not meet again.
        time.sleep(min(left, _CHANCE.uniform(self._next / 2, self._next)))
        self._next = min(self._next * 2, _LONGEST)
        return True


def patiently(call: Callable[[], T], seconds: float, place: str) -> T:
    """Make a request that changes nothing, again and again while the store is out of reach.

    Raises:
        LtictlError: ``store_unreachable``, or the store refused.
    """
    # One request may hang for all of that time, and the next one be answered at once.
    patience, again = Patience(seconds), seconds > 0
    while True:
        try:
            return call()
        except PassingError:
            if not patience.pause() and not again:
                raise unreachable(place) from None
            again = False
