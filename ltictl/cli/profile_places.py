"""The places of profiles: ``--profile``, ``LTICTL_PROFILE``, ``profile use``, then ``default``.

Imported whenever a shell completes a name, so nothing that costs a noticeable time is.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ltictl.errors import InvalidValueError

DEFAULT_PROFILE: Final = "default"
# The lengths that file systems take, less what ltictl adds: a document's name, a temporary one's.
_MAX_NAME: Final = 255
_MAX_PATH: Final = 3500
_ADDRESS: Final = "://"  # no path that a person types holds it


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
    return _folder(used_profile(environment), environment), "default"


def used_profile(environment: Mapping[str, str]) -> str:
    """The profile that commands act on where none is named: see ``ltictl profile use``."""
    try:
        text = used_profile_file(environment).read_text("utf-8").strip()
    except (OSError, ValueError):
        return DEFAULT_PROFILE
    return text if _is_name(text) else DEFAULT_PROFILE


def used_profile_file(environment: Mapping[str, str]) -> Path:
    """The file in which ``ltictl profile use`` keeps a name."""
    return named_profiles(environment).with_name("current-profile")


def profile_names(environment: Mapping[str, str]) -> list[str]:
    """The profiles that have a name, sorted."""
    folder = named_profiles(environment)
    try:
        names = os.listdir(folder)  # noqa: PTH208  names only
    except OSError:
        return []
    return sorted(name for name in names if _is_name(name) and (folder / name).is_dir())


def _is_name(text: str) -> bool:
    plain = text.replace("-", "").replace("_", "").isalnum()
    return plain and len(os.fsencode(text)) <= _MAX_NAME


def profile_address(given: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """The store that the profile lies in, and where that came from; empty for a folder."""
    source = "--profile" if given else "LTICTL_PROFILE"
    named = given or environment.get("LTICTL_PROFILE", "")
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
    except RuntimeError:  # pathlib's word for a user that does not exist
        problem = f"names a home folder that is not there: {text[:40]!r}"
        raise InvalidValueError(source, problem) from None
    parts = [len(os.fsencode(part)) for part in path.parts]
    if max(parts) > _MAX_NAME or sum(parts) + len(parts) > _MAX_PATH:
        raise InvalidValueError(source, "is longer than a path can be")
    return path


def profile_to_repeat(given: str, environment: Mapping[str, str]) -> str:
    """Return the ``--profile`` that further commands need to act on the same profile."""
    if not given or environment.get("LTICTL_PROFILE"):
        return given
    return "" if given == used_profile(environment) else given


def named_profiles(environment: Mapping[str, str]) -> Path:
    """The folder of the profiles that have a name."""
    moved = environment.get("LTICTL_HOME")
    if moved:
        return _path(moved, "LTICTL_HOME") / "profiles"
    import platformdirs

    return platformdirs.user_config_path("ltictl") / "profiles"
