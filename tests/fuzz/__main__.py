"""``python -m tests.fuzz [TARGET...] [--seconds N]`` fuzzes each target, two at a time."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.run import Fuzzed, fuzz
from tests.fuzz.targets import TARGETS

_AT_ONCE = 2


def main() -> int:
    """Run them, tell how much each looked at; 1 where one found a defect."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all by default")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument(
        "--keep", type=Path, help="keep inputs that reach new code, and begin with them"
    )
    given = parser.parse_args()

    def one(name: str) -> Fuzzed:
        with tempfile.TemporaryDirectory(prefix="ltictl-fuzz-") as folder:
            found = fuzz(name, given.seconds, (given.keep or Path(folder)) / name)
        sys.stdout.write(f"{found.line()}\n")
        sys.stdout.flush()
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(one, given.targets or TARGETS))
    for each in found:
        sys.stderr.write(each.defect)
    return 1 if any(each.defect for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
