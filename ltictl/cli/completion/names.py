"""The names that a shell completes: read from the profile's folders, no document is opened.

The front door comes here directly: nothing that costs a noticeable time is imported.
"""

import os
import re

from ltictl.cli.profile_places import profile_folder, profile_names
from ltictl.errors import LtictlError
from ltictl.store.layout import names as document_names

# bash expands what it is given as a list of words: a file's name must not be able to say anything.
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def completion_names(arguments: list[str]) -> str:
    """The names of one kind, a line each.

    Args:
        arguments: kind, the value of ``--profile`` if one was typed, and what names begin with.
    """
    kind, profile, beginning = [*arguments, "", "", ""][:3]
    try:
        folder, _ = profile_folder(profile, os.environ)
        names = profile_names(os.environ) if kind == "profiles" else document_names(folder, kind)
    except (LtictlError, OSError):
        return ""
    wanted = sorted(name for name in names if name.startswith(beginning))
    return "".join(f"{name}\n" for name in wanted if _SAFE.fullmatch(name))
