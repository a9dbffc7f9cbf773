"""TLS to platforms: 1.2 or later, every certificate checked for the name, no switch (row 27)."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest

from ltictl.net.client import GuardedClient
from ltictl.net.failures import Failure, UnreachableError
from ltictl.net.policy import GuardPolicy
from tests.support.site import Site
from tests.support.tls import Tls

YESTERDAY = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)


async def local(_: str, __: int) -> list[str]:
    return ["127.0.0.1"]


def fetched(site: Site, ca_file: Path | None) -> int | Failure:
    async def get() -> int:
        policy = GuardPolicy(allow_private=True, ca_file=str(ca_file or ""))
        async with GuardedClient(policy, local) as client:
            return (await client.get(f"{site.origin}/", deadline=5)).status

    try:
        return asyncio.run(get())
    except UnreachableError as error:
        return error.kind


@pytest.fixture
def good(tmp_path: Path) -> Tls:
    return Tls(tmp_path, "lms.example", "*.school.example")


def serve(context: ssl.SSLContext, host: str = "lms.example") -> Site:
    site = Site(host, context)
    site.page("/", "{}")
    return site


@pytest.fixture
def other_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("host", ["lms.example", "LMS.example", "moodle.school.example"])
def test_the_right_name_is_accepted(good: Tls, host: str) -> None:
    with serve(good.server_context(), host) as site:
        assert fetched(site, good.ca_file) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "lms.example.evil.example",
        "a.b.school.example",
        "school.example",
        "127.0.0.1",
    ],
)
def test_a_wrong_name_is_refused(good: Tls, host: str) -> None:
    with serve(good.server_context(), host) as site:
        assert fetched(site, good.ca_file) is Failure.TLS
        assert site.requests == []


def test_an_unknown_authority_is_refused(good: Tls, other_folder: Path) -> None:
    other = Tls(other_folder, "lms.example")
    with serve(good.server_context()) as site:
        assert fetched(site, None) is Failure.TLS
        assert fetched(site, other.ca_file) is Failure.TLS


def test_an_expired_certificate_is_refused(other_folder: Path) -> None:
    expired = Tls(other_folder, "lms.example", not_after=YESTERDAY)
    with serve(expired.server_context()) as site:
        assert fetched(site, expired.ca_file) is Failure.TLS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_protocols_are_not_spoken(good: Tls, version: ssl.TLSVersion) -> None:
    context = good.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = version
    context.maximum_version = version
    with serve(context) as site:
        assert fetched(site, good.ca_file) in {Failure.TLS, Failure.NOT_CONNECTED}
        assert site.requests == []


def test_two_names_on_one_address_share_no_connection(good: Tls) -> None:
    """A pool that knows addresses only would answer for the second name with the first's."""

    async def both(site: Site) -> Failure:
        policy = GuardPolicy(allow_private=True, ca_file=str(good.ca_file))
        async with GuardedClient(policy, local) as client:
            await client.get(f"{site.origin}/", deadline=5)
            with pytest.raises(UnreachableError) as caught:
                await client.get(f"https://evil.example:{site.port}/", deadline=5)
            return caught.value.kind

    with serve(good.server_context()) as site:
        assert asyncio.run(both(site)) is Failure.TLS
        assert len(site.requests) == 1
