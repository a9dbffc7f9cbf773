"""Draws a plot on two logarithmic axes as SVG; a library would weigh more than this code."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import cycle
from pathlib import Path

TITLE = "Time by the size of the profile"
DATA = Path(__file__).with_name("growth.json")
_NAMESPACE = "http://www.w3.org/2000/svg"
_WIDTH, _HEIGHT = 790, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 640, 30, 360
_MINIMUM_GAP = 16
# Told apart by people who see no red or no green as well (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c")
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #333 }
.grid { stroke: #ddd } .title { font-weight: 600 }
.line { fill: none; stroke-width: 2.5 } .paper { fill: #fff }
@media (prefers-color-scheme: dark) {
  .paper { fill: #1c1f28 } .grid { stroke: #3a4252 } text { fill: #e8ecf3 }
}
"""

Line = Sequence[tuple[int, float]]


def write_lines(lines: Mapping[str, Line]) -> None:
    """Write down the lines that were measured; the plot is drawn of all that are known."""
    known = read_lines() | {
        name: [(count, round(seconds, 4)) for count, seconds in line]
        for name, line in lines.items()
    }
    DATA.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


def read_lines() -> dict[str, Line]:
    """The lines that were measured last."""
    if not DATA.exists():
        return {}
    known: dict[str, list[tuple[int, float]]] = json.loads(DATA.read_text("utf-8"))
    return {name: [(count, seconds) for count, seconds in line] for name, line in known.items()}


def draw(title: str, lines: Mapping[str, Line]) -> str:
    """An SVG.

    Args:
        title: above the plot.
        lines: name to points, each a count and its seconds.
    """
    counts = [count for line in lines.values() for count, _ in line]
    seconds = [value for line in lines.values() for _, value in line]
    across = _Axis(_decades(counts), _LEFT, _RIGHT)
    up = _Axis(_decades(seconds), _BOTTOM, _TOP)
    ends = {name: up.at(line[-1][1]) for name, line in lines.items()}
    labels = _apart(ends)
    parts = [
        f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_described(lines))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        _text(_LEFT, 18, title, kind="title"),
        _text((_LEFT + _RIGHT) // 2, _HEIGHT - 14, "integrations in the profile", "middle"),
        *_grid(across, up),
    ]
    for colour, (name, line) in zip(cycle(_COLOURS), lines.items(), strict=False):
        points = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in line)
        parts.append(f'<polyline class="line" stroke="{colour}" points="{points}"/>')
        parts += [
            f'<circle cx="{across.at(x):.1f}" cy="{up.at(y):.1f}" r="3.5" fill="{colour}"/>'
            for x, y in line
        ]
        parts.append(f'<text x="{_RIGHT + 10}" y="{labels[name] + 4:.1f}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _described(lines: Mapping[str, Line]) -> str:
    """The ends of each line in words, for people who do not see the plot."""
    return "; ".join(
        f"{name}: {line[0][1] * 1000:.0f} ms with {line[0][0]:,} integrations, "
        f"{line[-1][1] * 1000:.0f} ms with {line[-1][0]:,}"
        for name, line in lines.items()
    )


class _Axis:
    """Values on one axis: powers of ten, and where each value stands."""

    def __init__(self, decades: range, start: int, stop: int) -> None:
        self.ticks = [10.0**power for power in decades]
        self._first, self._last = decades[0], decades[-1]
        self._start, self._stop = start, stop

    def at(self, value: float) -> float:
        share = (math.log10(value) - self._first) / (self._last - self._first)
        return self._start + share * (self._stop - self._start)


def _decades(values: Iterable[float]) -> range:
    """Powers of ten that hold all values between them, two at least."""
    logs = [math.log10(value) for value in values]
    first = math.floor(min(logs))
    return range(first, max(math.ceil(max(logs)), first + 1) + 1)


def _grid(across: _Axis, up: _Axis) -> list[str]:
    parts = []
    for tick in across.ticks:
        x = across.at(tick)
        parts.append(f'<path class="grid" d="M{x:.1f} {_TOP}V{_BOTTOM}"/>')
        parts.append(_text(x, _BOTTOM + 18, f"{tick:,.0f}", "middle"))
    for tick in up.ticks:
        y = up.at(tick)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>')
        shown = f"{tick:g} s" if tick >= 1 else f"{tick * 1000:g} ms"
        parts.append(_text(_LEFT - 8, y + 4, shown, "end"))
    return parts


def _apart(places: Mapping[str, float]) -> dict[str, float]:
    """The places of labels, moved down where two would touch."""
    result: dict[str, float] = {}
    lowest = -math.inf
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        lowest = max(place, lowest + _MINIMUM_GAP)
        result[name] = lowest
    return result


def _text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'
