"""``python -m tests.mutation [MODULE...]``: cosmic-ray over each module, in a copy of the tree."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# Each module, and the tests that have to notice every change of it: none starts a process.
MODULES: Final = {
    "ltictl/net/addresses.py": "tests/unit/net/test_addresses.py tests/security/test_addresses.py",
    "ltictl/callback/form_state.py": "tests/security/test_form_state.py",
    "ltictl/cli/safe_text.py": "tests/security/test_safe_text.py",
    "ltictl/callback/sealed_block.py": "tests/security/test_sealed_block.py",
}
# Changes that change nothing that the module does; docs/explanation/security-testing.md names them.
EQUIVALENT: Final = {"ltictl/cli/safe_text.py": 5, "ltictl/callback/sealed_block.py": 10}
WANTED: Final = 0.85
MEMORY: Final = 2 * 1024**3
_SETTINGS: Final = """\
[cosmic-ray]
module-path = "{module}"
timeout = 60.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def main(chosen: list[str]) -> int:
    """Run them all, tell what survived; 1 if a module is below the mark."""
    tool = Path(sys.executable).with_name("cosmic-ray")
    if not tool.exists():
        sys.stderr.write("cosmic-ray is not installed: pip install 'ltictl[mutation]'\n")
        return 2
    # Some changes make numbers of gigabytes: that one test run ends, and nothing else.
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    modules = {name: MODULES[name] for name in chosen or MODULES}
    scores = [_score(tool, module, tests) for module, tests in modules.items()]
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
        return _told(module, run("dump", "session.sqlite"))


def _told(module: str, dump: str) -> float:
    """Write what survived; the share of changes that a test noticed."""
    results = [json.loads(line) for line in dump.splitlines()]
    survivors = [item for item, result in results if result["test_outcome"] == "survived"]
    counted = len(results) - EQUIVALENT.get(module, 0)
    noticed = len(results) - len(survivors)
    share = noticed / counted
    sys.stdout.write(f"{module}: {noticed} of {len(results)}, {share:.0%} of what changes it\n")
    for item in survivors:
        for mutation in item["mutations"]:
            line = mutation["start_pos"][0]
            sys.stdout.write(
                f"  line {line}: {mutation['operator_name']} {mutation['occurrence']}\n"
            )
    sys.stdout.flush()
    return share


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
