"""The text that goes to an LMS administrator together with a registration URL."""

from datetime import datetime

from ltictl.model.moment import to_the_minute
from ltictl.platforms.family import Family
from ltictl.platforms.table import next_steps


def mail_text(tool: str, url: str, expires_at: datetime, family: Family) -> str:
    """A mail's text: what it is, the URL, the clicks, what comes next, until when.

    Args:
        tool: the tool's name.
        url: the registration URL.
        expires_at: of the address.
        family: the LMS.
    """
    steps = [*family.paste, *next_steps(family, has_deployment=family.names_deployment)]
    if not family.names_deployment:
        steps.append("Send that deployment id to the one who sent you this text")
    numbered = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return f"""\
Connecting {tool} to {family.title}

Please paste this address into {family.title}; do not open it directly:

  {url}

{numbered}

The address works once, until {to_the_minute(expires_at)}.
"""
