"""``python -m tests.mutation [MODULE...]`` mutates each module in memory, piece by piece.

cosmic-ray makes the changes. Two modules at a time, each in a process of its own.
"""

import difflib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.mutation import forked

_ANSWERS: Final = "tests/cases/test_token_answers.py"
_STORE: Final = "tests/unit/store"
# Each module, and the tests that have to notice every change of it: none starts a process or needs
# a fixture of the suite. The longest first, so that both workers end together.
MODULES: Final = {
    "ltictl/lti/access_token.py": (
        "tests/unit/lti/test_requests_and_tokens.py",
        f"{_ANSWERS}::test_a_token_is_a_token",
        f"{_ANSWERS}::test_anything_else_is_none",
        f"{_ANSWERS}::test_no_success_is_quoted",
        f"{_ANSWERS}::test_a_refusal_has_its_cause",
    ),
    "ltictl/relay/sealed_block.py": ("tests/security/test_sealed_block.py",),
    "ltictl/net/addresses.py": ("tests/security/test_addresses.py",),
    "ltictl/callback/form_state.py": ("tests/security/test_form_state.py",),
    "ltictl/cli/render/safe_text.py": ("tests/security/test_safe_text.py",),
    "ltictl/store/folder.py": (f"{_STORE}/test_folder_edges.py",),
    "ltictl/store/document_text.py": (f"{_STORE}/test_folder_edges.py",),
    "ltictl/store/attempts.py": (f"{_STORE}/test_attempts.py", f"{_STORE}/test_cut_attempts.py"),
    "ltictl/store/attempt_records.py": (
        f"{_STORE}/test_attempt_records.py",
        f"{_STORE}/test_edited_attempts.py::test_it_is_damaged",
    ),
    "ltictl/store/attempt_file.py": (
        f"{_STORE}/test_attempt_file.py",
        f"{_STORE}/test_cut_attempts.py",
    ),
}
WORKERS: Final = 2
WANTED: Final = 90  # per cent


def main(chosen: list[str]) -> int:
    """Run them all, tell what survived; 1 if a module is below the mark.

    docs/explanation/security-testing.md says of each survivor why nothing can notice it.
    """
    if chosen[:1] == ["--one"]:
        return 0 if _score(chosen[1]) >= WANTED else 1

    def one(module: str) -> int:
        given = [sys.executable, "-m", "tests.mutation", "--one", module]
        return subprocess.run(given, cwd=forked.ROOT, check=False).returncode

    with ThreadPoolExecutor(WORKERS) as workers:
        return max(workers.map(one, chosen or MODULES))


def _score(module: str) -> float:
    """Write what survived; the share of changes that a test noticed."""
    forked.prepare()
    source = (forked.ROOT / module).read_text("utf-8")
    tests = MODULES[module]
    if not forked.passes(module, source, tests):
        raise SystemExit(f"{module}: its tests fail as it is")
    changes = list(_changes(Path(module), source))
    survivors = [each for each in changes if forked.passes(module, each, tests)]
    noticed = len(changes) - len(survivors)
    share = 100 * noticed / len(changes)
    listed = "".join(f"  {line}\n" for each in survivors for line in _changed_lines(source, each))
    sys.stdout.write(f"{module}: {noticed} of {len(changes)}, {share:.1f} %\n{listed}")
    sys.stdout.flush()
    return share


def _changes(module: Path, source: str) -> Iterator[str]:
    from cosmic_ray.commands.init import _all_work_items
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    for item in _all_work_items([module], {}):
        (mutation,) = item.mutations
        operator = get_operator(mutation.operator_name)(**mutation.operator_args)
        yield mutate_code(source, operator, mutation.occurrence)


def _changed_lines(source: str, changed: str) -> Iterator[str]:
    for line in difflib.unified_diff(source.splitlines(), changed.splitlines(), n=0):
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++")):
            yield line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
