"""Find a profile by ``--profile``, ``LTICTL_PROFILE``, ``profile use``, then ``default``."""

# Completing a name imports this module, so it must import nothing slow.

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ltictl.errors import InvalidValueError

DEFAULT_PROFILE: Final = "default"
# The limits of file systems, less the names that ltictl adds for documents and temporary files.
_MAX_NAME: Final = 255
_MAX_PATH: Final = 3500
_ADDRESS: Final = "://"  # no path that a person types holds this character


def profile_folder(option: str, environment: Mapping[str, str]) -> tuple[Path, str]:
    """Return the profile's folder and the setting that names it.

    Args:
        option: value of ``--profile``, a name or a path; empty if not given.
        environment: the process's.

    Raises:
        InvalidValueError: the value is neither a name nor a path.
    """
    if option:
        return _folder(option, environment), "--profile"
    named = environment.get("LTICTL_PROFILE", "")
    if named:
        return _folder(named, environment), "LTICTL_PROFILE"
    return _folder(used_profile(environment), environment), "default"


def used_profile(environment: Mapping[str, str]) -> str:
    """Return the profile that ``ltictl profile use`` chose."""
    try:
        text = used_profile_file(environment).read_text("utf-8").strip()
    except (OSError, ValueError):
        return DEFAULT_PROFILE
    return text if _is_name(text) else DEFAULT_PROFILE


def used_profile_file(environment: Mapping[str, str]) -> Path:
    """Return the path of the file in which ``ltictl profile use`` stores a name."""
    return named_profiles(environment).with_name("current-profile")


def profile_names(environment: Mapping[str, str]) -> list[str]:
    """Return the names of all named profiles, sorted."""
    folder = named_profiles(environment)
    try:
        names = os.listdir(folder)  # noqa: PTH208  names only
    except OSError:
        return []
    return sorted(name for name in names if _is_name(name) and (folder / name).is_dir())


def _is_name(text: str) -> bool:
    plain = text.replace("-", "").replace("_", "").isalnum()
    return plain and len(os.fsencode(text)) <= _MAX_NAME


def profile_address(option: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the URL of the profile's store and the setting that names it; empty for a folder."""
    source = "--profile" if option else "LTICTL_PROFILE"
    named = option or environment.get("LTICTL_PROFILE", "")
    return (named, source) if _ADDRESS in named else ("", "")


def _folder(name: str, environment: Mapping[str, str]) -> Path:
    if _ADDRESS in name:
        raise InvalidValueError("--profile", "names a store, and a folder is needed here")
    if "/" in name or os.sep in name or name.startswith("."):
        return _path(name, "--profile")
    if not _is_name(name):
        raise InvalidValueError("--profile", f"{name[:40]!r} is neither a name nor a path")
    return named_profiles(environment) / name


def _path(text: str, source: str) -> Path:
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:  # pathlib raises it for an unknown user
        problem = f"names a home folder that is not there: {text[:40]!r}"
        raise InvalidValueError(source, problem) from None
    parts = [len(os.fsencode(part)) for part in path.parts]
    if max(parts) > _MAX_NAME or sum(parts) + len(parts) > _MAX_PATH:
        raise InvalidValueError(source, "is longer than a path can be")
    return path


def profile_to_repeat(option: str, environment: Mapping[str, str]) -> str:
    """Return the ``--profile`` value that further commands need to act on the same profile."""
    if not _is_name(option) or environment.get("LTICTL_PROFILE"):
        return option
    return "" if option == used_profile(environment) else option


def named_profiles(environment: Mapping[str, str]) -> Path:
    """Return the folder of all named profiles."""
    moved = environment.get("LTICTL_HOME")
    if moved:
        return _path(moved, "LTICTL_HOME") / "profiles"
    import platformdirs

    return platformdirs.user_config_path("ltictl") / "profiles"
