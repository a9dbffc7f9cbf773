"""Counts up shared documents, one of many processes: python -m tests.stores.hammer URL N."""

import os
import random
import sys
from collections.abc import Mapping
from typing import Any

from ltictl.store.folder import ConflictError, MissingError
from tests.stores.opening import opened
from tests.support.object_stores import ObjectStore

KEYS = 20


def counted(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "count": int(document["count"]) + 1}


def main() -> None:
    url, times = sys.argv[1], int(sys.argv[2])
    bucket = opened(ObjectStore(url, dict(os.environ), 0), patience=60)
    chance = random.Random(os.getpid())  # noqa: S311
    for _ in range(times):
        path = f"integrations/key-{chance.randrange(KEYS)}"
        try:
            bucket.change(path, counted)
        except MissingError:
            try:
                bucket.create(path, {"count": 1})
            except ConflictError:
                bucket.change(path, counted)


if __name__ == "__main__":
    main()
