"""A slow LMS delays no other: slow answers, many visits, many windows."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.answers import Answer, ReceivedRequest
from tests.support.cli import Ltictl
from tests.support.playback import PlaybackPlatform, accepting
from tests.support.processes import Running
from tests.support.visit import Admin, issued, listening, outcome, words

REFUSAL = Answer.json({"error": "access_denied"}, 403)


class SlowLms:
    """An LMS that answers registrations only on demand."""

    def __init__(self, answer: Callable[[ReceivedRequest], Answer]) -> None:
        self._go_on = threading.Event()
        self._answer = answer
        self.platform = PlaybackPlatform(registration=self._late)
        self._pressing: list[threading.Thread] = []
        self.results: list[str] = []

    def _late(self, request: ReceivedRequest) -> Answer:
        if not self._go_on.wait(30):
            raise TimeoutError("the test never released it")
        return self._answer(request)

    def visit(self, url: str, number: int) -> httpx.Response:
        """The page, as one more window of this LMS opens it."""
        return Admin(self.platform.url("configuration"), f"token-{number}").open(url)

    def press(self, page: httpx.Response) -> None:
        """Press Register and do not wait for the answer."""

        def send() -> None:
            with contextlib.suppress(httpx.HTTPError):  # cut where the run leaves at once
                self.results.append(outcome(Admin.press(page)))

        self._pressing.append(threading.Thread(target=send))
        self._pressing[-1].start()

    def answer(self) -> None:
        self._go_on.set()
        for each in self._pressing:
            each.join(30)


@contextlib.contextmanager
def slow_lms(answer: Callable[[ReceivedRequest], Answer]) -> Iterator[SlowLms]:
    lms = SlowLms(answer)
    with lms.platform:
        try:
            yield lms
        finally:
            lms.answer()


@pytest.fixture
def refusing() -> Iterator[SlowLms]:
    with slow_lms(lambda _: REFUSAL) as lms:
        yield lms


@pytest.fixture
def two_slow() -> Iterator[tuple[SlowLms, SlowLms]]:
    with slow_lms(accepting()) as one, slow_lms(accepting()) as other:
        yield one, other


@pytest.fixture
def forever(acme: Ltictl) -> Iterator[tuple[Running, str]]:
    with contextlib.closing(listening(acme, "--forever")[0]) as running:
        base = running.output("stderr").split('"url": "')[1].partition('"')[0]
        yield running, base


def test_a_genuine_registration_does_not_wait_for_a_slow_lms(
    acme: Ltictl, forever: tuple[Running, str], refusing: SlowLms, admin: Admin
) -> None:
    _, url = forever
    slow_url = issued(acme, url, "--org", "acme")
    pages = [refusing.visit(slow_url, number) for number in range(4)]
    for page in pages:
        refusing.press(page)
    refusing.platform.wait_for_request("registration")

    result = admin.press(admin.open(url))

    assert outcome(result) == "registered"
    assert "refused" not in refusing.results  # it still has not answered


def test_an_invitation_has_one_attempt_at_a_time(
    forever: tuple[Running, str], refusing: SlowLms
) -> None:
    _, url = forever
    first, second = refusing.visit(url, 1), refusing.visit(url, 2)
    refusing.press(first)
    refusing.platform.wait_for_request("registration")

    meanwhile = Admin.press(second)

    assert (meanwhile.status_code, outcome(meanwhile)) == (200, "")
    assert "under way" in words(meanwhile)
    refusing.answer()
    assert outcome(Admin.press(meanwhile)) == "refused"
    assert len(refusing.platform.requests_to("registration")) == 2


def test_an_lms_gets_one_request_at_a_time(
    acme: Ltictl, forever: tuple[Running, str], refusing: SlowLms
) -> None:
    _, url = forever
    urls = [issued(acme, url, "--org", "acme") for _ in range(3)]
    for number, each in enumerate(urls):
        refusing.press(refusing.visit(each, number))
    refusing.platform.wait_for_request("registration")
    assert len(refusing.platform.requests_to("registration")) == 1

    refusing.answer()

    assert refusing.results == ["refused"] * 3


def press_both(acme: Ltictl, url: str, lmss: tuple[SlowLms, SlowLms]) -> None:
    other_url = issued(acme, url, "--org", "acme")
    for lms, its_url in zip(lmss, (url, other_url), strict=True):
        lms.press(lms.visit(its_url, 1))
        lms.platform.wait_for_request("registration")


def test_the_first_signal_waits_for_every_outstanding_answer(
    acme: Ltictl, forever: tuple[Running, str], two_slow: tuple[SlowLms, SlowLms]
) -> None:
    running, url = forever
    press_both(acme, url, two_slow)

    running.send_signal(signal.SIGINT)
    running.next_event("finishing")
    two_slow[0].answer()
    running.next_event("registered")
    two_slow[1].answer()
    ended = running.wait(15)

    assert ended.code == 0, ended
    assert [each["id"] for each in ended.data["integrations"]] == ["acme-moodle", "acme-moodle-2"]
    assert acme("list", "--json").data["attempts"] == []


def test_the_second_signal_leaves_every_outstanding_attempt(
    acme: Ltictl, forever: tuple[Running, str], two_slow: tuple[SlowLms, SlowLms]
) -> None:
    running, url = forever
    press_both(acme, url, two_slow)
    running.send_signal(signal.SIGINT)
    running.next_event("finishing")

    running.send_signal(signal.SIGINT)
    ended = running.wait(10)

    assert (ended.code, ended.error["code"]) == (130, "interrupted"), ended
    attempts = acme("list", "--json").data["attempts"]
    assert [(each["id"], each["stage"]) for each in attempts] == [
        ("acme-moodle", "sent"),
        ("acme-moodle-2", "sent"),
    ]


def test_the_last_wanted_registration_does_not_cut_off_another(
    acme: Ltictl, two_slow: tuple[SlowLms, SlowLms]
) -> None:
    running, url = listening(acme)  # which ends after one
    press_both(acme, url, two_slow)

    two_slow[0].answer()
    running.next_event("registered")
    running.next_event("finishing")
    two_slow[1].answer()
    ended = running.wait(15)

    assert ended.code == 0, ended
    assert [each["id"] for each in ended.data["integrations"]] == ["acme-moodle", "acme-moodle-2"]
    assert acme("list", "--json").data["attempts"] == []
    assert [each.results for each in two_slow] == [["registered"], ["registered"]]
