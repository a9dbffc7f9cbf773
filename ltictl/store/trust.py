"""Judge whether root may run the commands that a profile names."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ltictl.store.layout import SETTINGS, document_file

# Folders whose profiles root trusts although others may change them, as git's safe.directory.
SAFE_PROFILES: Final = "LTICTL_SAFE_PROFILES"
_ROOT: Final = 0


def stranger_to_root(root: Path, environment: Mapping[str, str]) -> str:
    """Return the other account that controls the profile's commands, empty for none.

    Args:
        root: the profile's folder.
        environment: of the process.

    Raises:
        OSError: the profile cannot be looked at.
    """
    # Only root is at risk: every other user mostly has no more powers than the authors.
    if os.name == "nt" or os.geteuid() != _ROOT or _is_named_safe(root, environment):
        return ""
    # The one who may call sudo has root's powers already.
    trusted = {str(_ROOT), environment.get("SUDO_UID", str(_ROOT))}
    for path in (root, document_file(root, SETTINGS)):
        found = path.stat()
        if str(found.st_uid) not in trusted:
            return f"{path} belongs to user {found.st_uid}"
        if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
            return f"anyone may change {path}"
        if found.st_mode & stat.S_IWGRP and found.st_gid != _ROOT:
            return f"group {found.st_gid} may change {path}"
    return ""


def _is_named_safe(root: Path, environment: Mapping[str, str]) -> bool:
    named = environment.get(SAFE_PROFILES, "").split(os.pathsep)
    return str(root.resolve()) in {str(Path(each).resolve()) for each in named if each}
