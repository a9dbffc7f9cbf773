"""The embedded LMS's counterpart: a tool with keys, a clock to set, and requests to send."""

import functools
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from ltictl.lti.vocabulary import CLIENT_ASSERTION_TYPE, SCOPES, TOOL_CONFIGURATION
from ltictl.sandbox.server import Sandbox
from ltictl.sandbox.tools import SandboxTool

NOW = 1_800_000_000
ALL_SCOPES = [
    SCOPES[name]
    for name in (
        "lineitem",
        "lineitem.readonly",
        "result.readonly",
        "score",
        "contextmembership.readonly",
    )
]


@dataclass
class Clock:
    """The time that the platform believes it is."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@functools.cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One key per name for the whole run, since making one takes a while."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(name: str, kid: str | None = None, alg: str | None = "RS256") -> dict[str, Any]:
    """The public half of the named key, published under its name or another kid."""
    public = dict(RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True))
    public = {member: public[member] for member in ("kty", "n", "e")}
    return public | {"kid": kid or name, "use": "sig"} | ({"alg": alg} if alg else {})


@dataclass
class ToolServer:
    """A tool on a free port: its key set as it is at this moment, and who asked for it."""

    keys: list[Any] = field(default_factory=list)
    answer: tuple[int, bytes] | None = None
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        world = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                world.seen.append((self.path, self.headers.get("User-Agent", "")))
                status, body = world.answer or (200, json.dumps({"keys": world.keys}).encode())
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}"


def request_body(tool_url: str = "http://127.0.0.1:9", **changes: Any) -> dict[str, Any]:
    """A complete registration request; ``changes`` replace members or, as ``...``, remove them."""
    body: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{tool_url}/login",
        "redirect_uris": [f"{tool_url}/launch"],
        "client_name": "Example Tool",
        "jwks_uri": f"{tool_url}/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(ALL_SCOPES),
        TOOL_CONFIGURATION: {
            "domain": tool_url.removeprefix("http://"),
            "target_link_uri": f"{tool_url}/launch",
            "claims": ["sub"],
            "messages": [],
        },
    }
    return {name: value for name, value in (body | changes).items() if value is not ...}


@dataclass
class School:
    """A running embedded LMS with the clock it goes by and a client to reach it."""

    sandbox: Sandbox
    clock: Clock
    http: httpx.Client

    def fresh_token(self) -> str:
        return token_in(self.sandbox.lms.start_registration("https://tool.example/register?t=1"))

    def post(self, token: str, body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.post("/registration", json=body, headers=headers)

    def register(self, body: dict[str, Any] | None = None) -> SandboxTool:
        """A tool that has registered, pending."""
        answer = self.post(self.fresh_token(), body or request_body())
        answer.raise_for_status()
        tool = self.sandbox.lms.client(answer.json()["client_id"])
        assert tool is not None
        return tool

    def ask_token(self, assertion: str, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": CLIENT_ASSERTION_TYPE,
            "client_assertion": assertion,
            "scope": SCOPES["score"],
        }
        return self.http.post("/token", data=form | changes)

    def assertion(self, tool: SandboxTool, key: str = "key-1", kid: str | None = None) -> str:
        now = int(self.clock.now)
        claims = {"iss": tool.client_id, "sub": tool.client_id, "iat": now, "exp": now + 300}
        return jwt.encode(claims, private_key(key), "RS256", headers={"kid": kid or key})


def token_in(url: str) -> str:
    """The registration token that a tool finds in the address it is opened with."""
    return httpx.URL(url).params["registration_token"]


def without_ids(answer: dict[str, Any]) -> dict[str, Any]:
    """A registration answer without the values that are new at each registration."""
    configuration = dict(answer[TOOL_CONFIGURATION])
    del configuration["deployment_id"]
    return {**answer, "client_id": "", TOOL_CONFIGURATION: configuration}
