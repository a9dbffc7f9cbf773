"""Ask a platform for an access token in the way in which the tool asks (RFC 7523, 2.2)."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import RefusedError
from ltictl.lti.access_token import TokenAnswer, read_token_answer, token_of, token_request
from ltictl.lti.client_assertion import client_assertion
from ltictl.lti.keys import private_key
from ltictl.lti.vocabulary import short_scope
from ltictl.model.integration import Integration
from ltictl.model.record import replace
from ltictl.model.signing_key import SigningKey
from ltictl.net.failures import Failure, UnreachableError
from ltictl.operations.clock import clock_offset
from ltictl.operations.context import Context
from ltictl.operations.key_signer import sign_with_held
from ltictl.operations.signing import require_private_half, signing_pem
from ltictl.platforms.causes import says

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from ltictl.net.client import GuardedClient
    from ltictl.net.reply import Reply

DEADLINE = 15.0
_JTI_BYTES = 18


class Signer(Struct, frozen=True):
    """A signing key for many assertions.

    Attributes:
        kid: of the key.
        private: the private half in memory, or the function by which its holder signs bytes.
    """

    kid: str
    private: "RSAPrivateKey | Callable[[bytes], bytes]"


class TokenReply(Struct, frozen=True):
    """The outcome of a token request.

    Attributes:
        answer: the granted scopes, or the refusal.
        clock: seconds by which this computer is ahead of the LMS; ``None`` where it sends no date.
    """

    answer: TokenAnswer
    clock: int | None = None


def ready_signer(context: Context, key: SigningKey) -> Signer:
    """Read the private half of a key for signing, or reach its holder.

    Raises:
        LtictlError: the private half is missing or damaged, or the passphrase does not open it.
    """
    require_private_half(context, key)
    if key.held_as:
        return Signer(key.kid, partial(sign_with_held, context.profile, key))
    return Signer(key.kid, private_key(signing_pem(context, key)))


async def request_token(
    context: Context, client: "GuardedClient", integration: Integration, key: SigningKey
) -> TokenAnswer:
    """Ask once for a token with all scopes that the integration requested.

    Raises:
        LtictlError: the key cannot be read, or the platform not reached.
    """
    signer, scopes = ready_signer(context, key), integration.scopes.requested
    return (await _ask(context, client, integration, signer, scopes)).answer


async def ask_for_each(
    context: Context, client: "GuardedClient", integration: Integration, signer: Signer
) -> TokenReply:
    """Ask for all requested scopes, and one by one where the LMS refuses them together.

    Raises:
        LtictlError: the platform could not be reached.
    """
    scopes = integration.scopes.requested
    reply = await _ask(context, client, integration, signer, scopes)
    if not _refuses_scope(reply.answer) or len(scopes) == 1:
        return reply
    # RFC 6749, 5.2 lets a platform refuse the whole request for one scope that it does not grant.
    granted: list[str] = []
    for scope in scopes:
        each = await _ask(context, client, integration, signer, (scope,))
        granted += each.answer.granted or ()
    return replace(reply, answer=TokenAnswer(tuple(dict.fromkeys(granted)))) if granted else reply


def _refuses_scope(answer: TokenAnswer) -> bool:
    refusal = answer.refusal
    return refusal is not None and (refusal.code == "invalid_scope" or says("scope", refusal.words))


async def access_token(
    context: Context,
    client: "GuardedClient",
    integration: Integration,
    signer: Signer,
    scopes: Sequence[str],
) -> str:
    """Return an access token, a secret, for the next request.

    Raises:
        RefusedError: the platform gives none with these scopes.
        LtictlError: the platform could not be reached.
    """
    reply = await _send(context, client, integration, signer, scopes)
    answer = read_token_answer(reply.status, reply.body, tuple(scopes))
    # RFC 6749, 5.1 lets a platform grant less than was asked for. Such a token would fail at the
    # next request, with words about that request.
    if answer.granted is None or not set(scopes) <= set(answer.granted):
        names = ", ".join(map(short_scope, scopes))
        raise RefusedError(
            "service_refused",
            f"{integration.platform.host} gives the tool no token for {names}"
            f"{': ' + answer.error if answer.error else ''}.",
            why="The service was not asked for at the registration, or is switched off there.",
            fix="Ask the LMS's administrators to allow it, or change the tool there by hand.",
        )
    return token_of(reply.body)


async def _ask(
    context: Context,
    client: "GuardedClient",
    integration: Integration,
    signer: Signer,
    scopes: Sequence[str],
) -> TokenReply:
    before = context.now()
    try:
        reply = await _send(context, client, integration, signer, scopes)
    except UnreachableError as error:
        if error.kind is not Failure.BROKEN_OFF:
            raise
        # A kept connection may have been closed by the platform the moment before; a second
        # token does no harm, and its assertion is a fresh one.
        reply = await _send(context, client, integration, signer, scopes)
    answer = read_token_answer(reply.status, reply.body, tuple(scopes))
    return TokenReply(answer, clock_offset(reply, before, context.now()))


async def _send(
    context: Context,
    client: "GuardedClient",
    integration: Integration,
    signer: Signer,
    scopes: Sequence[str],
) -> "Reply":
    deployments = integration.deployments
    # A holder may take a second for a signature; the other requests go on meanwhile.
    assertion = await asyncio.to_thread(
        client_assertion,
        signer.private,
        signer.kid,
        client_id=integration.client_id,
        audience=integration.platform.audience,
        now=context.now(),
        jti=context.random_text(_JTI_BYTES),
        # LTI Core 1.3, 6.2.1 has room for one deployment, and none of several stands for all.
        deployment_id=deployments[0].id if len(deployments) == 1 else "",
    )
    return await client.post(
        integration.platform.token_endpoint,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
        content=token_request(assertion, scopes),
        deadline=DEADLINE,
    )
