"""Parts of the machine that a test may need and that some machines lack.

A missing one skips the test with the reason, or fails it where ``LTICTL_TEST_REQUIRE_ALL=1`` says
that nothing may be missing.
"""

import os

import pytest


def require(part: str, present: bool, hint: str = "") -> None:
    """Skip the running test unless ``part`` is there; fail it where every part is required."""
    if present:
        return
    reason = f"{part} is not there" + (f"; {hint}" if hint else "")
    if os.environ.get("LTICTL_TEST_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason} (LTICTL_TEST_REQUIRE_ALL=1)", pytrace=False)
    pytest.skip(reason)
