"""Addresses of shared stores, and the errors for what object storage refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltictl.errors import UsageError
from ltictl.store.bucket.address import is_address, parse_address
from ltictl.store.bucket.refusals import is_passing, request_refused

SECRET = "SECRETKEY"
OLD_DATE = "<AuthenticationErrorDetail>Request date header too old</AuthenticationErrorDetail>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://bucket/prod", "s3://bucket/prod"),
        ("s3://bucket", "s3://bucket"),
        ("S3://bucket/a/b/", "s3://bucket/a/b"),
        ("gs://bucket/x", "gs://bucket/x"),
        ("az://container/x", "az://container/x"),
        ("file:///var/lib/ltictl", "file:///var/lib/ltictl"),
    ],
)
def test_an_address_is_read(text: str, shown: str) -> None:
    assert is_address(text)
    assert str(parse_address(text, "test")) == shown


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ftp://host/x", "unknown_store_scheme"),
        ("s3://", "invalid_store"),
        (f"s3://key:{SECRET}@bucket/x", "invalid_store"),
        (f"az://container/x?sig={SECRET}", "invalid_store"),
        ("s3://bucket/../other", "invalid_store"),
        ("s3://bucket/a//b", "invalid_store"),
        ("s3://bucket/" + "x" * 600, "invalid_store"),
        ("file://host/x", "invalid_store"),
        ("file:///", "invalid_store"),
    ],
)
def test_another_text_is_refused_and_not_repeated(text: str, code: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_address(text, "test")
    assert refusal.value.code == code
    assert SECRET not in f"{refusal.value.message}{refusal.value.why}{refusal.value.fix}"
    assert refusal.value.fix


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s3://key:secret@bucket/x", "Credentials"),
        ("s3://bucket/" + "x" * 600, "500 characters"),
        ("s3://bucket/a b", "takes others alike"),
        ("file://host/x", "three slashes"),
    ],
)
def test_each_refusal_has_a_reason_of_its_own(text: str, why: str) -> None:
    with pytest.raises(UsageError) as refusal:
        parse_address(text, "test")
    assert why in refusal.value.why


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    given_text = f"s3://{text}"
    plain = all(each.isascii() and (each.isalnum() or each in "._-/") for each in text)
    try:
        address = parse_address(given_text, "test")
    except UsageError:
        assert not plain or text.startswith(("/", ".")) or "/." in text or "//" in text or not text
    else:
        assert plain
        assert parse_address(str(address), "test") == address


def client_error(status: int, code: str) -> str:
    return (
        f"Generic: Error performing GET https://h/b?sig={SECRET} - Server returned non-2xx status "
        f"code: {status} X: <Error><Code>{code}</Code></Error>"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (client_error(404, "NoSuchBucket"), "store_not_found"),
        (client_error(404, "ContainerNotFound"), "store_not_found"),
        (client_error(403, "RequestTimeTooSkewed"), "store_clock_skew"),
        (client_error(301, "PermanentRedirect"), "store_wrong_region"),
        (client_error(400, "AuthorizationHeaderMalformed"), "store_wrong_region"),
        (client_error(403, "SignatureDoesNotMatch"), "store_credentials"),
        (client_error(400, "ExpiredToken"), "store_credentials"),
        (client_error(403, "AccessDenied"), "store_forbidden"),
        (client_error(403, "AuthorizationPermissionMismatch"), "store_forbidden"),
        (client_error(400, "Nonsense"), "store_failed"),
        (client_error(403, "AuthenticationFailed") + OLD_DATE, "store_clock_skew"),
        ("Received redirect without LOCATION, this normally ...", "store_wrong_region"),
        ("Unable to extract metadata from headers: ETag Header missing", "store_failed"),
        ("Error performing PUT http://169.254.169.254/latest/api/token", "store_credentials"),
        ("HTTP error: error sending request", "store_unreachable"),
    ],
)
def test_a_refusal_has_its_own_words_and_no_foreign_ones(text: str, code: str) -> None:
    error = request_refused("s3://bucket/prod", "write", text)

    assert error.code == code
    assert error.why
    assert error.fix
    assert SECRET not in f"{error.message}{error.why}{error.fix}"


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        (client_error(503, "SlowDown"), True),
        (client_error(500, "InternalError"), True),
        (client_error(409, "ConditionalRequestConflict"), True),
        (client_error(429, "TooMany"), True),
        ("HTTP error: error sending request", True),
        (client_error(501, "NotImplemented"), False),
        ("Received redirect without LOCATION, this normally ...", False),
        ("Unable to extract metadata from headers: ETag Header missing", False),
        (client_error(403, "AccessDenied"), False),
        (client_error(400, "ExpiredToken"), False),
        ("Error performing PUT http://169.254.169.254/latest/api/token", False),
    ],
)
def test_a_passing_trouble_is_no_refusal(text: str, passing: bool) -> None:
    assert is_passing(text) is passing


@pytest.mark.parametrize(("scheme", "right"), [("s3", "s3:"), ("gs", "storage."), ("az", "blobs/")])
@pytest.mark.parametrize("kind", ["read", "list", "write", "delete"])
def test_a_missing_right_has_the_name_that_its_cloud_gives_it(
    scheme: str, right: str, kind: str
) -> None:
    error = request_refused(f"{scheme}://bucket/prod", kind, client_error(403, "AccessDenied"))

    named = error.why.removeprefix("The request needs ").removesuffix(".").split(" and ")
    assert named
    assert all(right in each for each in named)
