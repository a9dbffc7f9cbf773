"""No address and no name server leads ltictl to a forbidden place (rows 1 to 3)."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx
import pytest

from ltictl.net.addresses import is_permitted
from ltictl.net.client import GuardedClient
from ltictl.net.failures import Failure, UnreachableError
from ltictl.net.policy import GuardPolicy
from ltictl.net.reply import Reply
from ltictl.net.resolver import Resolver, resolve
from tests.security.hostile_urls import IPV6, TARGETS, encodings, honest, hostile, resolved
from tests.support.answers import Answer
from tests.support.site import Site

Found = TypeVar("Found")
LOOSE = GuardPolicy(allow_private=True)
REFUSED = {Failure.MALFORMED, Failure.PLAIN_HTTP, Failure.PRIVATE, Failure.UNKNOWN_HOST}


class Canary:
    """A listener that nobody may reach; counts who does."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("0.0.0.0", 0), backlog=64)  # noqa: S104
        self.port = int(self._socket.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                connection.close()

    def wait_for(self, connections: int) -> None:
        end = time.monotonic() + 5
        while self.connections < connections:
            if time.monotonic() >= end:
                raise TimeoutError
            time.sleep(0.01)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    listener = Canary()
    yield listener
    listener.close()


def with_client(
    policy: GuardPolicy,
    act: Callable[[GuardedClient], Awaitable[Found]],
    resolver: Resolver = resolve,
) -> Found:
    async def run() -> Found:
        async with GuardedClient(policy, resolver) as client:
            return await act(client)

    return asyncio.run(run())


def get(policy: GuardPolicy, url: str, resolver: Resolver = resolve) -> Reply:
    return with_client(policy, lambda client: client.get(url, deadline=5), resolver)


def why_not(policy: GuardPolicy, url: str, resolver: Resolver = resolve) -> UnreachableError:
    with pytest.raises(UnreachableError) as caught:
        get(policy, url, resolver)
    return caught.value


def leading_to(*addresses: str) -> Resolver:
    async def answer(_: str, __: int) -> list[str]:
        return list(addresses)

    return answer


def test_none_of_the_hostile_addresses_is_connected_to(canary: Canary) -> None:
    urls = hostile(canary.port)
    assert len(urls) >= 500

    async def all_of_them(client: GuardedClient) -> dict[str, Failure]:
        refused = {}
        for url in urls:
            for send in (client.get(url, deadline=5), post(client, url)):
                try:
                    await send
                except UnreachableError as error:
                    refused[url] = error.kind
        return refused

    refused = with_client(GuardPolicy(), all_of_them)

    assert set(urls) - refused.keys() == set()
    assert {url: kind for url, kind in refused.items() if kind not in REFUSED} == {}
    assert canary.connections == 0


async def post(client: GuardedClient, url: str) -> Reply:
    return await client.post(url, headers={}, content=b"{}", deadline=5)


def test_the_canary_would_have_noticed(canary: Canary) -> None:
    why_not(LOOSE, f"http://localhost:{canary.port}/")
    why_not(LOOSE, f"http://[::ffff:127.0.0.1]:{canary.port}/")

    canary.wait_for(2)
    assert canary.connections == 2


@pytest.mark.parametrize("address", [*TARGETS, *IPV6])
def test_a_name_with_one_such_address_is_refused(canary: Canary, address: str) -> None:
    for found in ([address], ["93.184.216.34", address], [address, "2606:4700::1111"]):
        error = why_not(GuardPolicy(), f"https://lms.example:{canary.port}/", leading_to(*found))
        assert error.kind is Failure.PRIVATE
        assert "--allow-private" in error.fix
    assert canary.connections == 0


@pytest.mark.parametrize("encoded", list(encodings("169.254.169.254")))
def test_metadata_is_refused_even_where_private_addresses_are_allowed(encoded: str) -> None:
    error = why_not(LOOSE, f"http://{encoded}/latest/meta-data/")

    assert error.kind in {Failure.PRIVATE, Failure.MALFORMED}


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("172.16.9.9", True),
        ("192.168.1.1", True),
        ("100.64.0.1", True),
        ("fd12::1", True),
        ("::ffff:10.0.0.1", True),
        ("64:ff9b::10.0.0.1", True),
        ("169.254.1.1", False),
        ("fe80::1%eth0", False),
        ("100.100.100.200", False),
        ("192.0.0.192", False),
        ("fd00:ec2::254", False),
        ("fd20:ce::254", False),
        ("0.0.0.0", False),  # noqa: S104
        ("0.0.0.1", False),
        ("::", False),
        ("224.0.0.1", False),
        ("ff02::1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("64:ff9b:1::1", False),
        ("::ffff:169.254.169.254", False),
        ("2002:a9fe:a9fe::", False),
    ],
)
def test_what_allow_private_allows(address: str, allowed: bool) -> None:
    assert is_permitted(address, allow_private=True) is allowed
    assert not is_permitted(address, allow_private=False)


def test_honest_addresses_pass_with_their_own_name_and_the_checked_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    urls = honest()
    assert len(urls) >= 50
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: httpx.MockTransport(answer))

    async def look_up(host: str, _: int) -> list[str]:
        return [resolved(host)]

    async def all_of_them(client: GuardedClient) -> None:
        for url in urls:
            assert (await client.get(url, deadline=5)).status == 200

    with_client(GuardPolicy(), all_of_them, look_up)

    assert len(seen) == len(urls)
    for url, request in zip(urls, seen, strict=True):
        given = httpx.URL(url.replace("faß", "xn--fa-hia"))
        host = str(request.extensions["sni_hostname"])
        assert request.url.host == resolved(host)
        assert host == given.raw_host.decode().strip("[]").removesuffix(".").lower()
        assert request.headers["host"].partition(":8443")[0].strip("[]") == host


def test_the_checked_address_is_the_one_connected_to(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that changes its mind after the check (rebinding)."""
    asked: list[str] = []

    async def turncoat(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) % 2 else ["127.0.0.1"]

    reached: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        reached.append(request.url.host)
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    monkeypatch.setattr(httpx, "AsyncHTTPTransport", lambda **_: httpx.MockTransport(answer))

    async def thrice(client: GuardedClient) -> None:
        await client.get(f"https://lms.example:{canary.port}/", deadline=5)
        with pytest.raises(UnreachableError) as caught:
            await client.get(f"https://lms.example:{canary.port}/", deadline=5)
        assert caught.value.kind is Failure.PRIVATE
        await client.get(f"https://lms.example:{canary.port}/", deadline=5)

    with_client(GuardPolicy(), thrice, turncoat)

    assert len(asked) == 3
    assert reached == ["93.184.216.34", "93.184.216.34"]
    assert canary.connections == 0


def elsewhere(site: Site, canary: Canary) -> dict[str, str]:
    """Places that a platform may try to send us to."""
    here, there = f"127.0.0.1:{site.port}", f"127.0.0.1:{canary.port}"
    return {
        "another port": f"http://{there}/",
        "another name": f"http://localhost:{canary.port}/",
        "the same port, another name": f"http://localhost:{site.port}/secret",
        "the same computer, encoded": f"http://2130706433:{site.port}/secret",
        "no scheme": f"//{there}/",
        "user information": f"http://{here}@{there}/",
        "https": f"https://{here}/secret",
        "a file": "file:///etc/passwd",
        "a script": "javascript:alert(1)",
        "back slashes": f"http:\\\\{there}\\",
        "a fragment": f"http://{here}/secret#x",
        "nothing": "",
        "itself": "/away",
        "a name": f"http://lms.example:{canary.port}/",
    }


@pytest.fixture
def site() -> Iterator[Site]:
    with Site("127.0.0.1") as running:
        running.page("/secret", "{}")
        yield running


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere_else(site: Site, canary: Canary, status: int) -> None:
    for name, location in elsewhere(site, canary).items():
        site.pages["/away"] = Answer.redirect(location, status)
        error = why_not(LOOSE, f"{site.origin}/away?token=CANARY")
        assert error.kind in {Failure.REDIRECTED, Failure.MALFORMED}, name
        assert "CANARY" not in f"{error.message} {error.why} {error.fix}", name
    assert canary.connections == 0
    assert [each.path for each in site.requests if each.path == "/secret"] == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_host_keeps_the_secret_query(site: Site, status: int) -> None:
    site.page("/there", "{}")
    site.pages["/away"] = Answer.redirect("/there", status)
    assert get(LOOSE, f"{site.origin}/away?token=CANARY").status == 200
    site.pages["/away"] = Answer.redirect("/there?other=1", status)
    assert get(LOOSE, f"{site.origin}/away?token=CANARY").status == 200

    queries = [each.query for each in site.requests if each.path == "/there"]
    assert queries == ["token=CANARY", "other=1"]


@pytest.mark.parametrize(("hops", "arrives"), [(3, True), (4, False), (20, False)])
def test_redirects_are_counted(site: Site, hops: int, arrives: bool) -> None:
    for hop in range(hops):
        site.pages[f"/{hop}"] = Answer.redirect(f"/{hop + 1}")
    site.page(f"/{hops}", "{}")

    if arrives:
        assert get(LOOSE, f"{site.origin}/0").status == 200
    else:
        assert why_not(LOOSE, f"{site.origin}/0").kind is Failure.REDIRECTED
        assert len(site.requests) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_post_follows_no_redirect(site: Site, canary: Canary, status: int) -> None:
    for location in elsewhere(site, canary).values():
        site.pages["/away"] = Answer.redirect(location, status)
        reply = with_client(LOOSE, lambda client: post(client, f"{site.origin}/away"))
        assert reply.status == status
    assert canary.connections == 0
    assert {each.path for each in site.requests} == {"/away"}


@pytest.mark.parametrize(
    ("policy", "url", "kind"),
    [
        (GuardPolicy(), "http://lms.example/", Failure.PLAIN_HTTP),
        (LOOSE, "http://lms.example/", Failure.PLAIN_HTTP),
        (
            GuardPolicy(True, frozenset({"other.example"})),
            "http://lms.example/",
            Failure.PLAIN_HTTP,
        ),
    ],
)
def test_plain_http_is_for_named_hosts_and_this_computer(
    policy: GuardPolicy, url: str, kind: Failure
) -> None:
    assert why_not(policy, url, leading_to("10.0.0.1")).kind is kind
    assert "--allow-http lms.example" in why_not(policy, url, leading_to("10.0.0.1")).fix


@pytest.mark.parametrize("private", [True, False])
def test_a_named_host_may_be_private_but_neither_public_nor_link_local(
    site: Site, private: bool
) -> None:
    policy = GuardPolicy(private, frozenset({"moodle"}))

    url = f"http://moodle:{site.port}/secret"
    assert get(policy, url, leading_to("127.0.0.1")).status == 200
    assert site.requests[0].headers["host"] == f"moodle:{site.port}"
    assert why_not(policy, url, leading_to("169.254.169.254")).kind is Failure.PRIVATE
    for found in (["93.184.216.34"], ["127.0.0.1", "93.184.216.34"], ["2606:4700::1111"]):
        error = why_not(policy, url, leading_to(*found))
        assert error.kind is Failure.PUBLIC_HTTP
        assert "https address" in error.fix


def test_naming_one_host_opens_no_other(canary: Canary) -> None:
    policy = GuardPolicy(http_hosts=frozenset({"moodle"}))

    for url in (f"http://other:{canary.port}/", f"https://other:{canary.port}/"):
        error = why_not(policy, url, leading_to("127.0.0.1"))
        assert error.kind in {Failure.PLAIN_HTTP, Failure.PRIVATE}
    assert canary.connections == 0


def test_proxies_of_the_environment_are_not_used(
    site: Site, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert get(LOOSE, f"{site.origin}/secret").status == 200
    assert canary.connections == 0


def test_nothing_that_was_asked_stands_in_an_error(site: Site) -> None:
    secret: dict[str, Any] = {"url": f"{site.origin}/missing?token=CANARY"}
    site.pages["/missing"] = Answer(close_after=0)

    error = why_not(LOOSE, secret["url"])

    assert "CANARY" not in f"{error!r} {error.message} {error.why} {error.fix} {error.data}"
