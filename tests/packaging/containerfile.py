"""Reads the image's description in contrib/container."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CONTAINERFILE: Final = (ROOT / "contrib" / "container" / "Containerfile").read_text("utf-8")
FINAL_STAGE: Final = CONTAINERFILE.rpartition("\nFROM ")[2]


def instruction(name: str) -> str:
    """Return the text behind the last instruction of this name in the image's final stage."""
    joined = FINAL_STAGE.replace("\\\n", "")
    return str(re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)[-1])
