"""An independent platform for the tests: the npm package oidc-provider, set up for LTI.

Its modules are installed with ``npm install`` in its folder, never by the tests.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Self

from tests.support.parts import require
from tests.support.processes import Running

FOLDER = Path(__file__).parent / "oidc_provider"


class OidcProvider:
    """The platform as a process, until the context ends; skips the test where it cannot run.

    It is at http://127.0.0.1:PORT, answers registrations with 201 and hands out an access token for
    changing them (each change brings a new one). Redirect URIs must be https.

    Args:
        jwks_cache_seconds: how long it keeps a tool's key set; by default 60 seconds, or longer if
            the tool's answer says so.
        port: 0 for a free one.
    """

    base_url: str
    registration_token: str

    def __init__(self, *, jwks_cache_seconds: int | None = None, port: int = 0) -> None:
        self._env = {"PATH": os.environ["PATH"], "PORT": str(port)}
        if jwks_cache_seconds is not None:
            self._env["JWKS_CACHE_SECONDS"] = str(jwks_cache_seconds)

    @property
    def configuration_url(self) -> str:
        return f"{self.base_url}/.well-known/openid-configuration"

    def __enter__(self) -> Self:
        node = shutil.which("node")
        require("node", node is not None)
        installed = (FOLDER / "node_modules" / "oidc-provider").is_dir()
        require("the npm package oidc-provider", installed, f"npm install in {FOLDER}")
        self._running = Running([node or "node", "platform.mjs"], env=self._env, cwd=FOLDER)
        try:
            ready = json.loads(self._running.next_line("stdout", timeout=30))
        except BaseException:
            self._running.close()
            raise
        self.base_url = ready["base_url"]
        self.registration_token = ready["registration_token"]
        return self

    def __exit__(self, *_failure: object) -> None:
        self._running.close()
