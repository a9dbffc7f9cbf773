"""The guarded way out to platforms: addresses, redirects, sizes, deadlines, redaction."""

import sys

# httpx imports its own command line where it can, and with that click, rich and pygments: 40 ms of
# the processor for nothing. It goes without where that cannot be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
