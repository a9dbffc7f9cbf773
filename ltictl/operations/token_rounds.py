"""Ask many LMSs for a token with one key, as a proof that they accept it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ltictl.errors import LtictlError
from ltictl.model.few import few
from ltictl.model.integration import Integration
from ltictl.model.signing_key import SigningKey
from ltictl.operations.context import Context
from ltictl.operations.signing import require_private_half

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient
    from ltictl.net.policy import GuardPolicy

_MANY_AT_ONCE = 16


def ask_all(
    context: Context,
    policy: "GuardPolicy",
    integrations: Sequence[Integration],
    key: SigningKey,
) -> dict[str, str]:
    """Ask each integration's LMS for a token that ``key`` signs; the tokens are thrown away.

    Args:
        context: the profile.
        policy: the limits of the requests.
        integrations: the integrations; only those with services and requested scopes count.
        key: the signing key.

    Returns:
        The refusal of each asked integration's LMS, empty where it accepted the key.

    Raises:
        LtictlError: the private half cannot be used at all.
    """
    askable = [
        each for each in integrations if each.scopes.requested and each.platform.has_services
    ]
    if not askable:
        return {}
    require_private_half(context, key)
    return asyncio.run(_round(context, policy, askable, key))


async def _round(
    context: Context, policy: "GuardPolicy", integrations: Sequence[Integration], key: SigningKey
) -> dict[str, str]:
    from ltictl.net.client import GuardedClient

    turn = asyncio.Semaphore(_MANY_AT_ONCE)
    done = 0

    async def one(client: "GuardedClient", integration: Integration) -> tuple[str, str]:
        nonlocal done
        async with turn:
            refusal = await _refusal(context, client, integration, key)
        done += 1
        context.progress(f"{done} of {len(integrations)} asked for a token ...")
        return integration.id, refusal

    async with GuardedClient(policy) as client:
        return dict(await asyncio.gather(*(one(client, each) for each in integrations)))


async def _refusal(
    context: Context, client: "GuardedClient", integration: Integration, key: SigningKey
) -> str:
    from ltictl.operations.ask_token import request_token
    from ltictl.operations.token_refusal import explain_refused_token, facts_of

    try:
        answer = await request_token(context, client, integration, key)
    except LtictlError as error:
        return f"{error.message} {error.fix}".strip()
    refusal = answer.refusal
    # An LMS that says that a scope is not the tool's has recognised the tool before (RFC 6749, 5.2;
    # recordings, 06 score-only-asks-lineitem): the key is accepted, and that is the question here.
    if refusal is None or refusal.code == "invalid_scope":
        return ""
    words, cause = explain_refused_token(integration, refusal, facts_of(integration))
    return f"{words}. {cause.why} {cause.fix}"


def in_one_line(refusals: Mapping[str, str]) -> str:
    """Return the integrations without a token, and the LMSs' words, in one line."""
    parts = [f"{identifier} ({why.rstrip('.')})" for identifier, why in refusals.items() if why]
    return few(parts)
