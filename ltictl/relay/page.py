"""The relay page: one static file for the tool's own https site; it loads and sends nothing.

An LMS opens it where the administrator's browser cannot reach the computer that runs ltictl.
"""

import base64
import hashlib

from jinja2 import ChoiceLoader, PackageLoader
from markupsafe import Markup

from ltictl.callback.pages import TEMPLATES as PAGES

# The page shares the style and the texts of the callback's pages.
TEMPLATES = PAGES.overlay(
    loader=ChoiceLoader([PackageLoader("ltictl.relay"), PackageLoader("ltictl.callback")])
)
_SCRIPT = "relay.js"
_STYLE = "page.css"


def render_relay_page(*, tool: str, contact: str, key: str, port: int) -> str:
    """Return the page as HTML.

    Args:
        tool: name of the tool.
        contact: mail address of its makers, empty if unknown.
        key: public key that seals the blocks, base64url.
        port: the port of ltictl on the computer that runs it.
    """
    script, style = (TEMPLATES.get_template(name).render() for name in (_SCRIPT, _STYLE))
    # A static file cannot have a nonce, so the policy allows scripts and styles by their digests.
    # It cannot restrict frames: frame-ancestors counts only in a header (CSP 3, 3.3).
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return TEMPLATES.get_template("relay.html").render(
        policy=policy,
        script=Markup(script),  # noqa: S704  our own file
        style=Markup(style),  # noqa: S704  our own file
        tool=tool,
        contact=contact,
        key=key,
        port=port,
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
