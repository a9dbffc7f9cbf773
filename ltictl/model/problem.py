"""The problems that ``verify`` stores, and the removal of tokens that 0.1.0 left in them."""

import re

# 0.1.0 quoted answers of token endpoints, even those that held a token.
_UNSAFE = r"(?i:(?:access|refresh|id)_?token|\beyJ[\w-]{8}|the LMS refused: \W*[{\[])"
_LONGEST_NAMES = 80  # characters; the names of a few checks
_LEFT_OUT = "words of the LMS are left out, since they may hold a token"


def may_hold_token(problem: str) -> bool:
    """Return whether a stored problem quotes a body that may hold a token."""
    return re.search(_UNSAFE, problem) is not None


def without_token(problem: str) -> str:
    """Return the problem without the quoted body; the name of its check stays."""
    if not may_hold_token(problem):
        return problem
    return f"{problem.partition(': ')[0][:_LONGEST_NAMES]}: {_LEFT_OUT}"
