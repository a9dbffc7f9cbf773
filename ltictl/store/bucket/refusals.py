"""The errors of object storage, each with the cause that its code word names."""

import re
from typing import Final

from ltictl.errors import LtictlError

_CODE: Final = re.compile(r"<Code>([A-Za-z0-9]{1,60})</Code>|\"reason\": ?\"([A-Za-z]{1,60})\"")
_STATUS: Final = re.compile(r"non-2xx status code: (\d{3})")
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"})
_SKEWED: Final = frozenset({"RequestTimeTooSkewed", "RequestExpired"})
_REGION: Final = frozenset(
    {
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "TemporaryRedirect",
    }
)
_CREDENTIALS: Final = frozenset(
    {
        *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"),
        *("AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo"),
        *("TokenRefreshRequired", "InvalidClientTokenId", "NoAuthenticationInformation"),
    }
)
# The addresses and words of a search for credentials that found none.
_UNSIGNED: Final = ("169.254.", "metadata.google", "credential ", "missing account")
# The right that each kind of request needs, by the names of S3, Google Cloud Storage and Azure.
_RIGHTS: Final = {
    "read": "s3:GetObject, storage.objects.get, .../blobs/read",
    "list": "s3:ListBucket, storage.objects.list, .../blobs/read",
    "write": "s3:PutObject, storage.objects.create and .update, .../blobs/write",
    "delete": "s3:DeleteObject, storage.objects.delete, .../blobs/delete",
}


def code_word(words: str) -> str:
    """Return the word by which a server names its refusal, empty if it names none."""
    found = _CODE.search(words)
    return (found.group(1) or found.group(2)) if found else ""


def is_passing(words: str) -> bool:
    """Return whether the same request may succeed in a moment."""
    status = _STATUS.search(words)
    if status is None:
        return not any(sign in words.lower() for sign in _UNSIGNED)
    return int(status.group(1)) >= 500 or status.group(1) in {"408", "409", "429"}  # noqa: PLR2004


def refused(place: str, kind: str, words: str) -> LtictlError:
    """Return the error for a request that the server refused or did not get.

    Args:
        place: the store's address, to be shown.
        kind: ``read``, ``list``, ``write`` or ``delete``.
        words: the client library's whole error.
    """
    # Only the code word is shown: the library's words hold addresses, which may be signed.
    code = code_word(words)
    status = _STATUS.search(words)
    forbidden = "PermissionDenied" in words or (status is not None and status.group(1) == "403")
    unsigned = any(sign in words.lower() for sign in _UNSIGNED)
    causes = (
        (code in _NO_BUCKET, no_bucket(place)),
        (code in _SKEWED, _skewed(place)),
        (code in _REGION, _other_region(place)),
        (unsigned, _no_credentials(place)),
        (code in _CREDENTIALS or "Unauthenticated" in words, _bad_credentials(place, code)),
        (forbidden, _no_right(place, kind, code)),
        (status is None, unreachable(place)),
    )
    said = code or (f"HTTP {status.group(1)}" if status else "")
    return next((error for fits, error in causes if fits), _failed(place, kind, said))


def _failed(place: str, kind: str, said: str) -> LtictlError:
    return LtictlError(
        "store_failed",
        f"The store {place} refused to {kind} ({said}).",
        why="The service is failing, or answers as no object storage does.",
        fix="Run the same command again; if it stays so, run 'ltictl store check'.",
    )


def no_bucket(place: str) -> LtictlError:
    """Return the error for a bucket or container that does not exist."""
    return LtictlError(
        "store_not_found",
        f"The bucket of {place} is not there.",
        why="Its name is misspelt, or it was not made yet: ltictl makes no buckets.",
        fix="Make it with versioning switched on, or correct [store] url.",
    )


def unreachable(place: str) -> LtictlError:
    """Return the error for a store that no request reached."""
    return LtictlError(
        "store_unreachable",
        f"The store {place} could not be reached.",
        why="The network or the service is down, or the endpoint is another one.",
        fix="Run the same command again when it is back.",
    )


def unknown_outcome(place: str, path: str) -> LtictlError:
    """Return the error for a write that got no answer at any try."""
    return LtictlError(
        "store_outcome_unknown",
        f"The store {place} did not answer: whether {path} was written is not known.",
        why="The connection broke after the request had left, and the store is out of reach now.",
        fix="Run the same command again when it is back: it finds what was written.",
    )


def _skewed(place: str) -> LtictlError:
    return LtictlError(
        "store_clock_skew",
        f"The store {place} refuses requests from this computer's clock.",
        why="The clock is wrong by more than 15 minutes; signed requests hold the time.",
        fix="Set the clock of this computer by NTP, then run the command again.",
    )


def _other_region(place: str) -> LtictlError:
    return LtictlError(
        "store_wrong_region",
        f"The bucket of {place} lies in another region.",
        why="Requests are signed for a region, and AWS_REGION names another one, or none.",
        fix="Set AWS_REGION to the region of the bucket.",
    )


def _no_right(place: str, kind: str, code: str) -> LtictlError:
    said = f" ({code})" if code else ""
    return LtictlError(
        "store_forbidden",
        f"The store {place} does not allow these credentials to {kind}{said}.",
        why=f"They lack a right: {_RIGHTS[kind]}.",
        fix="Add it to the role or policy; 'ltictl help shared-profile' has one for each task.",
    )


def _bad_credentials(place: str, code: str) -> LtictlError:
    said = f" ({code})" if code else ""
    return LtictlError(
        "store_credentials",
        f"The store {place} does not know these credentials, or they have expired{said}.",
        why="The key, the token or the role of this shell is another one, or too old.",
        fix="Get fresh credentials, as your cloud's own command line does, and run it again.",
    )


def _no_credentials(place: str) -> LtictlError:
    return LtictlError(
        "store_credentials",
        f"No credentials for the store {place} were found.",
        why="The environment holds none, and this machine has no role.",
        fix="Set the variables of your cloud, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
        "'ltictl help shared-profile' names them.",
    )
