"""Draws boxes, arrows and words as SVG in a light and a dark scheme.

A drawing is text without scripts, fonts or addresses, so a page that shows it loads nothing else.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_LINE_HEIGHT: Final = 16
_RADIUS: Final = 6
# Browsers choose by the colour scheme of the page around the picture. Contrast is 4.5:1 or more.
_STYLE: Final = """
svg{--paper:#fff;--ink:#1f2933;--soft:#52606d;--edge:#2b5d8c;--fill:#f1f6fc;--line:#5c7a99;
--good:#1b7f4b;--good-fill:#e6f6ec;--care:#8a4b00;--care-fill:#fff3df;--faint:#d5dde6}
@media (prefers-color-scheme:dark){svg{--paper:#1c1f28;--ink:#e8ecf3;--soft:#b3bccb;--edge:#86aee0;
--fill:#262d3c;--line:#93a9cb;--good:#6cc998;--good-fill:#1d3428;--care:#e9b265;--care-fill:#3a2f1d;
--faint:#3a4252}}
text{font:14px system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}
.soft{font-size:13px;fill:var(--soft)}.strong{font-weight:600}
.box{fill:var(--fill);stroke:var(--edge);stroke-width:1.5}
.good{fill:var(--good-fill);stroke:var(--good);stroke-width:1.5}
.care{fill:var(--care-fill);stroke:var(--care);stroke-width:1.5}
.bare{fill:var(--paper);stroke:var(--line);stroke-width:1.2}
.line{fill:none;stroke:var(--line);stroke-width:1.5}.dashed{stroke-dasharray:5 4}
.paper{fill:var(--paper)}
.faint{fill:none;stroke:var(--faint);stroke-width:1.2}
.tip{fill:var(--line)}
"""
_TIP: Final = (
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker>'
)


class Drawing:
    """One picture; its parts are drawn in the order in which they are added."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self.width, self.height = width, height
        self._title, self._description = title, description
        self._parts: list[str] = []

    def box(
        self, left: float, top: float, width: float, height: float, words: str, kind: str = "box"
    ) -> None:
        """A rectangle with its words in the middle; the first line of several is strong."""
        self.rectangle(left, top, width, height, kind)
        lines = words.split("\n")
        first = top + height / 2 - (len(lines) - 1) * _LINE_HEIGHT / 2 + 5
        for number, line in enumerate(lines):
            strong = "strong" if number == 0 and len(lines) > 1 else ""
            self.words(
                left + width / 2,
                first + number * _LINE_HEIGHT,
                line,
                "soft" if number else strong,
                "middle",
            )

    def rectangle(
        self, left: float, top: float, width: float, height: float, kind: str = "box"
    ) -> None:
        self._parts.append(
            f'<rect class="{kind}" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'
            f' rx="{_RADIUS}"/>'
        )

    def words(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        """One line of text, whose baseline is at ``y``."""
        given = f' class="{kind}"' if kind else ""
        place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
        self._parts.append(f"<text{given} {place}>{escape(text, quote=False)}</text>")

    def line(self, *points: tuple[float, float], kind: str = "line", arrow: bool = False) -> None:
        """Straight pieces from point to point, with a tip at the last one if wanted."""
        path = "L".join(f"{x:g} {y:g}" for x, y in points)
        tip = ' marker-end="url(#tip)"' if arrow else ""
        self._parts.append(f'<path class="{kind}" d="M{path}"{tip}/>')

    def svg(self) -> str:
        """The picture as a document."""
        head = [
            f'<svg xmlns="{_NAMESPACE}" viewBox="0 0 {self.width} {self.height}" role="img">',
            f"<title>{escape(self._title)}</title>",
            f"<desc>{escape(self._description)}</desc>",
            f"<style>{_STYLE}</style>",
            f"<defs>{_TIP}</defs>",
            f'<rect width="{self.width}" height="{self.height}" fill="var(--paper)"/>',
        ]
        return "\n".join([*head, *self._parts, "</svg>", ""])


def listed(parts: Sequence[str]) -> str:
    """Parts of a description as one text, for people who do not see the picture."""
    return "; ".join(parts) + "."
