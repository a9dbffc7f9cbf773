"""Commands that ltictl offers for copying: every word is quoted for a shell."""

import shlex


def hint(*words: str) -> str:
    """Return a command line that can be pasted, such as ``ltictl show acme-moodle``.

    Words may come from an LMS or from a file of another program.
    """
    return f"ltictl {shlex.join(words)}"
