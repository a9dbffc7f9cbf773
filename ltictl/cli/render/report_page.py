"""The page of ``ltictl report``: one file that loads nothing, runs nothing and sends nothing."""

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ltictl.cli.render import plots
from ltictl.cli.render.safe_text import safe
from ltictl.model.moment import rfc3339, to_the_minute
from ltictl.operations.overview import Overview


def _shown(value: Any) -> Any:
    """Return a value without invisible characters; names come from LMSs."""
    return safe(value) if type(value) is str else value


def _time(moment: datetime) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(rfc3339(moment), to_the_minute(moment))


_TEMPLATES: Final = Environment(
    loader=PackageLoader("ltictl.cli.render"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_shown,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["time"] = _time


def render_report(overview: Overview, complete: Callable[[str], str]) -> str:
    """Return the report as HTML.

    Args:
        overview: what it shows.
        complete: makes the commands that it offers act on the same profile.
    """
    style = _TEMPLATES.get_template("report.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return _TEMPLATES.get_template("report.html").render(
        # A file has no headers, so the policy stands in the page; the digest allows its style.
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        style=Markup(style),  # noqa: S704  our own file
        seen=overview,
        complete=complete,
        width=plots.WIDTH,
        plot_height=plots.PLOT_HEIGHT,
        lane_height=plots.LANE_HEIGHT,
        bars=plots.bars(overview.months),
        line=plots.time_line(overview.keys, overview.now),
    )
