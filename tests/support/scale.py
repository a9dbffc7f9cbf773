"""The scale of the crash tests, as ``LTICTL_CRASH`` says it.

Unset, they play a small fixed sample. ``full`` plays all cases. ``sample:SEED`` plays a larger
sample that the seed turns: CI gives its commit, so that each commit plays other cases, and the same
seed plays the same ones again.
"""

import os
import random
import zlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Scale:
    """How much is played.

    Attributes:
        full: whether everything is.
        turn: where a sample begins, from a seed; None without one.
    """

    full: bool = False
    turn: int | None = None

    @classmethod
    def read(cls, asked: str) -> "Scale":
        """Read the value of ``LTICTL_CRASH``."""
        word, _, seed = asked.partition(":")
        if word == "sample" and seed:
            # A digest that is the same in every process, as that of Python's texts is not.
            return cls(turn=zlib.crc32(seed.encode()))
        if asked not in {"", "full"}:
            raise ValueError(f"LTICTL_CRASH is {asked!r}, but neither full nor sample:SEED")
        return cls(full=bool(asked))

    @property
    def smallest(self) -> bool:
        """Whether it is the fixed sample."""
        return not self.full and self.turn is None

    def chosen(self, items: Sequence[Item], sample: int, turned: int = 0) -> list[Item]:
        """All items in the full run, else some of them, evenly spread.

        Args:
            items: all of them.
            sample: how many without a seed.
            turned: how many with one, if more.
        """
        if self.full:
            return list(items)
        if self.turn is None:
            return spread(items, sample)
        return spread(items, max(sample, turned), self.turn)


ASKED = Scale.read(os.environ.get("LTICTL_CRASH", ""))
FULL = ASKED.full
chosen = ASKED.chosen


def spread(items: Sequence[Item], sample: int, turn: int = 0) -> list[Item]:
    """At most ``sample`` of the items, evenly spread; other turns choose others."""
    size = len(items)
    if size <= sample:
        return list(items)
    return [
        items[at] for at in sorted((each * size // sample + turn) % size for each in range(sample))
    ]


def one_of_each(
    items: Sequence[Item], kind: Callable[[Item], Hashable], turn: int, least: int = 0
) -> list[Item]:
    """One item of each kind, and others until there are ``least``; other turns choose others."""
    kinds: dict[Hashable, list[int]] = {}
    for number, item in enumerate(items):
        kinds.setdefault(kind(item), []).append(number)
    # The number of the kind is added, or all kinds would meet the same fault.
    first = {each[(turn + number) % len(each)] for number, each in enumerate(kinds.values())}
    others = [number for number in range(len(items)) if number not in first]
    wanted = min(max(0, least - len(first)), len(others))
    more = random.Random(turn).sample(others, wanted)  # noqa: S311  the same for the same seed
    return [items[number] for number in sorted([*first, *more])]


def scaled(full: int, sample: int) -> int:
    """How many, or how large."""
    return full if FULL else sample
