"""Where profiles are: ``--profile``, then ``LTICTL_PROFILE``, then the default one.

Imported whenever a shell completes a name, so nothing that costs a noticeable time is.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ltictl.errors import InvalidValueError

DEFAULT_PROFILE: Final = "default"


def profile_folder(given: str, environment: Mapping[str, str]) -> tuple[Path, str]:
    """The profile's folder, and where that came from.

    Args:
        given: value of ``--profile``, a name or a path; empty if not given.
        environment: the process's.

    Raises:
        InvalidValueError: what was given is neither a name nor a path.
    """
    if given:
        return _folder(given, environment), "--profile"
    named = environment.get("LTICTL_PROFILE", "")
    if named:
        return _folder(named, environment), "LTICTL_PROFILE"
    return _folder(DEFAULT_PROFILE, environment), "default"


def _folder(name: str, environment: Mapping[str, str]) -> Path:
    if "/" in name or os.sep in name or name.startswith("."):
        return Path(name).expanduser().absolute()
    if not name.replace("-", "").replace("_", "").isalnum():
        raise InvalidValueError("--profile", f"{name[:40]!r} is neither a name nor a path")
    return named_profiles(environment) / name


def named_profiles(environment: Mapping[str, str]) -> Path:
    """The folder of the profiles that have a name."""
    moved = environment.get("LTICTL_HOME")
    if moved:
        return Path(moved).expanduser().absolute() / "profiles"
    import platformdirs

    return platformdirs.user_config_path("ltictl") / "profiles"
