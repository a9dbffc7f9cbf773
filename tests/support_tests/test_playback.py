"""The played platform sends exactly its script, and misbehaves on demand."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import TOOL, PlaybackPlatform, accepting, moodle_configuration
from tests.support.recordings import load
from tests.support.tls import Tls

BODY = {"client_name": "Example", TOOL: {"domain": "tool.example"}}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=5) as made:
        yield made


def test_its_configuration_names_its_own_host(
    playback: PlaybackPlatform, client: httpx.Client
) -> None:
    answer = client.get(playback.url("configuration"), params={"x": "1 2"})

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["issuer"] == playback.base_url
    assert answer.json()["registration_endpoint"] == playback.url("registration")
    assert client.get(answer.json()["jwks_uri"]).json()["keys"][0]["alg"] == "RS256"
    assert playback.requests[0].parameters == {"x": "1 2"}


def test_a_changed_configuration_is_served_at_once(client: httpx.Client) -> None:
    configuration = moodle_configuration()
    configuration["issuer"] = "https://elsewhere.example"
    with PlaybackPlatform(configuration) as platform:
        first = client.get(platform.url("configuration")).json()
        del platform.configuration["registration_endpoint"]
        second = client.get(platform.url("configuration")).json()

    assert first["issuer"] == "https://elsewhere.example"
    assert "registration_endpoint" not in second


def test_registrations_are_accepted_each_with_its_own_client_id(client: httpx.Client) -> None:
    with PlaybackPlatform(registration=accepting(201, extra=True)) as platform:
        answers = [client.post(platform.url("registration"), json=BODY) for _ in range(2)]
        received = platform.requests_to("registration")

    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["client_id"] for answer in answers] == [
        "client000000001",
        "client000000002",
    ]
    assert answers[1].json()[TOOL]["deployment_id"] == "2"
    assert answers[1].json()["extra"] is True
    assert received[0].method == "POST"
    assert received[0].headers["content-type"] == "application/json"
    assert received[0].json() == BODY


@pytest.mark.parametrize("name", ["full", "not-json", "inline-jwks", "method-head"])
def test_a_recording_is_played_back_byte_by_byte(
    playback: PlaybackPlatform, client: httpx.Client, name: str
) -> None:
    recording = load(f"04-registration-request/{name}")
    playback.on("registration", Answer.of(recording))

    answer = client.request(recording.request.method, playback.url("registration"))

    assert answer.status_code == recording.response.status
    assert answer.content == recording.response.body
    assert answer.headers == httpx.Headers(recording.response.headers)


def test_answers_come_in_turn_and_the_last_one_stays(
    playback: PlaybackPlatform, client: httpx.Client
) -> None:
    playback.on("/a", Answer(401), lambda request: Answer.text(request.method), Answer(204))

    codes = [client.put(playback.url("/a")).status_code for _ in range(4)]

    assert codes == [401, 200, 204, 204]
    assert client.get(playback.url("/unknown")).status_code == 404


def test_a_chunked_request_body_is_read(playback: PlaybackPlatform, client: httpx.Client) -> None:
    playback.on("/a", Answer(204))

    client.post(playback.url("/a"), content=iter([b"one ", b"two"]))

    assert playback.requests[0].body == b"one two"


def test_delay_and_drip_take_their_time(playback: PlaybackPlatform, client: httpx.Client) -> None:
    playback.on("/late", Answer(200, body=b"x", delay=0.2))
    playback.on("/drip", Answer(200, body=b"12345", drip=0.05))

    assert client.get(playback.url("/late")).text == "x"
    assert client.get(playback.url("/drip")).text == "12345"

    for late in ("/late", "/drip"):
        with pytest.raises(httpx.ReadTimeout):
            client.get(playback.url(late), timeout=0.04)


@pytest.mark.parametrize("count", [0, 10, 60])
def test_an_answer_can_be_cut_off(
    playback: PlaybackPlatform, client: httpx.Client, count: int
) -> None:
    playback.on("/a", Answer(200, body=b"x" * 100, close_after=count))

    with pytest.raises(httpx.RemoteProtocolError):
        client.get(playback.url("/a"))

    assert playback.wait_for_request("/a").path == "/a"


def test_exact_bytes(playback: PlaybackPlatform) -> None:
    playback.on("/a", Answer(raw=b"nonsense\r\n"))

    with socket.create_connection(
        ("127.0.0.1", int(playback.base_url.rpartition(":")[2]))
    ) as plain:
        plain.sendall(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        assert plain.makefile("rb").read() == b"nonsense\r\n"


def test_an_endless_body_ends_when_the_client_has_enough(
    playback: PlaybackPlatform, client: httpx.Client
) -> None:
    playback.on("/a", Answer.forever())
    size = 0

    with client.stream("GET", playback.url("/a")) as answer:
        for piece in answer.iter_raw():
            size += len(piece)
            if size > 1_000_000:
                break

    assert size > 1_000_000


def test_a_gzip_bomb_is_small_on_the_wire(playback: PlaybackPlatform, client: httpx.Client) -> None:
    playback.on("/a", Answer.gzip_bomb(4_000_000))

    answer = client.get(playback.url("/a"))

    assert len(answer.content) == 4_000_000
    assert int(answer.headers["content-length"]) < 10_000


def test_a_redirect(playback: PlaybackPlatform, client: httpx.Client) -> None:
    playback.on("configuration", Answer.redirect(playback.url("jwks"), 307))

    answer = client.get(playback.url("configuration"), follow_redirects=True)

    assert "keys" in answer.json()


def test_connections_are_kept(playback: PlaybackPlatform) -> None:
    connection = http.client.HTTPConnection(playback.base_url.removeprefix("http://"))
    connection.connect()
    first = connection.sock

    for _ in range(2):
        connection.request("GET", "/mod/lti/certs.php")
        assert connection.getresponse().read()

    assert connection.sock is first
    connection.close()


@pytest.mark.timeout(20)
def test_it_stops_at_once_in_the_middle_of_a_request() -> None:
    answers = [Answer(delay=60), Answer.forever(b"x")]
    for answer in answers:
        with PlaybackPlatform(registration=answer) as platform:
            connection = socket.create_connection(("127.0.0.1", int(platform.base_url[-5:])))
            path = platform.url("registration").removeprefix(platform.base_url)
            connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            platform.wait_for_request("registration")
        connection.close()
        assert platform.requests


def test_a_broken_script_fails_the_test(client: httpx.Client) -> None:
    def broken(_: ReceivedRequest) -> Answer:
        raise LookupError("the script is wrong")

    def ask() -> None:
        with PlaybackPlatform(registration=broken) as platform, pytest.raises(httpx.HTTPError):
            client.get(platform.url("registration"))

    with pytest.raises(LookupError, match="script is wrong"):
        ask()


def test_https_with_an_authority_of_its_own(tmp_path: Path, client: httpx.Client) -> None:
    tls = Tls(tmp_path)
    trusting = ssl.create_default_context(cafile=str(tls.ca_file))
    with PlaybackPlatform(tls=tls) as platform:
        answer = httpx.get(platform.url("configuration"), verify=trusting, trust_env=False)
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            client.get(platform.url("configuration"))

    assert platform.base_url.startswith("https://127.0.0.1:")
    assert answer.json()["issuer"] == platform.base_url
    assert len(platform.requests) == 1


def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    tls = Tls(tmp_path, "other.example")
    trusting = ssl.create_default_context(cafile=str(tls.ca_file))
    with (
        PlaybackPlatform(tls=tls) as platform,
        pytest.raises(httpx.ConnectError, match="not valid for"),
    ):
        httpx.get(platform.base_url, verify=trusting, trust_env=False)
