"""Add the run's profile to the commands that it offers for copying."""

import re
import shlex
from collections.abc import Callable
from typing import Any

from ltictl.cli.catalogue import COMMANDS, GROUPS

# The first word is enough: 'ltictl org add' begins with a group.
_FIRST_WORDS = "|".join(sorted({*GROUPS, *(name.partition(" ")[0] for name in COMMANDS)}))
_OFFERED = re.compile(rf"\bltictl (?=(?:{_FIRST_WORDS})(?![\w-]))")


def repeat_profile(profile: str) -> Callable[[str], str]:
    """Return a function that puts ``--profile`` into every command of a text.

    Args:
        profile: the value of ``--profile``.
    """
    complete = f"ltictl --profile {shlex.quote(profile)} "
    return lambda text: _OFFERED.sub(lambda _: complete, text)


def in_fixes(data: Any, complete: Callable[[str], str]) -> Any:
    """Apply ``complete`` to every member ``fix`` in JSON data, and return the result."""
    if isinstance(data, dict):
        return {
            name: complete(value)
            if name == "fix" and isinstance(value, str)
            else in_fixes(value, complete)
            for name, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [in_fixes(each, complete) for each in data]
    return data
