"""The mail that brings a registration URL to an LMS administrator."""

from datetime import datetime
from typing import Final

from ltictl.model.moment import to_the_minute
from ltictl.model.web_address import WebAddress
from ltictl.platforms.family import Family
from ltictl.platforms.table import next_steps

_HERE_ONLY: Final = (
    "It works only in a browser on the computer of the person who sent you this text, while "
    "'ltictl register' runs there."
)


def for_here_only(base: str) -> tuple[str, ...]:
    """Return a warning if the page's address leads to the computer of the person who opens it."""
    if not WebAddress.parse(base, "--public-url").is_loopback:
        return ()
    told = f"{base} works only in a browser on this computer; do not send it to a school."
    return (f"{told} Give --public-url, or set public_url in [callback] of profile.toml.",)


def mail_text(tool: str, url: str, expires_at: datetime, family: Family) -> str:
    """Return the mail's text: the URL, the clicks in the LMS, the next step and the deadline.

    Args:
        tool: the tool's name.
        url: the registration URL.
        expires_at: the end of the URL's life.
        family: the LMS.
    """
    steps = [*family.paste, *next_steps(family, has_deployment=family.names_deployment)]
    if not family.names_deployment:
        steps.append("Send that deployment id to the one who sent you this text")
    here = f"{_HERE_ONLY}\n\n" if WebAddress.parse(url, "url").is_loopback else ""
    numbered = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return f"""\
Connecting {tool} to {family.title}

Please paste this address into {family.title}; do not open it directly:

  {url}

{here}{numbered}

The address works once, until {to_the_minute(expires_at)}.
"""
