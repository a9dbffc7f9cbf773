"""Read the answer of an LMS that granted a registration, in all its real forms; pure.

``ltictl.lti.refusal`` reads refusals.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from ltictl.errors import InvalidValueError, OperatorWarning
from ltictl.lti.kept_request import without_secret_members
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import TOOL_CONFIGURATION
from ltictl.model.attempt import Answer
from ltictl.model.integration import check_identifier
from ltictl.model.sentence import Sentence

# The member by whose value the tool may change its registration (RFC 7592, 3).
ACCESS_TOKEN: Final = "registration_access_token"  # noqa: S105  a name, not a token


class UnusableAnswerError(Exception):
    """The LMS reports success, but its answer names no usable client.

    Args:
        problem: why, as the end of a sentence about the answer.
    """

    def __init__(self, problem: Sentence) -> None:
        super().__init__(problem)
        self.problem = problem


class RegistrationAnswer(Struct, frozen=True):
    """A registration as the LMS recorded it.

    Attributes:
        client_id: as issued.
        deployment_id: empty where the answer names none; one may come later.
        scopes: the scopes that the LMS says it recorded, ``None`` where it names none.
        client_uri: ``registration_client_uri`` (RFC 7592), empty if none.
        access_token: ``registration_access_token``, a secret, empty if none.
        document: the answer as JSON text without its secrets.
        warnings: oddities of the answer, one sentence each.
    """

    client_id: str
    deployment_id: str
    scopes: tuple[str, ...] | None
    client_uri: str
    access_token: str
    document: str
    warnings: tuple[str, ...]


def read_registration(answer: Answer) -> RegistrationAnswer:
    """Read a 2xx answer without regard to its content type, which LMSs often get wrong.

    Raises:
        UnusableAnswerError: it is incomplete, not a JSON object, or without a usable client_id.
    """
    if not answer.complete:
        raise UnusableAnswerError(Sentence("it broke off before its end"))
    try:
        document = parse_object(answer.body)
    except JsonError as error:
        raise UnusableAnswerError(error.problem) from error
    client_id, warnings = _identifier(document.get("client_id"), "client_id")
    deployment_id, more = _deployment_id(document)
    return RegistrationAnswer(
        client_id=client_id,
        deployment_id=deployment_id,
        scopes=_scopes(document),
        client_uri=_text(document, "registration_client_uri"),
        access_token=_text(document, ACCESS_TOKEN),
        document=json.dumps(without_secret_members(document)),
        warnings=(*warnings, *more),
    )


def read_registration_of(answer: Answer, client_id: str) -> RegistrationAnswer:
    """Read the answer to a request about the client ``client_id`` (RFC 7592, 2.1 and 2.2).

    Raises:
        UnusableAnswerError: as in ``read_registration``, or the answer is about another client.
    """
    found = read_registration(answer)
    if found.client_id != client_id:
        raise UnusableAnswerError(Sentence("it is about another client"))
    return found


def _identifier(value: object, name: str) -> tuple[str, tuple[str, ...]]:
    warnings: tuple[str, ...] = ()
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
        warnings = (OperatorWarning(f"The LMS sent {name} as a number; it is kept as text."),)
    if not isinstance(value, str):
        raise UnusableAnswerError(Sentence("it holds no {member}", member=name))
    try:
        return check_identifier(value, name), warnings
    except InvalidValueError as error:
        raise UnusableAnswerError(Sentence(f"{error.field} {error.problem}")) from error


def _deployment_id(document: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the deployment id, empty if there is none."""
    # Moodle and Sakai put it into the tool configuration, Canvas at the top.
    configuration = document.get(TOOL_CONFIGURATION)
    inner = configuration.get("deployment_id") if isinstance(configuration, dict) else None
    value = inner if inner is not None else document.get("deployment_id")
    if value is None:
        return "", ()
    try:
        return _identifier(value, "deployment_id")
    except UnusableAnswerError as error:
        return "", (f"The LMS's deployment_id cannot be used: {error}.",)


def _scopes(document: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = document.get("scope")
    return tuple(dict.fromkeys(value.split())) if isinstance(value, str) else None


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
