"""A shared store with everything that a profile keeps in it."""

import os
from collections.abc import Callable, Mapping
from functools import cached_property

from ltictl.store.bucket.address import Address
from ltictl.store.bucket.attempts import SharedAttempts
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.log import SharedLog
from ltictl.store.bucket.objects import Objects
from ltictl.store.bucket.read_cache import ReadCache, notes_folder
from ltictl.store.bucket.sealing import Sealer
from ltictl.store.bucket.secrets import SealedDocuments, SharedKeys
from ltictl.store.bucket.standing import StandingDocument
from ltictl.store.trust import SAFE_PROFILES


class Shared:
    """One shared store.

    Args:
        address: its address.
        patience: seconds to wait for other writers, and for a store that is out of reach.
        passphrase: returns the passphrase of its secrets, empty for none.
        environment: of the process.
        whole: whether ``profile.toml`` lies there too.
    """

    def __init__(
        self,
        address: Address,
        patience: float,
        passphrase: Callable[[], bytes],
        environment: Mapping[str, str],
        *,
        whole: bool,
    ) -> None:
        self.place = str(address)
        self.whole = whole
        objects = Objects(address, environment)
        # Named by the address: two profiles in one bucket must not see each other's notes.
        memory = notes_folder(self.place)
        self.standing = StandingDocument(objects, patience, memory / "standing.json")
        self.bucket = Bucket(objects, self.standing, patience, ReadCache(memory))
        self.sealer = Sealer(self.bucket, passphrase)
        self.log = SharedLog(self.bucket)

    @cached_property
    def secrets(self) -> SealedDocuments:
        """The sealed documents."""
        return SealedDocuments(self.bucket, self.sealer)

    @cached_property
    def private_keys(self) -> SharedKeys:
        """The private halves of signing keys."""
        return SharedKeys(self.bucket, self.sealer)

    @cached_property
    def attempts(self) -> SharedAttempts:
        """The registrations in flight."""
        return SharedAttempts(self.bucket, self.sealer)

    def stranger_to_root(self, environment: Mapping[str, str]) -> str:
        """Return the people who control the store's ``profile.toml``, empty for nobody but root."""
        # Anyone who may write the bucket could write a command that root would run.
        if os.name == "nt" or os.geteuid() != 0:
            return ""
        # Not os.pathsep, which is a colon, and every address has one.
        if self.place in environment.get(SAFE_PROFILES, "").split(";"):
            return ""
        return f"everyone who may write to {self.place} could change it"
