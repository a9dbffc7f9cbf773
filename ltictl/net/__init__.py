"""Requests to platforms, with limits on addresses, redirects, sizes and times."""

import importlib.util
import sys

# httpx imports its own command line, and with it click, rich and pygments: 40 ms of processor time
# that ltictl never uses. httpx skips the import where it fails, so this line makes it fail.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

# httpcore asks sniffio, several times for each request, which event loop runs, and takes asyncio
# where sniffio is absent. Python remembers no failed import and searches the disk each time: a
# sixth of the time of a request. This makes the import fail at once. Where an anyio before 4.12 has
# installed sniffio, anyio needs it.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]
