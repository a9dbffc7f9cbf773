"""The errors of object storage, each with the cause that its code word names."""

import re
from typing import Final

from ltictl.errors import LtictlError

_CODE: Final = re.compile(r"<Code>([A-Za-z0-9]{1,60})</Code>|\"reason\": ?\"([A-Za-z]{1,60})\"")
_STATUS: Final = re.compile(r"non-2xx status code: (\d{3})")
_NAMED_REGION: Final = re.compile(r"<Region>([a-z0-9-]{1,30})</Region>")
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName"})
_SKEWED: Final = frozenset({"RequestTimeTooSkewed", "RequestExpired"})
_REGION: Final = frozenset(
    {
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
        "TemporaryRedirect",
        "InvalidRegionName",  # of Cloudflare R2
    }
)
_CREDENTIALS: Final = frozenset(
    {
        *("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"),
        *("AuthenticationFailed", "AuthorizationFailure", "InvalidAuthenticationInfo"),
        *("TokenRefreshRequired", "InvalidClientTokenId", "NoAuthenticationInformation"),
    }
)
# S3 redirects to the bucket's region with no address, and the client library has words of its own.
_BARE_REDIRECT: Final = "redirect without location"
# Azure has no code word of its own for a wrong clock.
_OLD_DATE: Final = "request date header too old"
# The addresses and words of a search for credentials that found none.
_UNSIGNED: Final = ("169.254.", "metadata.google", "credential ", "missing account")
# An answer, but not that of an object store: what every object has is missing.
_FOREIGN: Final = ("unable to extract metadata", "missing from response")
_FINAL_WORDS: Final = (*_UNSIGNED, *_FOREIGN, _BARE_REDIRECT)
_UNKNOWN_REQUEST: Final = "501"  # RFC 9110, 15.6.2: the only 5xx that another try does not mend
_BLOBS: Final = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
# The rights that each kind of request needs, by the clouds' own names.
RIGHTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "s3": {
        # Without the second one S3 refuses to say that an object is missing.
        "read": ("s3:GetObject", "s3:ListBucket"),
        "list": ("s3:ListBucket",),
        "write": ("s3:PutObject",),
        "delete": ("s3:DeleteObject",),
    },
    "gs": {
        "read": ("storage.objects.get",),
        "list": ("storage.objects.list",),
        # Google takes a replacement for a deletion and a creation.
        "write": ("storage.objects.create", "storage.objects.delete"),
        "delete": ("storage.objects.delete",),
    },
    "az": {
        "read": (f"{_BLOBS}/read",),
        "list": (f"{_BLOBS}/read",),
        "write": (f"{_BLOBS}/write",),
        "delete": (f"{_BLOBS}/delete",),
    },
}


def code_word(words: str) -> str:
    """Return the word by which a server names its refusal, empty if it names none."""
    found = _CODE.search(words)
    return (found.group(1) or found.group(2)) if found else ""


def is_passing(words: str) -> bool:
    """Return whether the same request may succeed in a moment."""
    status = _STATUS.search(words)
    if status is None:
        return not _has(words, *_FINAL_WORDS)
    if status.group(1) == _UNKNOWN_REQUEST:
        return False
    return int(status.group(1)) >= 500 or status.group(1) in {"408", "409", "429"}  # noqa: PLR2004


def request_refused(place: str, kind: str, words: str) -> LtictlError:
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
    region = _NAMED_REGION.search(words)
    causes = (
        (code in _NO_BUCKET, no_bucket(place)),
        (code in _SKEWED or _has(words, _OLD_DATE), _skewed(place)),
        (
            code in _REGION or _has(words, _BARE_REDIRECT),
            _other_region(place, region.group(1) if region else ""),
        ),
        (_has(words, *_UNSIGNED), _no_credentials(place)),
        (code in _CREDENTIALS or "Unauthenticated" in words, _bad_credentials(place, code)),
        (forbidden, _no_right(place, kind, code)),
        (_has(words, *_FOREIGN), no_object_store(place)),
        (status is None, unreachable(place)),
    )
    cause = code or (f"HTTP {status.group(1)}" if status else "")
    return next((error for fits, error in causes if fits), _failed(place, kind, cause))


def _has(words: str, *signs: str) -> bool:
    return any(sign in words.lower() for sign in signs)


def no_object_store(
    place: str, why: str = "Its answer names no version of the object, on which every write relies."
) -> LtictlError:
    """Return the error for a server that is no object storage."""
    return LtictlError(
        "store_failed",
        f"The server of {place} does not answer as object storage does.",
        why=why,
        fix="Check the endpoint in the environment, or use a server that passes "
        "'ltictl store check'.",
    )


def _failed(place: str, kind: str, cause: str) -> LtictlError:
    return LtictlError(
        "store_failed",
        f"The store {place} refused to {kind} ({cause}).",
        why="The service is failing, or answers as no object storage does.",
        fix="Run the same command again. If it stays so, check the endpoint in the environment and "
        "the service's own log.",
    )


def no_bucket(place: str) -> LtictlError:
    """Return the error for a bucket or container that does not exist."""
    return LtictlError(
        "store_not_found",
        f"The bucket of {place} is not there.",
        why="Its name is misspelt, or it was not made yet: ltictl makes no buckets.",
        fix="Make it with versioning switched on, or correct the address.",
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


def _other_region(place: str, region: str) -> LtictlError:
    return LtictlError(
        "store_wrong_region",
        f"The bucket of {place} lies in another region{f': {region}' if region else ''}.",
        why="Requests are signed for a region, and AWS_REGION names another one, or none.",
        fix=f"Run: export AWS_REGION={region}"
        if region
        else "Set AWS_REGION to the region of the bucket, which the console of your cloud shows "
        "(Cloudflare R2: auto).",
    )


def _no_right(place: str, kind: str, code: str) -> LtictlError:
    suffix = f" ({code})" if code else ""
    return LtictlError(
        "store_forbidden",
        f"The store {place} does not allow these credentials to {kind}{suffix}.",
        why=f"The request needs {' and '.join(RIGHTS[place.partition(':')[0]][kind])}.",
        fix="Add what is missing to the role; 'ltictl help shared-profile' has a policy for each "
        "task.",
    )


def _bad_credentials(place: str, code: str) -> LtictlError:
    suffix = f" ({code})" if code else ""
    return LtictlError(
        "store_credentials",
        f"The store {place} does not know these credentials, or they have expired{suffix}.",
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
