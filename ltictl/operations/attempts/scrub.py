"""Takes an LMS's secrets out of what the LMS itself said: some echo the token that they refuse."""

from urllib.parse import urlsplit

from ltictl.errors import LtictlError

_SHOWN = "[token]"
_SHORTEST = 6  # shorter texts would blank out innocent words


def secrets_of(token: str, *urls: str) -> tuple[str, ...]:
    """What must not be shown: the token, and the queries of URLs that may carry one."""
    found = [token, *(urlsplit(url).query for url in urls)]
    return tuple(each for each in found if len(each) >= _SHORTEST)


def scrub(error: LtictlError, secrets: tuple[str, ...]) -> None:
    """Blank the secrets out of everything that an error shows."""
    for secret in secrets:
        error.message = error.message.replace(secret, _SHOWN)
        error.why = error.why.replace(secret, _SHOWN)
        error.fix = error.fix.replace(secret, _SHOWN)
        error.data = error.data and {
            name: value.replace(secret, _SHOWN) if isinstance(value, str) else value
            for name, value in error.data.items()
        }
    error.args = (error.message,)
