"""A browser with windows on this machine; one of the terminal would take the screen of the run."""

import os
import sys


def open_browser(url: str) -> bool:
    """Open ``url``; whether there is a browser to do it."""
    has_windows = sys.platform in {"darwin", "win32"} or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not has_windows:
        return False
    import webbrowser

    return webbrowser.open(url)
