"""Fuzzes documents of a profile and files to import or apply; the first byte selects the kind."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz.errors import require_words

if TYPE_CHECKING:
    from ltictl.store.profile import Profile

Reader = Callable[[bytes], Any]
_FOLDERS = ("organizations", "invitations", "integrations", "keys", "secrets")


@contextlib.contextmanager
def document() -> Iterator[Callable[[bytes], None]]:
    """A document, read as every command reads it."""
    from ltictl.errors import LtictlError
    from ltictl.interchange.registry import all_formats
    from ltictl.store.profile import Profile

    imports = tuple(each.read for each in all_formats().values() if each.read)
    with tempfile.TemporaryDirectory(prefix="ltictl-fuzz-") as folder:
        profile = Profile(Path(folder) / "profile")
        for name in _FOLDERS:
            (profile.root / name).mkdir(mode=0o700, parents=True)
        readers = (*_stored(profile), *_wanted(Path(folder)), *imports)

        def look(data: bytes) -> None:
            try:
                readers[data[0] % len(readers) if data else 0](data[1:])
            except LtictlError as error:
                require_words(error)

        yield look


def _stored(profile: "Profile") -> Iterator[Reader]:
    from ltictl.store.records import document_of, record_of

    def reader(name: str, read: Callable[[], Any]) -> Reader:
        def write_and_read(data: bytes) -> Any:
            (profile.root / f"{name}.toml").write_bytes(data)
            return read()

        return write_and_read

    def lossless(read: Reader) -> Reader:
        def read_twice(data: bytes) -> None:
            found = read(data)
            assert record_of(type(found), document_of(found)) == found

        return read_twice

    yield reader("profile", profile.settings)
    yield lossless(reader("organizations/x", lambda: profile.organizations.get("x")))
    yield lossless(reader("invitations/x", lambda: profile.invitations.get("x")))
    yield lossless(reader("integrations/x", lambda: profile.integrations.get("x")))
    yield lossless(reader("keys/x", lambda: profile.signing_keys.get("x")))
    yield reader("secrets/x", lambda: profile.secrets.get("x", "access_token"))


def _wanted(folder: Path) -> Iterator[Reader]:
    from ltictl.store.wanted import read_wanted

    def reader(file: Path) -> Reader:
        def write_and_read(data: bytes) -> None:
            file.write_bytes(data)
            read_wanted(file)

        return write_and_read

    yield reader(folder / "wanted.toml")
    yield reader(folder / "wanted.csv")
