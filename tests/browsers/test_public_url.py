"""``--public-url`` behind the proxies of the documentation, run as the documentation shows them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.support.cli import Ltictl
from tests.support.proxies import caddy, free_port, nginx, tunnel, wait_for_port
from tests.support.tls import Tls
from tests.support.visit import Admin, Form, issued, listening, outcome

from .conftest import Sites
from .lms import LmsPages, tool_page, wait_for_close

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "behind-a-proxy.md"
# How each is started, the fence around its lines in the documentation, and a word of them.
PROXIES = {"nginx": (nginx, "nginx", "proxy_pass"), "caddy": (caddy, "text", "reverse_proxy")}
FORWARDED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-Host": "evil.example",
    "X-HTTP-Method-Override": "PUT",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=http",
    "True-Client-IP": "203.0.113.9",
}


@dataclass(frozen=True)
class Proxy:
    """A running proxy: where it listens, where it passes things on to, what it has logged."""

    port: int
    behind: int
    folder: Path

    @property
    def address(self) -> str:
        return f"https://tool.example:{self.port}/lti/register"

    @property
    def logged(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    return Tls(tmp_path, "tool.example")


@pytest.fixture(params=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, tmp_path: Path, tls: Tls, sites: Sites
) -> Iterator[Proxy]:
    """Each proxy with the very lines of the documentation, but for the port."""
    start, fence, name = PROXIES[request.param]
    found = re.findall(rf"```{fence}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (block,) = [each for each in found if name in each]
    behind = free_port()
    assert "127.0.0.1:8765" in block
    with start(tmp_path, tls, block.replace("8765", str(behind)), sites.front):
        yield Proxy(sites.front, behind, tmp_path)


def only(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("proxy", [name], indirect=True)


@pytest.fixture
def url(acme: Ltictl, proxy: Proxy) -> str:
    acme.start(
        *("register", "--org", "acme", "--allow-private", "--json", "--count", "2"),
        *("--public-url", proxy.address, "--port", str(proxy.behind)),
    ).next_event("listening")
    return issued(acme, proxy.address, "--org", "acme")


class Remote:
    """A visitor who knows the proxy's address and trusts its certificate."""

    def __init__(self, proxy: Proxy, tls: Tls) -> None:
        import ssl

        self._context = ssl.create_default_context(cafile=str(tls.ca_file))
        self._port = proxy.port
        self._host = f"tool.example:{proxy.port}"

    def ask(self, method: str, url: str, *, data: object = None, **headers: str) -> httpx.Response:
        local = url.replace(self._host, f"127.0.0.1:{self._port}")
        with httpx.Client(
            verify=self._context, trust_env=False, timeout=20, follow_redirects=True
        ) as client:
            return client.request(
                method,
                local,
                data=data,  # type: ignore[arg-type]
                headers={"Host": self._host, **headers},
                extensions={"sni_hostname": "tool.example"},
            )


@pytest.fixture
def remote(proxy: Proxy, tls: Tls) -> Remote:
    return Remote(proxy, tls)


def test_a_registration_through_the_documented_proxy(
    url: str, remote: Remote, proxy: Proxy, admin: Admin
) -> None:
    page = remote.ask("GET", admin.address(url))
    form = Form(page.text)
    data = {**form.fields, "action": "register"}
    origin = proxy.address.removesuffix("/lti/register")

    done = remote.ask("POST", origin + form.action, data=data, Origin=origin)

    assert outcome(done) == "registered"
    assert "x-frame-options" not in page.headers
    assert "frame-ancestors https:" in page.headers["content-security-policy"]
    assert url.partition("?t=")[2] not in proxy.logged


def test_caddys_access_log_leaves_the_path_out(
    acme: Ltictl, tmp_path: Path, tls: Tls, sites: Sites, admin: Admin
) -> None:
    found = re.findall(r"```text\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    (block,) = [each for each in found if "reverse_proxy" in each]
    (skip,) = [each for each in found if "log" in each and "\n" not in each.strip()]
    behind = free_port()
    log = f"log {{\n output file {tmp_path}/access.log\n }}\n handle"
    block = block.replace("8765", str(behind)).replace("handle", log, 1)
    block = block.replace("register {\n", f"register {{\n{skip}", 1)
    with caddy(tmp_path, tls, block, sites.front):
        proxy = Proxy(sites.front, behind, tmp_path)
        remote = Remote(proxy, tls)
        acme.start(
            *("register", "--org", "acme", "--allow-private", "--json"),
            *("--public-url", proxy.address, "--port", str(behind)),
        ).next_event("listening")
        url = issued(acme, proxy.address, "--org", "acme")

        assert remote.ask("GET", admin.address(url)).status_code == 200
        remote.ask("GET", proxy.address.replace("/lti/register", "/else?seen=1"))

    assert "seen=1" in proxy.logged
    assert url.partition("?t=")[2] not in proxy.logged
    assert "the-token" not in proxy.logged


def test_nothing_secret_is_logged_while_ltictl_is_not_running(
    proxy: Proxy, tls: Tls, admin: Admin
) -> None:
    answer = Remote(proxy, tls).ask("GET", admin.address(f"{proxy.address}?t=id.SECRET"))

    assert answer.status_code == 502
    assert "SECRET" not in proxy.logged
    assert "the-token" not in proxy.logged


@only("nginx")
def test_forwarded_headers_change_nothing(url: str, remote: Remote, admin: Admin) -> None:
    def shown(**headers: str) -> str:
        page = remote.ask("GET", admin.address(url), **headers)
        assert page.status_code == 200
        return re.sub(r'nonce="[^"]*"|value="[^"]*"|\?v=[^"]*"', "", page.text)

    assert shown(**FORWARDED) == shown()
    for name, value in FORWARDED.items():
        assert shown(**{name: value}) == shown(), name


@only("nginx")
def test_a_foreign_origin_is_refused_with_any_forwarded_header(
    url: str, remote: Remote, admin: Admin, proxy: Proxy
) -> None:
    form = Form(remote.ask("GET", admin.address(url)).text)
    data = {**form.fields, "action": "register"}

    done = remote.ask("POST", proxy.address, data=data, Origin="https://evil.example", **FORWARDED)

    assert (done.status_code, outcome(done)) == (403, "failed")


@only("caddy")
def test_nothing_else_of_it_is_reachable(url: str, remote: Remote, proxy: Proxy) -> None:
    origin = proxy.address.removesuffix("/lti/register")
    query = url.partition("?")[2]
    for path in ("/lti/register/", "/lti/registerx", "/lti/register%2f", "/lti/./register/x"):
        answer = remote.ask("GET", f"{origin}{path}?{query}")
        assert answer.status_code == 404 or not answer.text, path


@only("nginx")
def test_no_other_method_does_anything(url: str, remote: Remote, admin: Admin) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PROPFIND"):
        assert remote.ask(method, admin.address(url)).status_code in {404, 405}


@only("nginx")
def test_in_a_frame_of_a_public_lms_no_permission_is_needed(
    url: str, secure: LmsPages, tab: "Page", proxy: Proxy
) -> None:
    secure.open(tab, url, "frame")
    tool = tool_page(tab, "frame")
    tool.locator("#register").click()
    tool.locator("#result[data-outcome=registered]").wait_for()
    tool.locator("#done").click()

    assert wait_for_close(tab) == proxy.address.removesuffix("/lti/register")


def test_listening_everywhere_answers_to_its_own_name_only(acme: Ltictl, admin: Admin) -> None:
    _, url = listening(acme, "--listen", "0.0.0.0")  # noqa: S104
    assert url.startswith("http://127.0.0.1:")
    there = url.replace("127.0.0.1", "127.0.0.2")

    def ask(host: str) -> int:
        answer = httpx.get(
            admin.address(there), headers={"Host": host}, trust_env=False, follow_redirects=True
        )
        return answer.status_code

    local = url.removeprefix("http://").partition("/")[0]
    assert ask(local) == 200
    assert ask(local.replace("127.0.0.1", "127.0.0.2")) == 421
    assert ask("evil.example") == 421


def test_the_documented_tunnel(acme: Ltictl, admin: Admin, tmp_path: Path) -> None:
    (line,) = re.findall(r"^ssh -N (-R \S+) you@", DOCS.read_text("utf-8"), re.MULTILINE)
    there, here = free_port(), free_port()
    option = line.replace("8765:127.0.0.1:8765", f"{there}:127.0.0.1:{here}").split()
    assert str(there) in option[1]
    public = f"http://127.0.0.1:{there}/lti/register"
    given = ("--org", "acme", "--allow-private", "--json", "--port", str(here))
    running = acme.start("register", *given, "--public-url", public)
    running.next_event("listening")

    with tunnel(tmp_path, ["-N", *option]):
        wait_for_port(there)
        page = admin.press(admin.open(issued(acme, public, "--org", "acme")))

    assert outcome(page) == "registered"
    assert running.wait(10).code == 0
