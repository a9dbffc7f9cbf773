"""Refuses a release that is not ready: placeholders, a version that is not the tag, no changes.

``python3 .ci/release_check.py v0.1.0``; exit code 1 and one line for each thing that is missing.
"""

import re
import sys
import tomllib
from pathlib import Path

PLACEHOLDER = "placeholder.invalid"


def missing(root: Path, tag: str) -> list[str]:
    """What keeps the tree at ``root`` from being released as ``tag``, one sentence each."""
    found = []
    text = (root / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    if PLACEHOLDER in text:
        lines = [n for n, line in enumerate(text.splitlines(), 1) if PLACEHOLDER in line]
        found.append(f"pyproject.toml has placeholders in lines {lines}.")
    constants = (root / "ltictl/__init__.py").read_text("utf-8")
    site = re.search(r'__docs_url__ = "(.*)"', constants)
    if site is None or site[1] != project.get("urls", {}).get("Documentation", ""):
        found.append("__docs_url__ in ltictl/__init__.py is not project.urls.Documentation.")
    found += [
        f"project.{name} is not set." for name in ("authors", "urls") if not project.get(name)
    ]
    version = re.search(r'__version__ = "(.+)"', constants)
    if version is None or f"v{version[1]}" != tag:
        found.append(f"The tag is {tag}, ltictl/__init__.py says {version and version[1]}.")
    changes = (root / "CHANGELOG.md").read_text("utf-8")
    if not re.search(
        rf"^## \[{re.escape(tag.removeprefix('v'))}\] - \d{{4}}-\d\d-\d\d$", changes, re.MULTILINE
    ):
        found.append(f"CHANGELOG.md has no dated section [{tag.removeprefix('v')}].")
    for name in ("SECURITY.md", "CODE_OF_CONDUCT.md"):
        if PLACEHOLDER in (root / name).read_text("utf-8"):
            found.append(f"{name} has a placeholder.")
    return found


if __name__ == "__main__":
    problems = missing(Path(__file__).parents[1], sys.argv[1])
    sys.stdout.writelines(f"{each}\n" for each in problems)
    sys.exit(1 if problems else 0)
