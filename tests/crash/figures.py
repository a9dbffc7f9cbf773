"""Figures that the crash tests measured, printed at the end of a full run (see ``conftest``)."""

from collections.abc import Callable

Noted = Callable[[str, object], None]

FIGURES: list[str] = []
