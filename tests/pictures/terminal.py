"""Draws the demo as a person sees it in a terminal, line after line, as SVG that loads nothing."""

import time
from pathlib import Path
from typing import Final

from tests.support.cli import Ltictl, make_home

_COLUMNS: Final = 112
# Stands for the time until the first line, most of which the machine needs to start Python.
_PAUSE: Final = 0.6

# rich's own template loads its typeface from a server elsewhere.
_TEMPLATE: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" role="img"
  xmlns="http://www.w3.org/2000/svg">
<title>A run of ltictl demo in a terminal</title>
<desc>@SHOWN@</desc>
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
@TIMES@
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
    """Run ``ltictl demo`` on a terminal and draw each line at the time at which it came."""
    with Ltictl(make_home(scratch)) as ltictl:
        terminal = ltictl.terminal("demo", columns=_COLUMNS)
        times = list[float]()
        while terminal.code is None:
            _note_lines(times, terminal.received)
            time.sleep(0.005)
        code = terminal.wait(30)
        written = terminal.received
        if code:
            raise SystemExit(f"The demo failed:\n{terminal.text}")
    _note_lines(times, written)
    delays = [0.0, *(at - times[0] + _PAUSE for at in times)]
    return _draw(f"\x1b[1m$ ltictl demo\x1b[0m\n{written.decode()}", delays, folder / "demo.svg")


def _note_lines(times: list[float], received: bytes) -> None:
    """Add the present time for each line that is whole by now."""
    times += [time.monotonic()] * (received.count(b"\n") - len(times))


def _draw(written: str, times: list[float], path: Path) -> Path:
    import io
    from html import escape

    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    text = Text.from_ansi(written.replace("\r\n", "\n"))
    console.print(text)
    drawn = console.export_svg(
        title="ltictl demo", theme=MONOKAI, code_format=_TEMPLATE, unique_id="ltictl"
    )
    shown = escape(text.plain.strip(), quote=False)
    path.write_text(drawn.replace("@SHOWN@", shown).replace("@TIMES@", _times(times)), "utf-8")
    return path


def _times(times: list[float]) -> str:
    """The lines appear once, and at once for people who asked their system for less motion."""
    delays = "\n".join(
        f'  text[clip-path="url(#ltictl-line-{line})"] {{ animation-delay: {at:.2f}s }}'
        for line, at in enumerate(times)
    )
    return (
        "@keyframes appear { from { opacity: 0 } }\n"
        "@media (prefers-reduced-motion: no-preference) {\n"
        "  text[clip-path] { animation: appear 0.1s both }\n"
        f"{delays}\n}}"
    )
