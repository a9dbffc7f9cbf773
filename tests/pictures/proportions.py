"""The style that keeps room for each picture of the site before the picture has loaded."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

STYLE: Final = Path(__file__).parents[2] / "docs" / "stylesheets" / "pictures.css"
_VIEW: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_HEAD: Final = (
    "/* Room for each picture, so that text does not move; written by make pictures. */\n"
)
_PICTURE: Final = '.md-typeset img[src$="/{}"]'


def room_for(folder: Path) -> str:
    """A rule for each picture in ``folder`` with its proportions."""
    rules = "".join(
        f"{_PICTURE.format(path.name)} {{ width: 100%; aspect-ratio: {width} / {height}; }}\n"
        for path, width, height in _sizes(folder)
    )
    return _HEAD + rules


def _sizes(folder: Path) -> Iterator[tuple[Path, int, int]]:
    for path in sorted(folder.iterdir()):
        if path.suffix == ".svg":
            found = _VIEW.search(path.read_text("utf-8"))
            if found is None:
                raise ValueError(f"{path} has no viewBox")
            yield path, round(float(found[1])), round(float(found[2]))
        else:
            head = path.read_bytes()[16:24]  # PNG: width and height of the first chunk
            yield path, int.from_bytes(head[:4]), int.from_bytes(head[4:])
