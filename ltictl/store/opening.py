"""Open a profile in its folder, or in the shared store that its settings name."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ltictl.errors import UnreadableError, UsageError
from ltictl.store.layout import SETTINGS, document_file
from ltictl.store.profile import Profile
from ltictl.store.reading import read_own
from ltictl.store.toml import parse

STORE: Final = "LTICTL_STORE"
_SETTING: Final = "store.url in profile.toml"
# Most profiles name no store: 'list' must not pay for a TOML reader to learn that.
_NAMES_STORE: Final = re.compile(rb"^[ \t]*\[?[ \t]*[\"']?store\b", re.MULTILINE)


def open_profile(
    folder: Path,
    lock_timeout: float,
    passphrase: Callable[[], bytes],
    environment: Mapping[str, str],
) -> Profile:
    """Open the profile whose ``profile.toml`` lies in ``folder``.

    Args:
        folder: absolute path.
        lock_timeout: seconds to wait for another writer.
        passphrase: gives the passphrase of secrets, empty for none; called when it is needed.
        environment: the process's; ``LTICTL_STORE`` goes before the setting.

    Raises:
        LtictlError: the store's address or its client library cannot be used.
    """
    url, source = store_of(folder, environment)
    if not url:
        return Profile(folder, lock_timeout)
    # Here, since ``list`` of a profile in a folder must not pay for object storage.
    from ltictl.store.bucket.address import parse_address

    address = parse_address(url, source)
    if address.is_folder:
        return Profile(Path(address.prefix), lock_timeout, settings_root=folder)
    from ltictl.store.bucket.shared import Shared

    shared = Shared(address, lock_timeout, passphrase, environment, whole=False)
    return Profile(folder, lock_timeout, shared)


def store_of(folder: Path, environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the URL of the documents' store, and what names it; no URL for the folder itself.

    Raises:
        UnreadableError: ``profile.toml`` seems to name one, and cannot be read.
    """
    url = environment.get(STORE, "")
    return (url, STORE) if url else (_url_in(folder), _SETTING)


def open_profile_at(
    url: str,
    lock_timeout: float,
    passphrase: Callable[[], bytes],
    environment: Mapping[str, str],
    source: str = "--profile",
) -> Profile:
    """Open a profile that lies in a shared store, ``profile.toml`` included.

    Args:
        url: the store's address.
        lock_timeout: as in ``open_profile``.
        passphrase: as in ``open_profile``.
        environment: the process's.
        source: the option or variable that holds the address.

    Raises:
        LtictlError: the address or the client library cannot be used.
    """
    from ltictl.store.bucket.address import parse_address

    if environment.get(STORE):
        raise UsageError(
            "options_conflict",
            f"{source} names a store, and {STORE} another one.",
            fix=f"Leave {STORE} out, or name the folder of profile.toml.",
        )
    address = parse_address(url, source)
    if address.is_folder:
        return Profile(Path(address.prefix), lock_timeout)
    from ltictl.store.bucket.shared import Shared

    shared = Shared(address, lock_timeout, passphrase, environment, whole=True)
    # Nothing of a whole shared profile lies in a folder: any absolute path will do.
    return Profile(Path("/"), lock_timeout, shared)


def _url_in(folder: Path) -> str:
    """Return the store's address in ``profile.toml``, empty for its own folder.

    Raises:
        UnreadableError: the file names a store, and cannot be read.
    """
    file = document_file(folder, SETTINGS)
    try:
        data = read_own(folder, file)
    except UnreadableError:
        return ""  # the command that needs the settings says why
    if data is None or not _NAMES_STORE.search(data):
        return ""
    try:
        table = parse(data.decode("utf-8")).get("store", {})
    except (ValueError, RecursionError) as error:
        # Not an empty address: the command would silently work on another store.
        raise UnreadableError(
            "damaged_document",
            f"{file} is damaged: {error}",
            why="It was edited by hand and is no longer TOML.",
            fix="Correct the line named above: it seems to name the store of the documents.",
        ) from error
    url = table.get("url", "") if isinstance(table, dict) else ""
    if isinstance(url, str):
        return url
    raise UnreadableError(
        "invalid_setting",
        f"{file}: store.url is no text.",
        fix='Write it as in: url = "s3://bucket/prefix"',
    )
