"""The names that a shell completes, taken from the profile's file names."""

# 'ltictl.__main__' calls this module directly, so it must import nothing slow.

import os
import re

from ltictl.cli.profile_places import profile_folder, profile_names
from ltictl.errors import LtictlError
from ltictl.store.layout import names as document_names

# bash expands the list of words that it receives, so a file name must hold no shell syntax.
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def completion_names(arguments: list[str]) -> str:
    """Return the names of one kind, one on each line.

    Args:
        arguments: the kind, the value of ``--profile`` or an empty text, and the typed beginning of
            a name.
    """
    kind, profile, beginning = [*arguments, "", "", ""][:3]
    try:
        folder, _ = profile_folder(profile, os.environ)
        names = profile_names(os.environ) if kind == "profiles" else document_names(folder, kind)
    except (LtictlError, OSError):
        return ""
    wanted = sorted(name for name in names if name.startswith(beginning))
    return "".join(f"{name}\n" for name in wanted if _SAFE.fullmatch(name))
