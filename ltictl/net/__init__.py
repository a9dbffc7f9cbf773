"""Requests to platforms, with limits on addresses, redirects, sizes and times."""

import sys

# httpx imports its own command line, and with it click, rich and pygments: 40 ms of processor time
# that ltictl never uses. httpx skips the import where it fails, so this line makes it fail.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
