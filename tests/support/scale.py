"""The scale of the crash tests: a fixed sample, or all cases with LTICTL_CRASH=full."""

import os
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

FULL = os.environ.get("LTICTL_CRASH") == "full"


def chosen(items: Sequence[Item], sample: int) -> list[Item]:
    """All items in the full run, else ``sample`` of them, evenly spread."""
    return list(items) if FULL else spread(items, sample)


def spread(items: Sequence[Item], sample: int) -> list[Item]:
    """At most ``sample`` of the items, evenly spread."""
    if len(items) <= sample:
        return list(items)
    return [items[index * len(items) // sample] for index in range(sample)]


def scaled(full: int, sample: int) -> int:
    """How many, or how large."""
    return full if FULL else sample
