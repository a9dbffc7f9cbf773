"""The names that a shell completes, taken from the profile's file names."""

# 'ltictl.__main__' calls this module directly, so it must import nothing slow.

import os
import re
from collections.abc import Iterable

from ltictl.cli.profile_places import profile_address, profile_folder, profile_names
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
        names = profile_names(os.environ) if kind == "profiles" else _document_names(kind, profile)
    except (LtictlError, OSError):
        return ""
    wanted = sorted(name for name in names if name.startswith(beginning))
    return "".join(f"{name}\n" for name in wanted if _SAFE.fullmatch(name))


def _document_names(kind: str, profile: str) -> Iterable[str]:
    url, _ = profile_address(profile, os.environ)
    if url:
        return _known_names(url, kind)
    folder, _ = profile_folder(profile, os.environ)
    try:
        return document_names(folder, kind)
    except FileNotFoundError:  # none were made yet, or they lie in a store
        from ltictl.store.opening import store_of

        return _known_names(store_of(folder, os.environ)[0], kind)


def _known_names(url: str, kind: str) -> set[str]:
    """Return what this computer has seen of a store: TAB must never wait for a network."""
    if not url:
        return set()
    from ltictl.store.bucket.address import parse_address
    from ltictl.store.bucket.read_cache import known_names

    return known_names(str(parse_address(url, "--profile")), kind)
