"""The callback server against strangers: hosts, origins, methods, sizes, foreign text."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from ltictl.errors import NotFoundError
from tests.support.one_school import Served, served
from tests.support.visit import Form, outcome

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def site(shared: Served) -> Served:
    """The shared server, opened by another LMS in each test."""
    shared.desk.registered.clear()
    shared.visit += 1
    return shared


def ask(site: Served, method: str, path: str, **headers: str) -> httpx.Response:
    return httpx.request(
        method, site.base + path, headers=headers, trust_env=False, follow_redirects=True
    )


def state_of(site: Served) -> str:
    return Form(httpx.get(site.url, trust_env=False, follow_redirects=True).text).fields["state"]


def submit(site: Served, body: bytes | None = None, /, **headers: str) -> httpx.Response:
    content = body if body is not None else f"action=register&state={state_of(site)}".encode()
    given = {"Content-Type": FORM} | {name.replace("_", "-"): v for name, v in headers.items()}
    return httpx.post(f"{site.base}/register", content=content, headers=given, trust_env=False)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 404),
        ("tool.example", 404),
        ("TOOL.example", 404),
        ("127.0.0.1", 421),
        ("localhost:{port}", 421),
        ("tool.example:{port}", 421),
        ("evil.example", 421),
        ("tool.example.evil.example", 421),
        ("127.0.0.1:{port}, tool.example", 421),
        ("", 421),
    ],
)
def test_only_our_own_names_are_answered(site: Served, host: str, status: int) -> None:
    answer = ask(site, "GET", "/nothing", Host=host.replace("{port}", str(site.port)))

    assert answer.status_code == status


@pytest.mark.parametrize(
    "lines",
    [
        b"GET /jwks.json HTTP/1.0\r\n\r\n",
        b"GET /jwks.json HTTP/1.1\r\nHost: tool.example\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/jwks.json HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /jwks.json HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: tool.example\r\n\r\n",
    ],
    ids=["no host", "two hosts", "absolute", "forwarded"],
)
def test_odd_ways_of_naming_a_host_do_not_help(site: Served, lines: bytes) -> None:
    assert b'"keys"' not in site.raw(lines)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/register"),
        ("GET", "/register/"),
        ("GET", "/register?t="),
        ("GET", "/register?t=id"),
        ("GET", "/register?t=.secret"),
        ("GET", "/register?t=&openid_configuration=https://lms.example/"),
        ("GET", "/register2?t=id.secret"),
        ("GET", "//register?t=id.secret"),
        ("GET", "/favicon.ico"),
        ("GET", "/.env"),
        ("GET", "/docs"),
        ("POST", "/jwks.json"),
        ("PUT", "/register?t=id.secret"),
        ("DELETE", "/register?t=id.secret"),
        ("OPTIONS", "/register?t=id.secret"),
        ("PATCH", "/register?t=id.secret"),
        ("PUT", "/jwks.json"),
    ],
)
def test_everything_else_is_the_same_404(site: Served, method: str, path: str) -> None:
    answer = ask(site, method, path)

    assert (answer.status_code, answer.text) == (404, "Not found\n")
    assert answer.headers["cache-control"] == "no-store"
    assert "allow" not in answer.headers


@pytest.mark.parametrize("token", ["id.wrong", "other.secret", "ID.WRONG%3F", "a.b/"])
def test_a_link_that_cannot_be_used_gets_one_page_that_may_be_framed(
    site: Served, token: str
) -> None:
    page = ask(site, "GET", f"/register?t={token}&openid_configuration=https://lms.example/")
    plain = ask(site, "GET", f"/register?t={token}")

    nonce = page.headers["content-security-policy"].partition("nonce-")[2].partition("'")[0]
    first = ask(site, "GET", "/register?t=no.one&openid_configuration=https://lms.example/")
    others = first.headers["content-security-policy"].partition("nonce-")[2].partition("'")[0]
    assert page.text.replace(nonce, "") == first.text.replace(others, "")
    assert (page.status_code, outcome(page)) == (404, "failed")
    assert "frame-ancestors https:" in page.headers["content-security-policy"]
    assert "cannot be used here" in plain.text
    assert 'id="done"' in page.text
    assert 'id="done"' not in plain.text


@pytest.mark.parametrize("path", ["/register?t=id.secret", "/jwks.json"])
def test_head_is_no_way_around(site: Served, path: str) -> None:
    opened = len(site.desk.opened)

    assert ask(site, "HEAD", f"{path}&openid_configuration=https://x.example").status_code == 404
    assert len(site.desk.opened) == opened


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({}, True),
        ({"Origin": "{base}"}, True),
        ({"Origin": "https://tool.example"}, True),
        ({"Origin": "{base}", "Sec_Fetch_Site": "same-origin"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://tool.example"}, False),
        ({"Origin": "https://tool.example:444"}, False),
        ({"Origin": "https://tool.example.evil.example"}, False),
        ({"Origin": "{base}", "Sec_Fetch_Site": "cross-site"}, False),
        ({"Origin": "{base}", "Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "none"}, False),
    ],
    ids=str,
)
def test_a_form_counts_only_from_our_own_page(
    site: Served, headers: dict[str, str], accepted: bool
) -> None:
    given = {name: value.replace("{base}", site.base) for name, value in headers.items()}

    answer = submit(site, None, **given)

    assert outcome(answer) == ("registered" if accepted else "failed")
    assert answer.status_code == (200 if accepted else 403)
    assert len(site.desk.registered) <= accepted


def test_pages_carry_what_keeps_them_safe(site: Served) -> None:
    page = httpx.get(site.url, trust_env=False, follow_redirects=True)
    policy = page.headers["content-security-policy"]
    nonce = policy.partition("style-src 'nonce-")[2].partition("'")[0]

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "x-frame-options" not in page.headers
    assert "default-src 'none'" in policy
    assert "frame-ancestors https:" in policy
    assert "unsafe" not in policy
    assert "img-src data:;" in policy
    assert page.text.count(f'nonce="{nonce}"') == 3
    assert nonce not in httpx.get(site.url, trust_env=False, follow_redirects=True).text
    assert "set-cookie" not in page.headers
    assert "server" not in page.headers


def test_foreign_text_stays_text(site: Served) -> None:
    page = httpx.get(site.url, trust_env=False, follow_redirects=True)
    result = submit(site)

    for shown in (page.text, result.text):
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert "60481729" not in shown


def test_a_state_is_spoiled_by_any_change(site: Served) -> None:
    state = state_of(site)
    for at in range(len(state)):
        other = "A" if state[at] != "A" else "B"
        spoiled = state[:at] + other + state[at + 1 :]
        answer = submit(site, f"action=register&state={spoiled}".encode())
        assert (answer.status_code, site.desk.registered) == (403, []), at


@pytest.mark.parametrize(
    "state", ["", ".", "..", "a.b", "a.9999999999.", "a.b.c.d", "%00", "é.1.é", "%ed%a0%80.1.x"]
)
def test_a_forged_state_is_stale(site: Served, state: str) -> None:
    answer = submit(site, f"action=register&state={state}".encode())

    assert (answer.status_code, outcome(answer)) == (403, "failed")
    assert "too old" in answer.text


def test_a_state_of_another_run_is_stale(site: Served) -> None:
    with served() as other:
        state = state_of(other)

    assert submit(site, f"action=register&state={state}".encode()).status_code == 403


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 403), (64 * 1024 + 1, 413)])
def test_a_form_has_a_largest_size(site: Served, size: int, status: int) -> None:
    assert submit(site, b"x" * size).status_code == status


def test_an_endless_form_is_cut(site: Served) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST /register HTTP/1.1\r\nHost: tool.example\r\nContent-Type: %b\r\n" % FORM.encode()

    answer = site.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 2)

    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data", ""])
def test_only_forms_are_read(site: Served, kind: str) -> None:
    assert submit(site, Content_Type=kind).status_code == 403
    assert site.desk.registered == []


def test_only_an_offered_integration_is_updated(site: Served) -> None:
    answer = submit(
        site, f"state={state_of(site)}&action=register&asked=acme&replaces=other".encode()
    )

    assert answer.status_code == 403
    assert site.desk.registered == []


def test_too_large_a_head_is_refused(site: Served) -> None:
    assert b"200 OK" not in site.raw(b"GET /register?t=" + b"x" * 100_000 + b" HTTP/1.1\r\n")


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00", b"\r\n\r\n", b"GET\r\n\r\n", b""])
def test_garbage_does_not_stop_it(site: Served, garbage: bytes) -> None:
    site.raw(garbage)

    assert ask(site, "GET", "/jwks.json").json() == {"keys": []}


@pytest.mark.parametrize("path", ["/", "/lti/register", "/a b", "/ü", "/{x}", "/a/"])
def test_a_public_path_leads_to_the_page_too(path: str) -> None:
    with served(path) as site:
        address = f"{site.base}{path}?t=id.secret&openid_configuration=https://lms.example/c"

        page = httpx.get(address, trust_env=False, follow_redirects=True)

        assert page.status_code == 200
        assert Form(page.text).action == path
        assert httpx.get(site.url, trust_env=False, follow_redirects=True).status_code == 200


def test_a_defect_is_shown_in_words(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise RuntimeError

    monkeypatch.setattr(site.desk, "earlier", broken)

    page = httpx.get(site.url, trust_env=False, follow_redirects=True)

    assert page.status_code == 500
    assert "broken: RuntimeError" in page.text


def test_names_that_arrive_at_once_are_no_more_than_those_one_by_one() -> None:
    tried: list[str] = []
    too_many = threading.Event()

    def guess(name: str) -> str:
        if not name:  # the page itself asks
            return "acme"
        tried.append(name)
        if len(tried) > 5:
            too_many.set()
        too_many.wait(0.3)  # so that the others arrive meanwhile
        raise NotFoundError("no_such_organization", "There is no such organization.")

    with served() as site, ThreadPoolExecutor(12) as at_once:
        vars(site.desk)["organization"] = guess
        forms = []
        for number in range(12):
            site.visit += 1
            form = f"action=register&organization=x{number}&state={state_of(site)}"
            forms.append(form.encode())
        answers = list(at_once.map(lambda form: submit(site, form), forms))

    assert len(tried) == 5
    assert site.desk.closed == ["id"]
    assert sum(outcome(each) == "failed" for each in answers) >= 8


def test_a_right_name_costs_no_guess() -> None:
    with served() as site:
        for number in range(7):
            site.visit += 1
            body = f"action=register&organization=acme&state={state_of(site)}"
            assert outcome(submit(site, body.encode())) == "registered", number

    assert site.desk.closed == []
