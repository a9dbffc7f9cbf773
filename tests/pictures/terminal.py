"""Draws the demo as a person sees it in a terminal, as SVG that loads nothing."""

from pathlib import Path
from typing import Final

from tests.support.cli import Ltictl, make_home

_COLUMNS: Final = 112

# rich's own template loads its typeface from a server elsewhere.
_TEMPLATE: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<title>A run of ltictl demo in a terminal</title>
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw_demo(folder: Path, scratch: Path) -> Path:
    """Run ``ltictl demo`` on a terminal and draw what it wrote."""
    with Ltictl(make_home(scratch)) as ltictl:
        terminal = ltictl.terminal("demo", columns=_COLUMNS)
        code = terminal.wait(30)
        written = terminal.received.decode()
        if code:
            raise SystemExit(f"The demo failed:\n{terminal.text}")
    return _draw(f"\x1b[1m$ ltictl demo\x1b[0m\n{written}", folder / "demo.svg")


def _draw(written: str, path: Path) -> Path:
    import io

    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(written.replace("\r\n", "\n")))
    console.save_svg(
        str(path),
        title="ltictl demo",
        theme=MONOKAI,
        code_format=_TEMPLATE,
        unique_id="ltictl",
    )
    return path
