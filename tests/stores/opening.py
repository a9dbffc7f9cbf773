"""Opens a bucket as the library does, for tests and for the processes that they start."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.read_cache import ReadCache
from ltictl.store.bucket.standing import StandingDocument
from ltictl.store.opening import open_profile_at
from ltictl.store.profile import Profile
from tests.support.object_stores import ObjectStore, objects_of


def opened(store: ObjectStore, patience: float = 20, cache: Path | None = None) -> Bucket:
    """The bucket at a store."""
    objects = objects_of(store)
    standing = StandingDocument(objects, patience, cache / "standing" if cache else None)
    return Bucket(objects, standing, patience, ReadCache(cache))


@contextmanager
def profile_at(store: ObjectStore, home: Path, passphrase: str) -> Iterator[Profile]:
    """A profile in a store, as a machine with this home sees it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield open_profile_at(store.url, 20, passphrase.encode, store.environment)
