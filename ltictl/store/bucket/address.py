"""The address of a shared store, such as ``s3://acme-lti-state/prod``."""

from typing import Final

from msgspec import Struct

from ltictl.errors import UsageError
from ltictl.store.layout import EXAMPLE_STORES

_SCHEMES: Final = ("s3", "gs", "az", "file")
# Names that object storage, web servers and file systems all take as they are.
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_MAX_LENGTH: Final = 500
_NO_CREDENTIALS: Final = (
    "Credentials come from the environment or from the machine's role, never from here."
)


class Address(Struct, frozen=True):
    """The place of a store.

    Attributes:
        scheme: ``s3``, ``gs``, ``az`` or ``file``.
        bucket: the bucket or container, empty for ``file``.
        prefix: the beginning of all documents' names, without slashes at its ends; for ``file``
            the absolute path of the folder.
    """

    scheme: str
    bucket: str
    prefix: str

    def __str__(self) -> str:
        start = f"{self.scheme}://{self.bucket}"
        slash = "/" if self.prefix and not self.is_folder else ""
        return f"{start}{slash}{self.prefix}"

    @property
    def is_folder(self) -> bool:
        """Whether it names a folder of this machine."""
        return self.scheme == "file"


def is_address(text: str) -> bool:
    """Return whether a text is the address of a store, and not a name or a path."""
    return "://" in text


def parse_address(text: str, source: str) -> Address:
    """Parse the address of a store.

    Args:
        text: ``s3://bucket/prefix`` and the like.
        source: the option, variable or setting that it stands in.

    Raises:
        UsageError: ``unknown_store_scheme`` or ``invalid_store``.
    """
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in _SCHEMES:
        raise UsageError(
            "unknown_store_scheme",
            f"{source} names a store of an unknown kind: {scheme[:20]!r}.",
            why="ltictl keeps documents in a folder, S3, Google Cloud Storage or Azure Blob.",
            fix=f"Write it as one of: {EXAMPLE_STORES}.",
        )
    # No error repeats the address, since somebody may have written credentials into it.
    if any(each in rest for each in "?#@"):
        raise _invalid(source, "carries credentials, a query or a fragment", _NO_CREDENTIALS)
    # Query, fragment and user part are refused by now: the rest is a bucket and a path.
    bucket, _, rest = rest.partition("/")
    path = rest.strip("/")
    if len(text) > _MAX_LENGTH:
        raise _invalid(source, "is too long", f"It has more than {_MAX_LENGTH} characters.")
    if scheme.lower() == "file":
        return _folder(source, bucket, path)
    if not all(map(_is_plain, [bucket, *(path.split("/") if path else ())])):
        problem = "has other characters than letters, digits, '.', '_' and '-'"
        raise _invalid(source, problem, "Not every object store and web server takes others alike.")
    return Address(scheme.lower(), bucket, path)


def _folder(source: str, host: str, path: str) -> Address:
    if host not in {"", "localhost"} or not path or "\0" in path:
        why = "It needs an absolute path behind three slashes, and no other host."
        raise _invalid(source, "names no folder of this machine", why)
    return Address("file", "", f"/{path}")


def _is_plain(part: str) -> bool:
    return bool(part) and _PLAIN.issuperset(part) and not part.startswith(".")


def _invalid(source: str, problem: str, why: str) -> UsageError:
    return UsageError(
        "invalid_store",
        f"The address of the store in {source} {problem}.",
        why=why,
        fix=f"Write it as one of: {EXAMPLE_STORES}.",
    )
