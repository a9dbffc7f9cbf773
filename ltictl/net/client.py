"""The HTTP client for platforms: it checks every address and bounds every size and time.

It follows redirects itself, for GET only and within one host. It knows nothing of LTI, and its
errors hold none of a request's secrets.
"""

import asyncio
import functools
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urljoin

from ltictl import __version__
from ltictl.errors import InvalidValueError
from ltictl.model.sentence import Sentence
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
        policy: the operator's permissions.
        resolver: turns a host and a port into addresses; tests inject their own.
        reuse: whether to keep connections for further requests to the same host name. A kept
            connection may turn out to be closed, so a request that must not be sent twice needs
            ``False``.
        most_bytes: how many bytes of a body the client reads; a longer body counts as cut off.
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
        # These are bare transports: an httpx client would keep cookies, parse Location even where
        # it follows nothing, and lose the answer where Location is malformed.
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
            url: the document's address; its query may be a secret.
            deadline: seconds for the whole exchange, redirects included; waiting for other requests
                to the same host does not count.
            accept: the media type to ask for.

        Raises:
            UnreachableError: the guard refused the address, or no whole answer came.
        """
        address = self._judged(url)
        try:
            async with self._connections.turn(address.host), asyncio.timeout(deadline):
                for _ in range(_MAX_REDIRECTS + 1):
                    reply = await self._send("GET", address, {"Accept": accept}, b"", lambda: None)
                    if reply.status not in _REDIRECTS:
                        return reply
                    address = self._redirected(address, reply)
        except TimeoutError:
            raise failure(Failure.TIMED_OUT, address, _within(deadline)) from None
        raise failure(Failure.REDIRECTED, address, Sentence("more than three times"))

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
        """Send a request once, without following a redirect and without another try.

        Args:
            method: ``POST``, ``PUT``, ``DELETE``, or ``GET`` where the headers hold a secret.
            url: the address of the request.
            headers: all headers, secrets included.
            content: the body.
            deadline: seconds for the whole exchange.
            on_sending: called right before the first byte may leave.

        Returns:
            The reply; ``complete`` is false where it broke off, which a ``GET`` raises instead.

        Raises:
            UnreachableError: no reply came; its ``sent`` says whether the platform may have acted.
        """
        address = self._judged(url)
        sending = False

        def note_sending() -> None:
            nonlocal sending
            on_sending()
            sending = True

        try:
            async with self._connections.turn(address.host), asyncio.timeout(deadline):
                return await self._send(method, address, headers, content, note_sending)
        except TimeoutError:
            error = failure(Failure.TIMED_OUT, address, _within(deadline))
            error.sent = sending
            raise error from None

    async def reach(self, url: str) -> tuple[WebAddress, list[str]]:
        """Return the checked address and the IP addresses that ltictl may connect to for it.

        Raises:
            UnreachableError: the guard refused the address.
        """
        address = self._judged(url)
        return address, await self._targets(address)

    def _judged(self, url: str) -> WebAddress:
        """Return the address of a URL whose scheme is allowed for its host."""
        try:
            address = WebAddress.parse(url)
        except InvalidValueError as error:
            raise failure(Failure.MALFORMED, None, error.problem) from error
        plain_allowed = self.policy.allow_private or address.host in self.policy.http_hosts
        if address.scheme == "http" and not plain_allowed:
            raise failure(Failure.PLAIN_HTTP, address)
        return address

    def _redirected(self, address: WebAddress, reply: Reply) -> WebAddress:
        try:
            target = urljoin(address.url, reply.headers.get("location", ""))
        except ValueError:  # such as an IPv6 literal without its end
            raise failure(Failure.REDIRECTED, address, Sentence("to no address")) from None
        following = self._judged(target)
        if following.origin != address.origin:
            elsewhere = Sentence("to {host}", host=following.authority)
            error = failure(Failure.REDIRECTED, address, elsewhere)
            error.led_to = following.without_query
            raise error
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
        """Return the checked IP addresses to connect to; behind a proxy, the name itself."""
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
        """Refuse plain http except to this computer and to named hosts of a private network."""
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
                raise _transport_failure(error, address, has_left=sending) from error
            try:
                body, complete = await read_body(response, self._most_bytes)
            finally:
                await response.aclose()
        if not complete and method == "GET":
            raise failure(Failure.BROKEN_OFF, address)
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, lower, body, address, complete)


def load_client(policy: GuardPolicy) -> None:
    """Load httpx and the trusted roots early, so that the first request does not wait for them.

    Raises:
        UnreachableError: the first request would raise the same error.
    """
    import httpx
    from anyio import connect_tcp, fail_after  # noqa: F401  what connecting imports, at the latest

    httpx.AsyncHTTPTransport(verify=tls_context(policy.ca_file), trust_env=False)


@functools.lru_cache(maxsize=4)
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Return a TLS context: version 1.2 or later, certificates verified, ``ca_file`` trusted too.

    Raises:
        UnreachableError: ``ca_file`` cannot be read as certificates.
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
    # This URL holds an IP address, so no layer below can resolve a name past the check.
    host = f"[{target}]" if ":" in target else target
    query = f"?{address.query}" if address.query else ""
    return f"{address.scheme}://{host}:{address.port}{address.path or '/'}{query}"


def _within(deadline: float) -> Sentence:
    return Sentence("within {seconds} s", seconds=f"{deadline:g}")


def _transport_failure(
    error: Exception, address: WebAddress, *, has_left: bool
) -> UnreachableError:
    cause = error.__cause__ or error.__context__
    tls = isinstance(cause, ssl.SSLError) or "certificate" in str(error).lower()
    if has_left:
        problem = failure(Failure.BROKEN_OFF, address)
    else:
        kind = Failure.TLS if tls else Failure.NOT_CONNECTED
        problem = failure(kind, address, f"({str(error)[:120] or type(error).__name__})")
    problem.sent = has_left
    return problem
