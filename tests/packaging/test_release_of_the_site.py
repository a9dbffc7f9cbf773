"""The release workflow's own steps put each version's pages on the site's branch.

The test acts as the runner: a shallow checkout of the tag, the steps' text in its shell, and a bare
repository as GitHub's. Only the build of the pages is left out; ``tests/docs`` builds them.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"


def steps() -> list[dict[str, str]]:
    """The steps of the job that adds the pages."""
    found: list[dict[str, str]] = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["site"][
        "steps"
    ]
    return found


def git(folder: Path, *args: str) -> str:
    quiet = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    argv = ["git", *quiet, *args]
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True).stdout


@dataclass
class Runner:
    """GitHub's repository, and a runner with a folder of its own for each release."""

    folder: Path

    @property
    def bare(self) -> Path:
        return self.folder / "github.git"

    def release(self, tag: str, *, again: str = "") -> subprocess.CompletedProcess[str]:
        """Check the tag out as ``actions/checkout`` does, build a page, and run the last step."""
        work = self.folder / f"runner-{tag}{again}"
        work.mkdir()
        git(work, "init", "--quiet")
        git(work, "remote", "add", "origin", self.bare.as_uri())
        git(work, "fetch", "--quiet", "--depth=1", "origin", f"+refs/tags/{tag}:refs/tags/{tag}")
        git(work, "checkout", "--quiet", "--detach", tag)
        (work / "site" / "how-to").mkdir(parents=True)
        (work / "site" / "index.html").write_text(f"start of {tag}{again}", "utf-8")
        (work / "site" / "how-to" / "install.html").write_text("install", "utf-8")
        environment = {**os.environ, "GITHUB_REF_NAME": tag, "HOME": str(self.folder)}
        return subprocess.run(
            ["bash", "-e", "-c", steps()[-1]["run"]],  # the shell of a step that names none
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def pages(self) -> set[str]:
        return set(git(self.bare, "ls-tree", "-r", "--name-only", "gh-pages").split())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    source = tmp_path / "source"
    (source / ".ci").mkdir(parents=True)
    git(source, "init", "--quiet")
    for name in (".ci/versioned_site.py", "README.md"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message", "all")
    for tag in ("v0.1.0", "v0.2.0"):
        git(source, "tag", tag)
    git(tmp_path, "clone", "--quiet", "--bare", str(source), "github.git")
    return Runner(tmp_path)


def test_two_releases_stand_beside_each_other(runner: Runner) -> None:
    for tag in ("v0.1.0", "v0.2.0"):
        done = runner.release(tag)
        assert done.returncode == 0, done.stdout + done.stderr

    own = {".nojekyll", "index.html", "versions.json"}
    each = {"index.html", "how-to/install.html"}
    assert runner.pages() == own | {f"{v}/{page}" for v in ("0.1.0", "0.2.0") for page in each}
    subjects = git(runner.bare, "log", "--format=%s", "gh-pages").splitlines()
    assert subjects == ["site: v0.2.0", "site: v0.1.0"]


def test_a_release_that_runs_twice_leaves_its_pages_alone(runner: Runner) -> None:
    first = runner.release("v0.1.0")
    again = runner.release("v0.1.0", again="-again")

    assert (first.returncode, again.returncode) == (0, 1)
    assert "exist already" in again.stderr
    assert git(runner.bare, "show", "gh-pages:0.1.0/index.html") == "start of v0.1.0"


def test_the_pages_are_built_before_they_are_added() -> None:
    assert [step["run"] for step in steps() if "run" in step][:-1] == ["make docs"]
