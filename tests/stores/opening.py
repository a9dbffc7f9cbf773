"""Opens a bucket as the library does, for tests and for the processes that they start."""

from pathlib import Path

from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.read_cache import ReadCache
from ltictl.store.bucket.standing import StandingDocument
from tests.support.object_stores import ObjectStore, objects_of


def opened(store: ObjectStore, patience: float = 20, cache: Path | None = None) -> Bucket:
    """The bucket at a store."""
    objects = objects_of(store)
    standing = StandingDocument(objects, patience, cache / "standing" if cache else None)
    return Bucket(objects, standing, patience, ReadCache(cache))
