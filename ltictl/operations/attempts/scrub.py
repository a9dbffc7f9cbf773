"""Remove secrets from the words of an LMS: some repeat the token that they refuse."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from ltictl.errors import LtictlError
from ltictl.lti.echoed_token import SHOWN, without_token
from ltictl.lti.registration_token import token_digest
from ltictl.model.attempt import Answer, Attempt
from ltictl.model.record import replace

_SHORTEST = 6  # shorter texts would blank out innocent words


def secrets_of(url: str) -> tuple[str, ...]:
    """Return the parts of a URL that may be secrets: its query, and each value in it."""
    query = urlsplit(url).query
    values = (value for _, value in parse_qsl(query))
    return tuple(each for each in (query, *values) if len(each) >= _SHORTEST)


def without_echo(answer: Answer, attempt: Attempt, secrets: Iterable[str] = ()) -> Answer:
    """Return an answer without the attempt's token, for quoting or storing it elsewhere."""
    body = without_token(answer.body, attempt.token_sha256, attempt.token_length)
    return blank_secrets(replace(answer, body=body), secrets)


def blank_secrets(answer: Answer, secrets: Iterable[str]) -> Answer:
    """Return an answer in which the given secrets are blanked."""
    body = answer.body
    for secret in secrets:
        body = without_token(body, token_digest(secret), len(secret))
    return replace(answer, body=body)


def scrub(error: LtictlError, secrets: Iterable[str]) -> None:
    """Blank the given secrets in every text of an error."""
    mark = SHOWN.decode()
    for secret in (each for each in secrets if len(each) >= _SHORTEST):
        error.message = error.message.replace(secret, mark)
        error.why = error.why.replace(secret, mark)
        error.fix = error.fix.replace(secret, mark)
        error.data = error.data and {
            name: value.replace(secret, mark) if isinstance(value, str) else value
            for name, value in error.data.items()
        }
    # ``str(error)`` and a traceback read args, not the member.
    error.args = (error.message,)
