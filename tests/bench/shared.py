"""Measures ``list`` of a profile in a bucket that is 20 ms away, beside a folder and bare loops."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.installation import PROGRAMS, Installation
from tests.bench.profiles import MadeProfile
from tests.bench.report import Row, milliseconds
from tests.bench.scale import list_all
from tests.bench.timing import Argv, Command, Probe, Rounds, interleave, output_of
from tests.support.fault_proxy import FaultyProxy
from tests.support.object_stores import BUCKET, ObjectStore, objects_of, seaweed

_DELAY = 0.02  # seconds that the proxy puts on each request
_UPLOADS_AT_ONCE = 16
_MEGABYTES = 180.0


@dataclass(frozen=True, slots=True)
class FarBucket:
    """A profile in a bucket, behind the proxy.

    Attributes:
        installation: with obstore.
        store: its address.
        cache: the folder of ltictl's read cache.
        environment: of commands.
    """

    installation: Installation
    store: ObjectStore
    cache: Path
    environment: dict[str, str]

    def list_warm(self) -> Command:
        """``list --json`` with the read cache."""
        argv: Argv = [self.installation.ltictl, "--profile", self.store.url, "list", "--json"]
        return Command(argv, self.environment)

    def list_cold(self) -> Command:
        """The same without the cache."""
        warm = self.list_warm()
        return Command(warm.argv, warm.env, lambda: shutil.rmtree(self.cache, ignore_errors=True))

    def bare(self, what: str) -> Argv:
        """The argv of the bare loop, which lists or reads."""
        prefix = self.store.url.removeprefix(f"s3://{BUCKET}/")
        return [self.installation.python, PROGRAMS / "bare_bucket.py", BUCKET, prefix, what]

    def listing(self) -> float:
        """The seconds of one bare listing, without the start of its program."""
        return float(output_of(self.bare("list"), self.environment))


def measure_bucket(
    installation: Installation, profile: MadeProfile, rounds: int
) -> tuple[Rounds, Rounds, float]:
    """``list`` with a warm cache and without one, each beside its comparison; and its memory."""
    with _far_bucket(installation, profile) as bucket:
        cold = {
            "cold": bucket.list_cold(),
            "loop": Command(bucket.bare("read"), bucket.environment),
        }
        _, megabytes = bucket.list_cold().run()
        warm: dict[str, Probe] = {
            "warm": bucket.list_warm(),
            "folder": list_all(installation, profile),
            "listing": bucket.listing,
        }
        return interleave(warm, rounds), interleave(cold, rounds), megabytes


def bucket_rows(found: tuple[Rounds, Rounds, float], count: int) -> list[Row]:
    """The rows of ``measure_bucket``."""
    warm, cold, megabytes = found
    beside = warm.median("folder") + warm.median("listing")
    what = f"`ltictl list --json` in a bucket 20 ms away, {count:,} integrations"
    return [
        Row(
            f"{what}, cache warm",
            milliseconds(warm.median("warm")),
            f"the same in a folder, and one bare listing: {milliseconds(beside)}",
            warm.median("warm") / beside,
            1.5,
        ),
        Row(
            f"{what}, no cache",
            milliseconds(cold.median("cold")),
            f"a bare obstore loop, 32 at once: {milliseconds(cold.median('loop'))}",
            cold.ratio("cold", "loop"),
            1.3,
        ),
        Row(
            f"{what}, no cache: most memory held",
            f"{megabytes:.0f} MB",
            "",
            megabytes,
            _MEGABYTES,
            "MB",
        ),
    ]


@contextmanager
def _far_bucket(installation: Installation, profile: MadeProfile) -> Iterator[FarBucket]:
    installation.add_cloud()
    work = installation.work / "bucket"
    shutil.rmtree(work, ignore_errors=True)
    with seaweed(work / "home") as server, FaultyProxy(server.port, _DELAY) as proxy:
        store = server.store()
        _upload(profile, store)
        far = proxy.before(store)
        environment = {
            **installation.environment(work / "profiles"),
            **far.environment,
            "XDG_CACHE_HOME": str(work / "cache"),
        }
        yield FarBucket(installation, far, work / "cache", environment)


def _upload(profile: MadeProfile, store: ObjectStore) -> None:
    """Copy every document past the proxy, side by side."""
    objects, folder = objects_of(store), profile.folder
    files = [folder / "profile.toml"]
    files += [
        file for kind in ("organizations", "integrations") for file in (folder / kind).iterdir()
    ]
    with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as writers:
        list(
            writers.map(
                lambda file: objects.put(str(file.relative_to(folder)), file.read_bytes(), None),
                files,
            )
        )
