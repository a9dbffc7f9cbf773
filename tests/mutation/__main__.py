"""``python -m tests.mutation [MODULE...]``: cosmic-ray over each module, in a copy of the tree.

Two modules at a time; the four together take less than ten minutes on two cores.
"""

import functools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# Each module, and the tests that have to notice every change of it: none starts a process or needs
# a fixture of the suite. The longest first, so that both workers end together.
MODULES: Final = {
    "ltictl/relay/sealed_block.py": "tests/security/test_sealed_block.py",
    "ltictl/net/addresses.py": "tests/security/test_addresses.py",
    "ltictl/callback/form_state.py": "tests/security/test_form_state.py",
    "ltictl/cli/render/safe_text.py": "tests/security/test_safe_text.py",
}
WORKERS: Final = 2
WANTED: Final = 0.85
MEMORY: Final = 2 * 1024**3
_SETTINGS: Final = """\
[cosmic-ray]
module-path = "{module}"
timeout = 30.0
excluded-modules = []
test-command = "{python} -m pytest --noconftest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def main(chosen: list[str]) -> int:
    """Run them all, tell what survived; 1 if a module is below the mark.

    docs/explanation/security-testing.md says of each survivor why nothing can notice it.
    """
    tool = Path(sys.executable).with_name("cosmic-ray")
    if not tool.exists():
        sys.stderr.write("cosmic-ray is not installed: make mutation\n")
        return 2
    # Some changes make numbers of gigabytes: that one test run ends, and nothing else.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    modules = {name: MODULES[name] for name in chosen or MODULES}
    with ThreadPoolExecutor(WORKERS) as workers:
        scores = list(workers.map(functools.partial(_score, tool), modules, modules.values()))
    return 0 if all(score >= WANTED for score in scores) else 1


def _score(tool: Path, module: str, tests: str) -> float:
    with tempfile.TemporaryDirectory(prefix="ltictl-mutation-") as folder:
        tree = Path(folder) / "tree"
        for name in ("ltictl", "tests"):
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", tree)
        text = _SETTINGS.format(module=module, python=sys.executable, tests=tests)
        (tree / "settings.toml").write_text(text)
        environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}

        def run(*args: str) -> str:
            given = [str(tool), *args]
            done = subprocess.run(
                given, cwd=tree, env=environment, check=True, capture_output=True, text=True
            )
            return done.stdout

        run("baseline", "settings.toml")
        run("init", "settings.toml", "session.sqlite")
        run("exec", "settings.toml", "session.sqlite")
        return _tell(module, run("dump", "session.sqlite"))


def _tell(module: str, dump: str) -> float:
    """Write what survived; the share of changes that a test noticed."""
    results = [json.loads(line) for line in dump.splitlines()]
    survivors = [item for item in results if item[1]["test_outcome"] == "survived"]
    noticed = len(results) - len(survivors)
    share = noticed / len(results)
    sys.stdout.write(f"{module}: {noticed} of {len(results)}, {share:.1%}\n")
    for _, result in survivors:
        sys.stdout.write("".join(f"  {line}\n" for line in _changed_lines(result["diff"])))
    sys.stdout.flush()
    return share


def _changed_lines(diff: str) -> list[str]:
    """The lines taken out and put in by one change, without the heads of the diff."""
    return [
        line
        for line in diff.splitlines()
        if line.startswith(("-", "+")) and not line.startswith(("---", "+++"))
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
