"""A program that changes one profile again and again, for many of it to run at once.

``writers.py PROFILE ROLE NAME ROUNDS``: a ``writer`` adds its name and a number to one document
that all share, and to one of its own, and prints each number when it is stored; a ``reader`` reads
everything until its stdin ends.
"""

import os
import select
import sys
from dataclasses import replace
from pathlib import Path

from ltictl.errors import LockedError
from ltictl.model.integration import Deployment, Integration
from ltictl.store.profile import Profile

SHARED = "acme-moodle-1"
LOCK_TIMEOUT = 60.0


def write(profile: Profile, name: str, rounds: int) -> None:
    own = replace(profile.integrations.get(SHARED), id=f"acme-{name}", deployments=())
    profile.integrations.add(own)
    for number in range(rounds):
        change(profile, SHARED, f"{name}-{number}")
        change(profile, own.id, f"{name}-{number}")
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def change(profile: Profile, identifier: str, label: str) -> None:
    """One more deployment: a read-modify-replace that others must not undo."""

    def added(former: Integration) -> Integration:
        return replace(former, deployments=(*former.deployments, Deployment(label)))

    while True:
        try:
            profile.integrations.change(identifier, added)
        except LockedError:
            continue
        return


def read(profile: Profile) -> None:
    """Documents that are not whole end the reader; nothing that was seen may be gone again."""
    seen: set[str] = set()
    rounds = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        listing = profile.integrations.all()
        if listing.damaged:
            raise SystemExit(f"torn: {listing.damaged}")
        now = {each.id for each in profile.integrations.get(SHARED).deployments}
        if seen - now:
            raise SystemExit(f"undone: {sorted(seen - now)[:5]}")
        seen = now
        rounds += 1
    sys.stdout.write(f"{rounds}\n")


def main() -> None:
    folder, role, name, rounds = sys.argv[1:]
    profile = Profile(Path(folder), LOCK_TIMEOUT)
    os.umask(0)
    if role == "writer":
        write(profile, name, int(rounds))
    else:
        read(profile)


if __name__ == "__main__":
    main()
