"""The guarded client's results with real servers that behave badly."""

import pytest

from ltictl.net.failures import Failure
from ltictl.net.reply import MAX_BODY
from tests.support.answers import Answer
from tests.support.playback import PlaybackPlatform

from .calls import failure_of, get, post


def test_a_document_arrives_as_it_is(playback: PlaybackPlatform) -> None:
    reply = get(playback.url("configuration") + "?a=b%20c&d")

    request = playback.requests[0]
    assert (request.method, request.query) == ("GET", "a=b%20c&d")
    assert request.headers["host"] == playback.base_url.removeprefix("http://")
    assert request.headers["user-agent"].startswith("ltictl/")
    assert (reply.status, reply.complete) == (200, True)
    assert reply.address.url.endswith("?a=b%20c&d")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_with_its_query(
    playback: PlaybackPlatform, status: int
) -> None:
    playback.on("/a", Answer.redirect("/b", status))
    playback.on("/b", Answer.json({}))

    reply = get(f"{playback.base_url}/a?secret=1")

    assert reply.address.url == f"{playback.base_url}/b?secret=1"
    assert [each.query for each in playback.requests] == ["secret=1", "secret=1"]


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/b",
        "//other.example/b",
        "http://localhost:{port}/b",
        "http://127.0.0.1:1/b",
        "http://127.0.0.2:{port}/b",
    ],
)
def test_a_redirect_elsewhere_is_refused_and_not_followed(
    playback: PlaybackPlatform, location: str
) -> None:
    port = playback.base_url.rpartition(":")[2]
    playback.on("/a", Answer.redirect(location.replace("{port}", port)))

    error = failure_of(lambda: get(f"{playback.base_url}/a?CANARY"))

    assert error.kind is Failure.REDIRECTED
    assert "CANARY" not in f"{error.message} {error.why} {error.fix}"
    assert len(playback.requests) == 1


@pytest.mark.parametrize("location", ["ftp://x/", "http://a@127.0.0.1/", "http://[::1", "\\\\x"])
def test_a_redirect_to_nonsense_is_refused(playback: PlaybackPlatform, location: str) -> None:
    playback.on("/a", Answer.redirect(location))

    failed = failure_of(lambda: get(f"{playback.base_url}/a"))

    assert failed.kind in {Failure.MALFORMED, Failure.REDIRECTED, Failure.BROKEN_OFF}
    assert len(playback.requests) == 1


def test_redirects_are_counted(playback: PlaybackPlatform) -> None:
    for number in range(9):
        playback.on(f"/{number}", Answer.redirect(f"/{number + 1}"))
    playback.on("/loop", Answer.redirect("/loop"))

    assert failure_of(lambda: get(f"{playback.base_url}/0")).kind is Failure.REDIRECTED
    assert len(playback.requests) == 4
    assert failure_of(lambda: get(f"{playback.base_url}/loop")).kind is Failure.REDIRECTED


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer.json({}, delay=9), id="silence"),
        pytest.param(Answer.json({}, drip=0.1, drip_from="head"), id="dripping head"),
        pytest.param(Answer.json({"a": "b" * 999}, drip=0.05), id="dripping body"),
    ],
)
@pytest.mark.timeout(6)  # less than what the answers take
def test_the_deadline_is_for_everything_together(
    playback: PlaybackPlatform, answer: Answer
) -> None:
    playback.on("/a", answer)

    error = failure_of(lambda: get(f"{playback.base_url}/a", deadline=0.4))

    assert error.kind is Failure.TIMED_OUT


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer.forever(), id="endless"),
        pytest.param(Answer(body=b" " * (MAX_BODY + 1)), id="a byte too long"),
        pytest.param(Answer.gzip_bomb(), id="gzip bomb"),
        pytest.param(Answer(body=b"{}" * 200, close_after=300), id="cut off"),
        pytest.param(Answer(headers={"Content-Encoding": "br"}, body=b"x"), id="unknown coding"),
        pytest.param(Answer(headers={"Content-Encoding": "gzip"}, body=b"x"), id="no gzip"),
    ],
)
@pytest.mark.timeout(20)
def test_a_body_that_is_not_whole_is_no_document(
    playback: PlaybackPlatform, answer: Answer
) -> None:
    playback.on("/a", answer)

    assert failure_of(lambda: get(f"{playback.base_url}/a")).kind is Failure.BROKEN_OFF


def test_a_body_of_exactly_the_limit_is_whole(playback: PlaybackPlatform) -> None:
    playback.on("/a", Answer(body=b"x" * MAX_BODY))

    assert len(get(f"{playback.base_url}/a").body) == MAX_BODY


def test_a_post_is_sent_once_and_its_broken_answer_is_handed_over(
    playback: PlaybackPlatform,
) -> None:
    playback.on("/a", Answer(body=b"x" * 500, close_after=300))

    reply = post(f"{playback.base_url}/a")

    assert (reply.status, reply.complete) == (200, False)
    assert set(reply.body) == {ord("x")}
    assert len(playback.requests) == 1


def test_a_post_follows_no_redirect(playback: PlaybackPlatform) -> None:
    playback.on("/a", Answer.redirect("/b", 307))

    assert post(f"{playback.base_url}/a").status == 307
    assert [each.path for each in playback.requests] == ["/a"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(close_after=0), Failure.BROKEN_OFF),
        (Answer(raw=b"SSH-2.0\r\n"), Failure.BROKEN_OFF),
        (Answer(delay=9), Failure.TIMED_OUT),
    ],
)
def test_a_post_without_answer_may_have_arrived(
    playback: PlaybackPlatform, answer: Answer, kind: Failure
) -> None:
    playback.on("/a", answer)
    calls: list[int] = []

    def count() -> None:
        calls.append(len(playback.requests))

    error = failure_of(lambda: post(f"{playback.base_url}/a", deadline=0.5, on_sending=count))

    assert (error.kind, error.sent, calls) == (kind, True, [0])


def test_a_post_that_found_no_connection_did_not_arrive() -> None:
    error = failure_of(lambda: post("http://127.0.0.1:9/a"))

    assert (error.kind, error.sent) == (Failure.NOT_CONNECTED, False)


def test_an_error_before_sending_sends_nothing(playback: PlaybackPlatform) -> None:
    def refuse() -> None:
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        post(f"{playback.base_url}/a", on_sending=refuse)
    assert playback.requests == []
