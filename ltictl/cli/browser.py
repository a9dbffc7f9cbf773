"""Open a graphical browser on this machine."""

import os
import sys


def open_browser(url: str) -> bool:
    """Open ``url``, and return whether there was a browser for it."""
    # Never a browser of the terminal, which would take over the screen of the run.
    has_windows = sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not has_windows:
        return False
    import webbrowser

    return webbrowser.open(url)
