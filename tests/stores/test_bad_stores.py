"""A store that cannot be used: one message each, and nothing is written in doubt.

The answers are those of the clouds, sent by a real server to the real client library.
"""

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ltictl.errors import LtictlError
from ltictl.model.record import replace
from ltictl.operations.other_machines import SEEN_AFTER
from ltictl.store.bucket import settled_writes
from ltictl.store.bucket.bucket import Bucket
from ltictl.store.bucket.objects import DEADLINE
from ltictl.store.bucket.read_cache import ReadCache
from ltictl.store.bucket.standing import LEASE, StandingDocument
from tests.stores.conftest import TeamMember
from tests.stores.opening import opened
from tests.support.answers import Answer, ReceivedRequest
from tests.support.exact_server import ExactServer
from tests.support.fault_proxy import FaultyProxy, Watch
from tests.support.object_stores import (
    AZURE_ENVIRONMENT,
    STANDING,
    ObjectStore,
    Server,
    objects_of,
)

EMULATED = {"disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}


@pytest.fixture
def server() -> Iterator[ExactServer]:
    """Answers every request with what the test puts into ``answer``."""
    running = ExactServer(lambda _: Answer(404), None)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield running
    running.stop()
    thread.join()


def store_at(scheme: str, port: int) -> ObjectStore:
    """A bucket of one of the clouds, at a server of this test."""
    url = f"http://127.0.0.1:{port}"
    environment = {
        "s3": {
            "AWS_ACCESS_KEY_ID": "A",
            "AWS_SECRET_ACCESS_KEY": "CANARY-S3-SECRET",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": url,
        },
        "gs": {
            "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(EMULATED | {"gcs_base_url": url}),
            "GOOGLE_BASE_URL": url,
        },
        "az": AZURE_ENVIRONMENT | {"AZURE_ENDPOINT": f"{url}/devstoreaccount1"},
    }
    return ObjectStore(f"{scheme}://bucket/prod", environment[scheme], port)


def error_of(code: str, more: str = "") -> str:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message>{more}</Error>"


LATE = "Sat, 28 Nov 2026 12:00:00 GMT"
REFUSALS = [
    (
        "s3",
        301,  # S3 sends no address, and names the region only in a header that the library drops
        error_of("PermanentRedirect", "<Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint>"),
        "store_wrong_region",
        "AWS_REGION",
    ),
    (
        "s3",
        400,
        error_of("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
        "store_wrong_region",
        "export AWS_REGION=eu-west-1",
    ),
    ("s3", 400, error_of("InvalidRegionName"), "store_wrong_region", "Cloudflare R2: auto"),
    ("s3", 403, error_of("RequestTimeTooSkewed"), "store_clock_skew", "NTP"),
    (
        "az",
        403,
        error_of("AuthenticationFailed", "<D>Request date header too old: 'x'</D>"),
        "store_clock_skew",
        "NTP",
    ),
    ("s3", 403, error_of("AccessDenied"), "store_forbidden", "s3:GetObject"),
    ("gs", 403, error_of("AccessDenied"), "store_forbidden", "storage.objects.get"),
    ("az", 403, error_of("AuthorizationPermissionMismatch"), "store_forbidden", "/blobs/read"),
    ("s3", 403, error_of("InvalidAccessKeyId"), "store_credentials", "fresh"),
    ("s3", 400, error_of("ExpiredToken"), "store_credentials", "fresh"),
    ("s3", 404, error_of("NoSuchBucket"), "store_not_found", "Make it"),
    ("az", 404, error_of("ContainerNotFound"), "store_not_found", "Make it"),
    ("s3", 412, error_of("PreconditionFailed"), "store_failed", "endpoint"),
    ("az", 409, error_of("ContainerBeingDeleted"), "store_unreachable", "again"),
    ("gs", 501, "", "store_failed", "endpoint"),
]


@pytest.mark.parametrize(("scheme", "status", "body", "code", "words"), REFUSALS)
def test_the_refusal_of_a_cloud_has_words_of_its_own(
    server: ExactServer, scheme: str, status: int, body: str, code: str, words: str
) -> None:
    server.answer = lambda _: Answer(status, {"content-type": "application/xml"}, body.encode())
    bucket = opened(store_at(scheme, server.server_address[1]), patience=0)

    for ask in (lambda: bucket.exists("organizations/acme"), lambda: bucket.create("x/y", {})):
        with pytest.raises(LtictlError) as refused:
            ask()
        error = refused.value
        assert error.code == code
        assert words in f"{error.why} {error.fix}"
        assert "CANARY-S3-SECRET" not in f"{error.message}{error.why}{error.fix}"


def test_an_emulator_that_names_no_version_is_refused_at_once(server: ExactServer) -> None:
    """As the package gcp-storage-emulator answers: every write succeeds, and has no version."""
    server.answer = lambda request: Answer(200 if request.method == "PUT" else 404)
    bucket = opened(store_at("gs", server.server_address[1]), patience=60)

    with pytest.raises(LtictlError) as refused:
        bucket.standing.check()

    assert refused.value.code == "store_failed"
    assert "does not answer as object storage" in refused.value.message


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_a_login_page_before_the_network_is_no_empty_profile(
    server: ExactServer, scheme: str
) -> None:
    """A portal answers everything with HTTP 200 and a page, which a list can be read from."""
    page = b"<!DOCTYPE html><html><title>Welcome</title></html>"
    headers = {"content-type": "text/html", "etag": '"1"', "last-modified": LATE}
    server.answer = lambda _: Answer(200, headers, page)

    for folder in ("organizations", "integrations", "keys"):
        bucket = opened(store_at(scheme, server.server_address[1]), patience=0)
        with pytest.raises(LtictlError) as refused:
            bucket.list(folder)
        # Azure's client cannot read the page as a list, and is sent to try again.
        assert refused.value.code == ("store_unreachable" if scheme == "az" else "store_failed")


class LargeBucket:
    """Answers as S3 does for 500 documents, of which the last 480 cannot be read for a while.

    Attributes:
        gone: whether that is now.
        asked: the documents that somebody asked for.
    """

    def __init__(self) -> None:
        self.gone = True
        self.asked: set[str] = set()
        self.paths = [f"integrations/i{number:03}" for number in range(500)]

    def __call__(self, request: ReceivedRequest) -> Answer:
        if "list-type" in request.query:
            return Answer(200, {"content-type": "application/xml"}, self._listing())
        path = request.path.removeprefix("/bucket/prod/").removesuffix(".toml")
        self.asked.add(path)
        if self.gone and path not in self.paths[:20]:
            return Answer(503)
        return Answer(200, {"etag": '"1"', "last-modified": LATE}, b"number = 1")

    def _listing(self) -> bytes:
        each = '<LastModified>2026-11-28T12:00:00Z</LastModified><ETag>"1"</ETag><Size>10</Size>'
        found = (f"<Contents><Key>prod/{path}.toml</Key>{each}</Contents>" for path in self.paths)
        return f"<ListBucketResult>{''.join(found)}</ListBucketResult>".encode()


def test_a_list_ends_at_the_first_document_that_stays_out_of_reach(
    server: ExactServer, tmp_path: Path
) -> None:
    """Each of the others would be tried for as long; those before it are not read again."""
    server.answer = answers = LargeBucket()
    store = store_at("s3", server.server_address[1])
    bucket = opened(store, patience=1, cache=tmp_path)

    with pytest.raises(LtictlError) as refused:
        list(bucket.read_many(bucket.list("integrations")))
    assert refused.value.code == "store_unreachable"
    assert len(answers.asked) < len(answers.paths) // 2

    answers.gone, answers.asked = False, set()
    again = opened(store, patience=1, cache=tmp_path)
    assert [path for path, _ in again.read_many(again.list("integrations"))] == answers.paths
    assert answers.asked == set(answers.paths[20:])


def test_a_read_that_hangs_for_all_of_the_time_is_made_once_more(server: ExactServer) -> None:
    """Among thousands of reads one that hangs would end the whole list."""
    store, deadline = store_at("s3", server.server_address[1]), 1
    objects = objects_of(store, deadline)
    bucket = Bucket(objects, StandingDocument(objects, deadline), deadline, ReadCache(None))
    found = Answer(200, {"etag": '"1"', "last-modified": LATE}, b"number = 1")
    answers = iter([replace(found, delay=3), found])
    server.answer = lambda _: next(answers)

    assert bucket.read("organizations/acme")[0]["number"] == 1
    assert objects.requests == 2


def test_a_write_is_not_repeated_for_as_long_as_a_command_may_wait(
    server: ExactServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the store begins when the writes of other machines have ended."""
    assert SEEN_AFTER >= LEASE + settled_writes.TRIED + DEADLINE
    monkeypatch.setattr(settled_writes, "TRIED", 0.1)
    known = {"etag": '"1"', "last-modified": LATE}

    def answer(request: ReceivedRequest) -> Answer:
        is_standing = request.path.endswith("/store.toml")
        return Answer(200, known, STANDING.encode()) if is_standing else Answer(503)

    server.answer = answer
    bucket = opened(store_at("s3", server.server_address[1]), patience=3600)
    with pytest.raises(LtictlError) as refused:
        bucket.create("organizations/acme", {"name": "Acme"})

    assert refused.value.code == "store_outcome_unknown"


def test_a_missing_extra_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    (tmp_path / "obstore").mkdir()
    (tmp_path / "obstore" / "__init__.py").write_text("raise ImportError")
    member = TeamMember(store_at("s3", 1), tmp_path / "home")
    path = f"{tmp_path}:{Path(__file__).parents[2]}"

    for command in (["list"], ["org", "add", "x"], ["store", "check"]):
        done = member(*command, "--json", env={"PYTHONPATH": path})
        assert (done.code, done.error["code"]) == (2, "store_extra_missing")
        assert "pip install 'ltictl[cloud]'" in done.error["fix"]


def test_a_check_that_was_killed_leaves_a_store_that_can_be_checked(
    seaweed_server: Server, tmp_path: Path
) -> None:
    store = seaweed_server.store(begun=False)
    watch = Watch()
    with FaultyProxy(seaweed_server.port, delay=0.05) as proxy:
        proxy.watch(store, watch)
        member = TeamMember(proxy.before(store), tmp_path / "home")
        run = member.start("store", "check")
        deadline = time.monotonic() + 30
        while not any(each.kind.startswith("PUT") for each in watch.turns):
            assert time.monotonic() < deadline, run.output("stderr")
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        run.wait(15)
        member.close()

    left = [each.name for each in objects_of(store).list("")]
    assert all(name.startswith("checks/") for name in left)
    bucket = opened(store)
    assert all(rule.kept for rule in bucket.standing.check())
    bucket.create("organizations/acme", {"name": "Acme"})
    assert bucket.exists("organizations/acme")


def test_a_move_that_was_cut_off_refuses_writes_and_says_where_to(
    seaweed_server: Server, tmp_path: Path
) -> None:
    """The source is marked before the first copy; the mark is the answer to every later write."""
    source, target = seaweed_server.store(), seaweed_server.store()
    member = TeamMember(source, tmp_path / "home")
    member("init", "--name", "Tool", "--url", "https://tool.invalid").assert_success()
    member("org", "add", "acme").assert_success()
    opened(source).standing.mark_moved(target.url)
    fresh = TeamMember(source, tmp_path / "other")  # a machine that has not seen the store before

    refused = fresh("org", "add", "late", "--json")
    assert refused.error["code"] == "store_moved"
    assert target.url in refused.error["fix"] + refused.error["message"]
    assert fresh("org", "list", "--json").data["organizations"] != []
