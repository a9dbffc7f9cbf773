"""Run one target in a child for a given time, and read libFuzzer's report."""

import os
import re
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

from tests.fuzz.targets import CORPUS

ROOT = Path(__file__).parents[2]
_GRACE = 60  # seconds: the imports, the corpus, the last input
_WORDS = re.compile(rb'"([A-Za-z_][\w:/.#-]{1,60})"|^([a-z_]{2,40}) =', re.MULTILINE)
_SUMMARY = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+) corp: (\d+)/")


class Fuzzed(Struct, frozen=True):
    """The end of a run.

    Attributes:
        target: its name.
        inputs: how many were looked at.
        edges: branches of our code that they reached.
        defect: the traceback and the input, empty if there is none.
    """

    target: str
    inputs: int
    edges: int
    defect: str = ""

    def line(self) -> str:
        end = "DEFECT" if self.defect else "no defect"
        return f"{self.target}: {self.inputs:,} inputs, {self.edges:,} edges, {end}"


def fuzz(name: str, seconds: int, folder: Path, seed: int = 0) -> Fuzzed:
    """Fuzz one target.

    Args:
        name: of the target.
        seconds: how long.
        folder: for the inputs that reach something new; what stands there is begun with.
        seed: of the inputs' order; 0 for another one each time.
    """
    grown = folder / "corpus"
    grown.mkdir(parents=True, exist_ok=True)
    words = folder / "words"
    words.write_text(_dictionary(name) or "# none\n")
    given = (
        *(f"-max_total_time={seconds}", f"-dict={words}", f"-artifact_prefix={folder}/"),
        # An input that takes ten seconds, or a gigabyte and a half, is a defect too.
        f"-seed={seed}",
        *("-max_len=4096", "-timeout=10", "-rss_limit_mb=1536", "-print_final_stats=1"),
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.child", name, *given, str(grown), str(CORPUS / name)],
        cwd=ROOT,
        env=os.environ | ({"PYTHONHASHSEED": "0"} if seed else {}),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=seconds + _GRACE,
    )
    summary = _SUMMARY.search(done.stderr)
    inputs, edges = (int(summary[1]), int(summary[2])) if summary else (0, 0)
    if done.returncode == 0 and summary:
        return Fuzzed(name, inputs, edges)
    return Fuzzed(name, inputs, edges, _defect(name, done, folder))


def _defect(name: str, done: "subprocess.CompletedProcess[str]", folder: Path) -> str:
    found = [f"{each.name}: {each.read_bytes()!r}" for each in sorted(folder.glob("*-*"))]
    errors = "\n".join(done.stderr.splitlines()[-60:])
    return f"\n{name} ended with {done.returncode}\n{done.stdout[-4000:]}{errors}\n" + "\n".join(
        found
    )


def _dictionary(name: str) -> str:
    """The words of the corpus, so that members of a document are tried beside bytes."""
    words = {
        (match[1] or match[2]).decode()
        for seed in (CORPUS / name).iterdir()
        for match in _WORDS.finditer(seed.read_bytes())
    }
    return "".join(f'"{word}"\n' for word in sorted(words))
