"""Adds a built site to the pages of all versions.

``python3 .ci/versioned_site.py SITE PAGES 1.2.3``; pages of earlier versions stay as they are.
"""

import json
import re
import shutil
import sys
from pathlib import Path

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_INDEX = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={newest}/index.html">
<title>ltictl</title>
</head>
<body><p><a href="{newest}/index.html">The documentation of ltictl {newest}</a></p></body>
</html>
"""


def add(site: Path, pages: Path, version: str) -> None:
    """Put ``site`` into its own folder, list all versions, and let the start lead to the newest."""
    if not _VERSION.fullmatch(version):
        raise SystemExit(f"{version!r} is not a version such as 1.2.3.")
    if (pages / version).exists():
        raise SystemExit(f"The pages of {version} exist already and stay as they are.")
    shutil.copytree(site, pages / version)
    versions = sorted(
        (path.name for path in pages.iterdir() if _VERSION.fullmatch(path.name)),
        key=lambda name: [int(part) for part in name.split(".")],
        reverse=True,
    )
    # The form that the site's list of versions reads.
    known = [{"version": name, "title": name, "aliases": []} for name in versions]
    (pages / "versions.json").write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    (pages / "index.html").write_text(_INDEX.format(newest=versions[0]), "utf-8")
    (pages / ".nojekyll").touch()


if __name__ == "__main__":
    add(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
