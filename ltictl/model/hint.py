"""Commands that ltictl offers for copying: every word is quoted for a shell."""


def hint(*words: str) -> str:
    """Return a command line that can be pasted, such as ``ltictl show acme-moodle``.

    Words may come from an LMS or from a file of another program.
    """
    import shlex  # it compiles its expressions on import, and a run without a hint needs none

    return f"ltictl {shlex.join(words)}"
