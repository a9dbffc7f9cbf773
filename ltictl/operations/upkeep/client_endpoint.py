"""Speak to a registration's own address at the LMS, and never lose the token that opens it.

Each answer may bring a new token and void the old one (RFC 7592, 3): it is durable before anything
else is done with the answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ltictl.errors import LtictlError, RefusedError
from ltictl.lti.answer import read_refusal
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.attempt import Answer
from ltictl.model.integration import Integration
from ltictl.model.web_address import WebAddress
from ltictl.operations.ask_token import DEADLINE, access_token, signer_of
from ltictl.operations.context import Context
from ltictl.operations.signing import current_key
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

TOKEN = "registration_access_token"  # noqa: S105  the name of a member, not a token
_GONE = frozenset({401, 403, 404, 410})
_NOT_OFFERED = 405  # RFC 7592, 2.3


@dataclass(frozen=True, slots=True)
class ClientEndpoint:
    """One registration's address, as one run of a command uses it."""

    context: Context
    client: "GuardedClient"
    integration: Integration

    async def read(self) -> dict[str, Any]:
        """The registration as the LMS has it (RFC 7592, 2.1).

        Raises:
            LtictlError: it could not be had.
        """
        answer = await self._called("GET", SCOPES["registration"], b"")
        return self._document(answer)

    async def write(self, members: Mapping[str, Any]) -> Answer:
        """Replace the registration (RFC 7592, 2.2).

        Raises:
            LtictlError: the LMS refused, or its answer cannot be used.
        """
        content = json.dumps(members).encode()
        answer = await self._called("PUT", SCOPES["registration"], content)
        self._document(answer)
        return answer

    async def delete(self) -> None:
        """Remove the registration (RFC 7592, 2.3).

        Raises:
            LtictlError: the LMS refused.
        """
        await self._called("DELETE", "", b"")

    async def _called(self, method: str, scope: str, content: bytes) -> Answer:
        token = await self._bearer(scope)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if content:
            headers["Content-Type"] = "application/json"
        reply = await self.client.send(
            method,
            self.integration.client_uri,
            headers=headers,
            content=content,
            deadline=DEADLINE,
        )
        self._keep(reply.body)
        answer = Answer(
            reply.status, reply.headers.get("content-type", ""), reply.body, reply.complete
        )
        if not 200 <= reply.status < 300:  # noqa: PLR2004  RFC 9110, 15.3
            raise self._refused(answer)
        return answer

    async def _bearer(self, scope: str) -> str:
        stored = self.context.profile.secret(self.integration.id, TOKEN)
        if stored or not scope:
            return stored
        signer = signer_of(self.context, current_key(self.context))
        return await access_token(self.context, self.client, self.integration, signer, (scope,))

    def _keep(self, body: bytes) -> None:
        """Make a token that replaces the former one durable; whatever else is in the answer."""
        try:
            fresh = parse_object(body).get(TOKEN)
        except JsonError:
            return
        if isinstance(fresh, str) and fresh:
            self.context.profile.keep_secret(self.integration.id, {TOKEN: fresh})

    def _document(self, answer: Answer) -> dict[str, Any]:
        host = self.integration.platform.host
        try:
            document = dict(parse_object(answer.body))
        except JsonError as error:
            raise _unusable(host, str(error)) from error
        if document.get("client_id") != self.integration.client_id:
            raise _unusable(host, "it is about another client")
        return document

    def _refused(self, answer: Answer) -> RefusedError:
        family, host = family_of(self.integration.platform.family), self.integration.platform.host
        words = read_refusal(answer).words
        said = f': "{words}"' if words else ", without a word"
        why = "The LMS did not accept what the tool wants; nothing was changed there."
        fix = "Correct what it names in profile.toml, and run the command again."
        if answer.status in _GONE:
            why = "The tool was deleted in the LMS, or may not change its registration any more."
            fix = f"Look there: {family.switch}. If the tool is gone, register it again."
        if answer.status == _NOT_OFFERED:
            why, fix = "The LMS does not offer that.", f"Do it by hand there: {family.switch}."
        return RefusedError(
            "change_refused", f"{host} refused (HTTP {answer.status}){said}.", why=why, fix=fix
        )


def require_own_host(integration: Integration) -> None:
    """A secret goes to hosts only that were shown before the registration.

    Raises:
        LtictlError: ``client_uri_elsewhere``.
    """
    platform = integration.platform
    shown = (
        platform.issuer,
        platform.token_endpoint,
        platform.registration_endpoint,
        platform.authorization_endpoint,
    )
    hosts = {WebAddress.parse(each).host for each in shown if each}
    target = WebAddress.parse(integration.client_uri, "registration_client_uri")
    if target.host not in hosts:
        raise LtictlError(
            "client_uri_elsewhere",
            f"The LMS named {target.authority} for changes, which is none of its own hosts.",
            why="A secret would be sent to a host that nobody was shown.",
            fix="Change the registration in the LMS itself.",
        )


def _unusable(host: str, why: str) -> RefusedError:
    return RefusedError(
        "answer_unusable",
        f"The answer of {host} cannot be used: {why}.",
        why="The LMS or a proxy before it answered something else than the registration.",
        fix="Try again; if it persists, look at the tool in the LMS.",
    )
