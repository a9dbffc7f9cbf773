"""A program that changes one profile again and again, for many of it to run at once.

``writers.py PROFILE ROLE NAME ROUNDS``: a ``writer`` counts up in one document that all share and
in one of its own, and prints each number when it is stored; a ``reader`` reads everything until its
stdin ends.
"""

import os
import select
import sys
from pathlib import Path

from ltictl.errors import LockedError
from ltictl.model.integration import Deployment, Integration
from ltictl.model.record import replace
from ltictl.store.profile import Profile

SHARED = "acme-moodle-1"
LOCK_TIMEOUT = 60.0
PAUSE = 0.02


def write(profile: Profile, name: str, rounds: int) -> None:
    own = replace(profile.integrations.get(SHARED), id=f"acme-{name}", deployments=())
    profile.integrations.add(own)
    for number in range(1, rounds + 1):
        count(profile, SHARED, name, number)
        count(profile, own.id, name, number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def count(profile: Profile, identifier: str, name: str, number: int) -> None:
    """Replace this writer's number, beside those of the other writers."""

    def counted(former: Integration) -> Integration:
        others = tuple(each for each in former.deployments if each.id != name)
        return replace(former, deployments=(*others, Deployment(name, str(number))))

    while True:
        try:
            profile.integrations.change(identifier, counted)
        except LockedError:
            continue
        return


def numbers(profile: Profile, identifier: str) -> dict[str, int]:
    """How far everybody has come, as one document tells it."""
    deployments = profile.integrations.get(identifier).deployments
    return {each.id: int(each.label) for each in deployments}


def read(profile: Profile) -> None:
    """A document that is not whole ends the reader, and so does a number that went back."""
    seen: dict[str, int] = {}
    rounds = 0
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        damaged = profile.integrations.all().damaged
        if damaged:
            raise SystemExit(f"torn: {damaged}")
        now = numbers(profile, SHARED)
        undone = [name for name, number in seen.items() if now.get(name, 0) < number]
        if undone:
            raise SystemExit(f"undone: {undone}")
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
