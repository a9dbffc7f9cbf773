"""The objects of one bucket as bytes: read, written on a condition, listed."""

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from ltictl.errors import LtictlError, UsageError
from ltictl.store.bucket.address import Address
from ltictl.store.bucket.refusals import (
    code_word,
    is_passing,
    no_bucket,
    no_object_store,
    request_refused,
)
from ltictl.store.folder import ConflictError, MissingError

_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound"})
_PAGE: Final = 1000
DEADLINE: Final = 10.0  # seconds of one request
_WEB_PAGE: Final = re.compile(rb"\s*<(?:!doctype html|html|head)\b", re.IGNORECASE)
_LOOPBACK: Final = ("http://127.", "http://localhost", "http://[::1]")
_ENDPOINTS: Final = (
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AZURE_ENDPOINT"),
    *("AZURE_STORAGE_ENDPOINT", "GOOGLE_BASE_URL"),
)


class Tag(Struct, frozen=True):
    """The state of an object in the server's words; nobody but the server may interpret it."""

    e_tag: str = ""
    version: str = ""


class ListedObject(Struct, frozen=True):
    """An object in a listing."""

    name: str
    size: int
    tag: Tag


# Every request is made once here: only the caller knows what a lost answer means.
class PassingError(Exception):
    """The server was busy or gave no answer; it may have carried the request out."""

    def __init__(self, words: str) -> None:
        super().__init__("no answer")
        self.words = words


class Objects:
    """The objects below one address.

    Args:
        address: the bucket and the prefix.
        environment: of the process, with credentials and endpoints.
        seconds: deadline of one request.
    """

    def __init__(
        self,
        address: Address,
        environment: Mapping[str, str] = os.environ,
        seconds: float = DEADLINE,
    ) -> None:
        self.place = str(address)
        self.requests = 0
        self._store = _opened(address, environment, seconds)

    def get(self, name: str) -> tuple[bytes, Tag]:
        """Return the content and the state of an object.

        Raises:
            MissingError: there is none.
            PassingError, LtictlError: it could not be read.
        """
        import obstore

        with self._request("read", name):
            found = obstore.get(self._store, name)
            body = bytes(found.bytes())
        if _WEB_PAGE.match(body):
            raise no_object_store(self.place, "It answered with a web page, as a login page does.")
        return body, _tag(found.meta)

    def put(self, name: str, body: bytes, tag: Tag | None) -> Tag:
        """Write a new object (``tag`` is ``None``), or replace one in that state.

        Raises:
            ConflictError: another state is there.
            PassingError, LtictlError: it is not known whether it was written, or it was refused.
        """
        import obstore

        # A member that is None is refused by some servers.
        wanted = {"e_tag": tag.e_tag, "version": tag.version} if tag else {}
        mode: Any = {key: value for key, value in wanted.items() if value} or "create"
        with self._request("write", name):
            return _tag(obstore.put(self._store, name, body, mode=mode, use_multipart=False))

    def erase(self, name: str) -> None:
        """Delete an object in any state.

        Raises:
            PassingError, LtictlError: it was refused.
        """
        import obstore

        # Object storage deletes on no condition: only names that no other run uses may be erased.
        with contextlib.suppress(MissingError), self._request("delete", name):
            obstore.delete(self._store, name)

    def list(self, prefix: str) -> Iterator[ListedObject]:
        """Yield the objects below ``prefix`` in any order.

        Raises:
            PassingError, LtictlError: they cannot be listed.
        """
        import obstore

        pages = obstore.list(self._store, prefix or None, chunk_size=_PAGE)
        more = True
        while more:
            with self._request("list", prefix):
                page = next(pages, ())
            for each in page:
                yield ListedObject(str(each["path"]), int(each["size"]), _tag(each))
            more = len(page) == _PAGE

    @contextlib.contextmanager
    def _request(self, kind: str, name: str) -> Iterator[None]:
        """Count a request, and translate the client library's errors."""
        from obstore import exceptions as known

        self.requests += 1
        try:
            yield
        except (known.AlreadyExistsError, known.PreconditionError) as error:
            # S3's 409 asks for another try. A read has no condition that could fail: it met a
            # container that is about to go (409), or a server that is no object store (412).
            if kind != "write" or code_word(str(error)) == "ConditionalRequestConflict":
                raise self._failure(kind, error) from None
            raise ConflictError(name) from None
        except FileNotFoundError as error:
            if code_word(str(error)) in _NO_BUCKET:
                raise no_bucket(self.place) from None
            raise MissingError(name) from None
        except (known.BaseError, OSError) as error:
            # Not chained: the library's words hold addresses, which may be signed, and headers.
            raise self._failure(kind, error) from None

    def _failure(self, kind: str, error: Exception) -> PassingError | LtictlError:
        words = f"{type(error).__name__}: {error}"
        return (
            PassingError(words) if is_passing(words) else request_refused(self.place, kind, words)
        )


def _tag(meta: Any) -> Tag:
    """Return the state that an answer names."""
    e_tag = meta.get("e_tag") or ""
    # Azure leaves the quotes out of some answers, and takes the state in quotes only.
    if e_tag and not e_tag.endswith('"'):
        e_tag = f'"{e_tag}"'
    return Tag(e_tag, meta.get("version") or "")


def _opened(address: Address, environment: Mapping[str, str], seconds: float) -> Any:
    try:
        from obstore import store as kinds
    except ImportError:
        raise UsageError(
            "store_extra_missing",
            f"{address} lies in object storage, and the client for it is not installed.",
            why="It is an extra of ltictl, since most profiles are folders.",
            fix="Run: pip install 'ltictl[cloud]'",
        ) from None
    made = {"s3": kinds.S3Store, "gs": kinds.GCSStore, "az": kinds.AzureStore}[address.scheme]
    try:
        return made(
            address.bucket,
            prefix=address.prefix or None,
            client_options=_client_options(environment, seconds),
            retry_config={"max_retries": 0},  # a write that is repeated unseen meets itself
            **_named_otherwise(address.scheme, environment),
        )
    except Exception as error:  # noqa: BLE001  its classes differ from setting to setting
        raise request_refused(str(address), "read", f"credential {type(error).__name__}") from None


def _client_options(environment: Mapping[str, str], seconds: float) -> dict[str, Any]:
    """Return the options of the client library."""
    endpoint = next((environment[each] for each in _ENDPOINTS if environment.get(each)), "")
    # Plain http only to this machine, or where the cloud's own variable allows it.
    allowed = environment.get("AWS_ALLOW_HTTP", "").lower() in {"1", "true"}
    local = endpoint.lower().startswith(_LOOPBACK)
    return {
        "allow_http": allowed or local,
        "timeout": f"{max(1, round(seconds))}s",
        "connect_timeout": f"{max(1, round(min(seconds, 5)))}s",
    }


def _named_otherwise(scheme: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return settings whose variables the client library does not read."""
    if scheme == "az" and environment.get("AZURE_ENDPOINT"):
        return {"endpoint": environment["AZURE_ENDPOINT"]}
    if scheme == "s3" and environment.get("AWS_ENDPOINT_URL_S3"):
        return {"endpoint": environment["AWS_ENDPOINT_URL_S3"]}
    return {}
