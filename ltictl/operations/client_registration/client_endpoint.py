"""Send requests to a registration's own address at its LMS (RFC 7592)."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ltictl.errors import LtictlError, RefusedError
from ltictl.lti.answer import ACCESS_TOKEN, UnusableAnswerError, read_registration_of
from ltictl.lti.refusal import read_refusal
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import SCOPES
from ltictl.model.attempt import Answer
from ltictl.model.integration import Integration
from ltictl.model.platform import Platform
from ltictl.model.web_address import WebAddress
from ltictl.operations.ask_token import DEADLINE, access_token, ready_signer
from ltictl.operations.attempts.exchange import answer_of
from ltictl.operations.attempts.scrub import blank_secrets
from ltictl.operations.context import Context
from ltictl.operations.signing import current_key
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_GONE = frozenset({401, 403, 404, 410})
_NOT_OFFERED = 405  # RFC 7592, 2.3


class ClientEndpoint(Struct, frozen=True):
    """The address of one registration for one run."""

    context: Context
    client: "GuardedClient"
    integration: Integration

    async def read(self, token: str) -> Answer:
        """Read the registration at the LMS (RFC 7592, 2.1).

        Raises:
            UnreachableError: the LMS sent no whole answer.
        """
        return await self._call("GET", token)

    async def delete(self) -> None:
        """Remove the registration (RFC 7592, 2.3).

        Raises:
            LtictlError: the LMS refused, or could not be reached.
        """
        integration = self.integration
        stored = self.context.profile.secrets.get(integration.id, ACCESS_TOKEN)
        answer = await self._call("DELETE", stored)
        # A refusal may bring a new token too, and the tool is still there then.
        keep_fresh_token(self.context, integration.id, answer)
        if not answer.succeeded:
            family = family_of(integration.platform.family)
            raise refusal(
                integration.platform,
                answer,
                gone=f"If it is gone there: ltictl remove {integration.id}",
                by_hand=f"Delete it there: {family.removal}.",
            )

    async def token(self) -> str:
        """Return the token for the address: the registration's own, or one from the token endpoint.

        Raises:
            LtictlError: the LMS gives none.
        """
        stored = self.context.profile.secrets.get(self.integration.id, ACCESS_TOKEN)
        if stored:
            return stored
        signer, scopes = (
            ready_signer(self.context, current_key(self.context)),
            SCOPES["registration"],
        )
        return await access_token(self.context, self.client, self.integration, signer, (scopes,))

    async def _call(self, method: str, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        uri = self.integration.client_uri
        reply = await self.client.send(method, uri, headers=headers, deadline=DEADLINE)
        answer = answer_of(reply)
        # Some LMSs repeat the token that they refuse, and refusals are quoted.
        return answer if answer.succeeded else blank_secrets(answer, (token,))


def keep_fresh_token(context: Context, identifier: str, answer: Answer) -> None:
    """Store the new token in an answer, if there is one.

    Raises:
        LtictlError: it could not be stored.
    """
    try:
        fresh = parse_object(answer.body).get(ACCESS_TOKEN)
    except JsonError:
        return
    # Before the rest of the answer is judged: a new token may void the old one (RFC 7592, 3).
    former = context.profile.secrets.get(identifier, ACCESS_TOKEN)
    if isinstance(fresh, str) and fresh not in {"", former}:
        context.profile.secrets.keep(identifier, {ACCESS_TOKEN: fresh})


def registration_in(answer: Answer, integration: Integration) -> dict[str, Any]:
    """Return the registration in an answer of the LMS.

    Raises:
        RefusedError: the answer is a refusal, no JSON object, or about another client.
    """
    if not answer.succeeded:
        raise refusal(integration.platform, answer)
    try:
        read_registration_of(answer, integration.client_id)
    except UnusableAnswerError as error:
        raise _unusable(integration.platform.host, str(error)) from error
    return dict(parse_object(answer.body))


def refusal(
    platform: Platform,
    answer: Answer,
    *,
    gone: str = "If the tool is gone, register it again.",
    by_hand: str = "",
) -> RefusedError:
    """Return the error for a refusal of the LMS.

    Args:
        platform: the LMS.
        answer: its answer.
        gone: the remedy where the LMS has lost the tool.
        by_hand: the remedy where the LMS does not offer it; empty for a change by hand.
    """
    family, host = family_of(platform.family), platform.host
    report = read_refusal(answer.status, answer.body).report
    why = "The LMS did not accept what the tool wants; nothing was changed there."
    fix = "Correct what it names in profile.toml, and run the command again."
    if answer.status in _GONE:
        why = "The tool was deleted in the LMS, or may not change its registration any more."
        fix = f"In the LMS: {family.place}. {gone}"
    if answer.status == _NOT_OFFERED:
        why = "The LMS does not offer that."
        fix = by_hand or f"Change it there by hand: {family.editing}."
    return RefusedError("change_refused", f"{host} refused {report}.", why=why, fix=fix)


def require_own_host(integration: Integration) -> None:
    """Raise an error where the address is at a host that nobody saw before the registration.

    Raises:
        LtictlError: ``client_uri_elsewhere``.
    """
    platform = integration.platform
    # The request carries a secret, which may go only to hosts that a person has seen.
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
