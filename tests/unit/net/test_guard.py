"""The guarded client's limits: addresses, names, certificates, secrets."""

import datetime as dt
from pathlib import Path

import pytest

from ltictl.net.failures import Failure
from ltictl.net.policy import GuardPolicy
from tests.support.answers import Answer, ReceivedRequest
from tests.support.playback import PlaybackPlatform
from tests.support.tls import Tls

from .calls import LOCAL, failure_of, get, post, resolver


@pytest.mark.parametrize(
    ("url", "policy", "kind"),
    [
        ("http://127.0.0.1:9/", GuardPolicy(), Failure.PLAIN_HTTP),
        ("https://127.0.0.1:9/", GuardPolicy(), Failure.PRIVATE),
        ("https://[::1]:9/", GuardPolicy(), Failure.PRIVATE),
        ("https://[::ffff:7f00:1]:9/", GuardPolicy(), Failure.PRIVATE),
        ("https://localhost:9/", GuardPolicy(), Failure.PRIVATE),
        ("https://169.254.169.254/", LOCAL, Failure.PRIVATE),
        ("https://[fe80::1]/", LOCAL, Failure.PRIVATE),
        ("https://0.0.0.0/", LOCAL, Failure.PRIVATE),
        ("file:///etc/passwd", LOCAL, Failure.MALFORMED),
        ("http://nowhere.invalid/", LOCAL, Failure.UNKNOWN_HOST),
        ("https://" + "a" * 64 + ".example/", LOCAL, Failure.UNKNOWN_HOST),
        ("http://127.0.0.1:9/", LOCAL, Failure.NOT_CONNECTED),
    ],
)
def test_what_the_guard_does_not_let_through(url: str, policy: GuardPolicy, kind: Failure) -> None:
    assert failure_of(lambda: get(url, policy)).kind is kind
    assert failure_of(lambda: post(url, policy)).kind is kind


@pytest.mark.parametrize(
    "host", ["[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "017700000001"]
)
def test_loopback_in_disguise_is_not_let_through(host: str) -> None:
    error = failure_of(lambda: get(f"https://{host}:9/", GuardPolicy()))

    assert error.kind in {Failure.PRIVATE, Failure.MALFORMED}


def test_plain_http_to_a_private_host_is_only_for_the_one_that_was_named() -> None:
    look_up, _ = resolver(["192.168.1.2"])

    error = failure_of(lambda: get("http://lms.example/", LOCAL, look_up=look_up))

    assert error.kind is Failure.PLAIN_HTTP
    assert "--allow-http lms.example" in error.fix


def test_a_name_that_changes_its_address_gains_nothing(playback: PlaybackPlatform) -> None:
    port = playback.base_url.rpartition(":")[2]
    look_up, asked = resolver(["93.184.216.34", "127.0.0.1"])

    error = failure_of(
        lambda: get(f"https://rebinding.example:{port}/a", GuardPolicy(), look_up=look_up)
    )

    assert error.kind is Failure.PRIVATE
    assert asked == ["rebinding.example"], "looked up once: the checked address is connected to"
    assert playback.requests == []


def test_a_redirect_is_checked_anew(playback: PlaybackPlatform) -> None:
    port = playback.base_url.rpartition(":")[2]
    playback.on("/a", Answer.redirect("/b"))
    look_up, asked = resolver(["127.0.0.1"], ["169.254.169.254"])

    error = failure_of(lambda: get(f"http://lms.example:{port}/a", look_up=look_up))

    assert (error.kind, asked) == (Failure.PRIVATE, ["lms.example", "lms.example"])


def test_an_address_that_does_not_answer_gives_way_to_the_next(playback: PlaybackPlatform) -> None:
    port = playback.base_url.rpartition(":")[2]
    look_up, _ = resolver(["127.0.0.2", "127.0.0.1"])
    playback.on("/a", Answer.json({}))

    assert get(f"http://lms.example:{port}/a", look_up=look_up).status == 200
    assert playback.requests[0].headers["host"] == f"lms.example:{port}"


YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("names", "ends", "trusted", "good"),
    [
        (("lms.example",), None, True, True),
        (("lms.example",), None, False, False),
        (("other.example",), None, True, False),
        (("127.0.0.1",), None, True, False),
        (("lms.example",), YESTERDAY, True, False),
    ],
    ids=["good", "unknown authority", "wrong name", "the address's name", "expired"],
)
def test_certificates_are_checked_for_the_name_not_the_address(
    tmp_path: Path, names: tuple[str, ...], ends: dt.datetime | None, trusted: bool, good: bool
) -> None:
    tls = Tls(tmp_path, *names, not_after=ends)
    look_up, _ = resolver(["127.0.0.1"])
    policy = GuardPolicy(allow_private=True, ca_file=str(tls.ca_file) if trusted else "")
    with PlaybackPlatform(tls=tls) as platform:
        platform.on("/a", Answer.json({}))
        url = f"https://lms.example:{platform.base_url.rpartition(':')[2]}/a"

        if good:
            assert get(url, policy, look_up=look_up).status == 200
        else:
            error = failure_of(lambda: post(url, policy, look_up=look_up))
            assert (error.kind, error.sent) == (Failure.TLS, False)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_an_unusable_authority_file_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    error = failure_of(lambda: get("https://lms.example/", GuardPolicy(ca_file=str(path))))

    assert error.kind is Failure.CA_FILE
    assert str(path) in error.message


def test_no_error_shows_a_query_a_header_or_a_body(playback: PlaybackPlatform) -> None:
    def echo(request: ReceivedRequest) -> Answer:
        return Answer(raw=b"HTTP/1.1 CANARY " + request.body)

    playback.on("/a", echo)
    headers = {"Authorization": "Bearer CANARY"}

    error = failure_of(
        lambda: post(f"{playback.base_url}/a?CANARY", headers=headers, content=b"CANARY")
    )

    assert "CANARY" not in f"{error.message} {error.why} {error.fix} {error.data}"
