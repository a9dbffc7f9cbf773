"""Names of organizations that the holder of a link types without knowing one.

A link that leaves the organization open would otherwise tell its holder, by thousands of tries a
second, which customers the tool has. The counts live as long as the run.
"""

from collections import Counter
from typing import Final

_MOST: Final = 5  # for each invitation


class Guesses:
    """The names tried with each invitation."""

    def __init__(self) -> None:
        self._tried: Counter[str] = Counter()
        self._closed: set[str] = set()

    def begin(self, invitation: str, typed: str) -> bool:
        """Count a name before it is looked up, and return whether it may be.

        Args:
            invitation: id.
            typed: the name; an empty one tries nothing.
        """
        if self.are_spent(invitation):
            return False
        # Every name counts until it turns out to be right: otherwise forms that arrive at once
        # would all be looked up before the first of them counts.
        self._tried[invitation] += bool(typed)
        return True

    def forgive(self, invitation: str, typed: str) -> None:
        """Take back the count of a name that turned out to be right."""
        self._tried[invitation] -= bool(typed)

    def are_spent(self, invitation: str) -> bool:
        """Return whether the invitation may try no further name."""
        return self._tried[invitation] >= _MOST

    def close(self, invitation: str) -> bool:
        """Note that the link is closed, and return whether this is news."""
        news = invitation not in self._closed
        self._closed.add(invitation)
        return news
