"""The keys that a person may press while register waits, and the restored terminal."""

import base64
import re

from tests.support.cli import Ltictl
from tests.support.terminal import CONTROL_C

URL = re.compile(r"http://127\.0\.0\.1:\d+/register\?t=[\w.-]+")


def test_keys_explain_copy_and_open(acme: Ltictl) -> None:
    env = {"BROWSER": "/bin/true %s", "DISPLAY": ":9"}
    with acme.terminal("register", "--org", "acme", "--port", "0", env=env) as terminal:
        url = URL.search(terminal.wait_for("It works only in a browser on this computer"))
        assert url is not None
        terminal.wait_for("Waiting for an LMS to open the page")

        terminal.send("?")
        terminal.wait_for("No LMS has opened the page yet")
        terminal.send("c")
        terminal.wait_for("The URL is copied")
        terminal.send("q")
        terminal.wait_for("▀▀▀▀▀")
        assert b"\x1b[30;47m" in terminal.received
        terminal.send("o")
        terminal.wait_for("Opened a browser at the page")
        terminal.send("x")
        terminal.wait_for("Keys: ? why nothing may come, c copy the URL, q QR code")

        copied = re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", terminal.received)
        assert copied is not None
        assert base64.b64decode(copied[1]).decode() == url[0]
        terminal.send(CONTROL_C)
        assert terminal.wait() == 130


def test_a_machine_without_windows_opens_nothing(acme: Ltictl) -> None:
    with acme.terminal("register", "--org", "acme", "--port", "0", columns=80) as terminal:
        terminal.wait_for("Waiting for an LMS to open the page")
        terminal.send("o")
        terminal.wait_for("There is no browser on this machine")
        terminal.send(CONTROL_C)
        assert terminal.wait() == 130
