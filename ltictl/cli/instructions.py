"""The text that goes to an LMS administrator together with a registration URL."""

from datetime import datetime

from ltictl.platforms.family import Family


def mail_text(tool: str, url: str, expires_at: datetime, family: Family) -> str:
    """A mail's text: what it is, the URL, the clicks, what comes next, until when.

    Args:
        tool: the tool's name.
        url: the registration URL.
        expires_at: UTC.
        family: the LMS.
    """
    steps = [*family.paste, *family.activate]
    numbered = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return f"""\
Connecting {tool} to {family.title}

Please paste this address into {family.title}; do not open it directly:

  {url}

{numbered}

The address works once, until {expires_at:%Y-%m-%d %H:%M} UTC.
"""
