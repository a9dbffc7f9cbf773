"""The one way out: every address checked and the checked one connected to, sizes and times bounded.

Redirects are followed by hand, for GET only and within one host. Nothing here knows what LTI is,
and none of the secrets in a request appears in its errors.
"""

import asyncio
import functools
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urljoin

from ltictl import __version__
from ltictl.errors import InvalidValueError
from ltictl.model.web_address import WebAddress
from ltictl.net.addresses import is_permitted, leads_to_this_computer
from ltictl.net.connections import Connections
from ltictl.net.failures import Failure, UnreachableError, failure
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import MAX_BODY, Reply, read_body
from ltictl.net.resolver import Resolver, resolve

_MAX_REDIRECTS = 3
_HEADERS = {"User-Agent": f"ltictl/{__version__}", "Accept-Encoding": "identity"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class GuardedClient:
    """An HTTP client for platforms, bound to one event loop.

    Args:
        policy: what is allowed.
        resolver: host and port to addresses; injected by tests.
        reuse: keep connections for further requests to the same host name. A kept one may turn out
            to be closed when it is used, so never for what must not be sent twice.
        most_bytes: how much of a body is read; a longer one counts as broken off.
    """

    def __init__(
        self,
        policy: GuardPolicy,
        resolver: Resolver = resolve,
        *,
        reuse: bool = False,
        most_bytes: int = MAX_BODY,
    ) -> None:
        import httpx

        self.policy = policy
        self._resolver = resolver
        self._most_bytes = most_bytes
        # Transports without a client around them, which would keep cookies, look into Location
        # even where nothing is followed, and fail on a malformed one: the answer would be lost.
        tls = tls_context(policy.ca_file)
        limits = httpx.Limits(max_keepalive_connections=None if reuse else 0)
        self._connections = Connections(
            lambda: httpx.AsyncHTTPTransport(
                verify=tls,
                trust_env=False,
                limits=limits,
                proxy=policy.proxy or None,
            )
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connections.aclose()

    async def get(self, url: str, *, deadline: float, accept: str = "application/json") -> Reply:
        """Fetch a document.

        Args:
            url: its address; its query may be a secret.
            deadline: seconds for everything together, redirects included.
            accept: media type asked for.

        Raises:
            UnreachableError: refused by the guard, or no whole answer came.
        """
        address = self._judged(url)
        try:
            async with asyncio.timeout(deadline):
                for _ in range(_MAX_REDIRECTS + 1):
                    reply = await self._send("GET", address, {"Accept": accept}, b"", lambda: None)
                    if reply.status not in _REDIRECTS:
                        return reply
                    address = self._redirected(address, reply)
        except TimeoutError:
            raise failure(Failure.TIMED_OUT, address, f"within {deadline:g} s") from None
        raise failure(Failure.REDIRECTED, address, "more than three times")

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes,
        deadline: float,
        on_sending: Callable[[], None] = lambda: None,
    ) -> Reply:
        """See ``send``."""
        return await self.send(
            "POST", url, headers=headers, content=content, deadline=deadline, on_sending=on_sending
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes = b"",
        deadline: float,
        on_sending: Callable[[], None] = lambda: None,
    ) -> Reply:
        """Send a request once: no redirect is followed and nothing is tried again.

        Args:
            method: ``POST``, ``PUT``, ``DELETE``, or ``GET`` where the headers hold a secret.
            url: where to.
            headers: including any secret.
            content: the body.
            deadline: seconds for everything together.
            on_sending: called right before the first byte may leave.

        Returns:
            The reply, with ``complete`` false where it broke off; never so for ``GET``.

        Raises:
            UnreachableError: no reply; its ``sent`` says whether the platform may have acted.
        """
        address = self._judged(url)
        sending = False

        def note_sending() -> None:
            nonlocal sending
            on_sending()
            sending = True

        try:
            async with asyncio.timeout(deadline):
                return await self._send(method, address, headers, content, note_sending)
        except TimeoutError:
            error = failure(Failure.TIMED_OUT, address, f"within {deadline:g} s")
            error.sent = sending
            raise error from None

    async def reach(self, url: str) -> tuple[WebAddress, list[str]]:
        """The address, judged, and what may be connected to for it.

        Raises:
            UnreachableError: refused by the guard.
        """
        address = self._judged(url)
        return address, await self._targets(address)

    def _judged(self, url: str) -> WebAddress:
        """The address, if its scheme is allowed for its host."""
        try:
            address = WebAddress.parse(url)
        except InvalidValueError as error:
            raise failure(Failure.MALFORMED, None, error.message) from error
        plain_allowed = self.policy.allow_private or address.host in self.policy.http_hosts
        if address.scheme == "http" and not plain_allowed:
            raise failure(Failure.PLAIN_HTTP, address)
        return address

    def _redirected(self, address: WebAddress, reply: Reply) -> WebAddress:
        try:
            target = urljoin(address.url, reply.headers.get("location", ""))
        except ValueError:  # such as an IPv6 literal without its end
            raise failure(Failure.REDIRECTED, address, "to no address") from None
        following = self._judged(target)
        if following.origin != address.origin:
            raise failure(Failure.REDIRECTED, address, f"to {following.authority}")
        # Hosted Canvas redirects its configuration and drops the query that holds the token.
        if address.query and not following.query:
            return self._judged(f"{following.url}?{address.query}")
        return following

    async def _send(
        self,
        method: str,
        address: WebAddress,
        headers: Mapping[str, str],
        content: bytes,
        on_sending: Callable[[], None],
    ) -> Reply:
        last: UnreachableError | None = None
        for target in await self._targets(address):
            try:
                return await self._exchange(method, address, target, headers, content, on_sending)
            except UnreachableError as error:
                if error.sent or error.kind is not Failure.NOT_CONNECTED:
                    raise
                last = error
        raise last or failure(Failure.UNKNOWN_HOST, address)

    async def _targets(self, address: WebAddress) -> list[str]:
        """IP addresses to connect to, all of them checked; the name itself behind a proxy."""
        if self.policy.proxy:
            return [address.host]
        try:
            found = await self._resolver(address.host, address.port)
        except OSError as error:
            raise failure(Failure.UNKNOWN_HOST, address) from error
        for each in found:
            self._check(address, each)
        return found

    def _check(self, address: WebAddress, target: str) -> None:
        named = address.host in self.policy.http_hosts
        if not is_permitted(target, allow_private=self.policy.allow_private or named):
            raise failure(Failure.PRIVATE, address, f"({target})")
        if address.scheme == "http":
            self._check_plain(address, target, named=named)

    def _check_plain(self, address: WebAddress, target: str, *, named: bool) -> None:
        """Plain http stays on this computer, or goes to a named host of a private network."""
        if is_permitted(target, allow_private=False):
            raise failure(Failure.PUBLIC_HTTP if named else Failure.PLAIN_HTTP, address)
        if not named and not leads_to_this_computer(target):
            raise failure(Failure.PLAIN_HTTP, address)

    async def _exchange(
        self,
        method: str,
        address: WebAddress,
        target: str,
        headers: Mapping[str, str],
        content: bytes,
        on_sending: Callable[[], None],
    ) -> Reply:
        import httpx

        sending = False

        async def trace(event: str, _: Mapping[str, Any]) -> None:
            nonlocal sending
            if event.endswith("send_request_headers.started"):
                on_sending()
                sending = True

        request = httpx.Request(
            method,
            _with_host(address, target),
            headers={**_HEADERS, **headers, "Host": address.authority},
            content=content or None,
            extensions={"sni_hostname": address.host, "trace": trace},
        )
        async with self._connections.to(address.host) as transport:
            try:
                response = await transport.handle_async_request(request)
            except (httpx.TransportError, OSError) as error:
                raise _transport_failure(error, address, sent=sending) from error
            try:
                body, complete = await read_body(response, self._most_bytes)
            finally:
                await response.aclose()
        if not complete and method == "GET":
            raise failure(Failure.BROKEN_OFF, address)
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, lower, body, address, complete)


def prepare(policy: GuardPolicy) -> None:
    """Load what a first request would else wait for, a tenth of a second: httpx, trusted roots.

    Raises:
        UnreachableError: as the first request would.
    """
    import httpx
    from anyio import connect_tcp, fail_after  # noqa: F401  what connecting imports, at the latest

    httpx.AsyncHTTPTransport(verify=tls_context(policy.ca_file), trust_env=False)


@functools.lru_cache(maxsize=4)
def tls_context(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or later, certificates always verified, ``ca_file`` added to the public CAs.

    Raises:
        UnreachableError: the file cannot be read as certificates.
    """
    import certifi

    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise failure(Failure.CA_FILE, None, ca_file) from error
    return context


def _with_host(address: WebAddress, target: str) -> str:
    # No name is left in this URL, so nothing below can resolve one again, past the check.
    host = f"[{target}]" if ":" in target else target
    query = f"?{address.query}" if address.query else ""
    return f"{address.scheme}://{host}:{address.port}{address.path or '/'}{query}"


def _transport_failure(error: Exception, address: WebAddress, *, sent: bool) -> UnreachableError:
    cause = error.__cause__ or error.__context__
    tls = isinstance(cause, ssl.SSLError) or "certificate" in str(error).lower()
    if sent:
        problem = failure(Failure.BROKEN_OFF, address)
    else:
        kind = Failure.TLS if tls else Failure.NOT_CONNECTED
        problem = failure(kind, address, f"({str(error)[:120] or type(error).__name__})")
    problem.sent = sent
    return problem
