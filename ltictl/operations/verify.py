"""Prove from outside that an integration works: the key sets, and a token for its services."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ltictl.errors import LtictlError
from ltictl.lti.access_token import TokenAnswer, read_token_answer, token_request
from ltictl.lti.client_assertion import client_assertion
from ltictl.lti.strict_json import JsonError, parse_object
from ltictl.lti.vocabulary import short_scope
from ltictl.model.integration import Integration
from ltictl.model.profile import KeyManager
from ltictl.model.signing_key import SigningKey
from ltictl.net.client import GuardedClient, GuardPolicy
from ltictl.operations.checks import Check, Verdict, worst
from ltictl.operations.context import Context
from ltictl.operations.signing import current_key

_DEADLINE = 15.0
_JTI_BYTES = 18


@dataclass(frozen=True, slots=True)
class Verification:
    """All checks of one integration."""

    id: str
    checks: tuple[Check, ...]

    @property
    def result(self) -> Verdict:
        """The worst of them."""
        return worst(self.checks)


def verify(
    context: Context, policy: GuardPolicy, identifiers: Sequence[str]
) -> tuple[Verification, ...]:
    """Check integrations and note the scopes that their tokens carry.

    Args:
        context: the profile.
        policy: what the way out allows.
        identifiers: which ones.

    Raises:
        NotFoundError: one does not exist.
    """
    context.profile.require()
    chosen = [context.profile.integrations.get(each) for each in dict.fromkeys(identifiers)]

    async def all_of_them() -> list[Verification]:
        async with GuardedClient(policy) as client:
            return [await _verified(context, client, each) for each in chosen]

    return tuple(asyncio.run(all_of_them()))


async def _verified(
    context: Context, client: GuardedClient, integration: Integration
) -> Verification:
    settings = context.profile.settings()
    own = settings.keys.managed_by is KeyManager.LTICTL
    key = current_key(context) if own else None
    jwks_uri = settings.tool.jwks_uri.replace("{integration}", integration.id)
    checks = [
        await _platform_key_set(client, integration),
        await _tool_key_set(client, jwks_uri, key),
        await _token(context, client, integration, key),
    ]
    return Verification(integration.id, tuple(checks))


async def _platform_key_set(client: GuardedClient, integration: Integration) -> Check:
    problem, kids = await _kids(client, integration.platform.jwks_uri)
    if problem:
        fix = "Ask the LMS's administrators; launches cannot be checked without its keys."
        return Check("platform_key_set", Verdict.FAIL, problem, fix)
    return Check("platform_key_set", Verdict.PASS, f"{len(kids)} key(s)")


async def _tool_key_set(client: GuardedClient, url: str, key: SigningKey | None) -> Check:
    problem, kids = await _kids(client, url)
    fix = f"Serve the output of 'ltictl jwks' at {url}."
    if problem:
        return Check("tool_key_set", Verdict.FAIL, problem, fix)
    if key is not None and key.kid not in kids:
        return Check("tool_key_set", Verdict.FAIL, f"{key.kid} is not published there", fix)
    return Check("tool_key_set", Verdict.PASS, f"{len(kids)} key(s)")


async def _kids(client: GuardedClient, url: str) -> tuple[str, list[str]]:
    try:
        reply = await client.get(url, deadline=_DEADLINE)
        keys = parse_object(reply.body).get("keys")
    except LtictlError as error:
        return error.message, []
    except JsonError as error:
        return f"{url} is no key set: {error}", []
    if reply.status != 200 or not isinstance(keys, list) or not keys:  # noqa: PLR2004  RFC 9110
        return f"{url} is no key set (HTTP {reply.status})", []
    return "", [str(each.get("kid")) for each in keys if isinstance(each, dict)]


async def _token(
    context: Context, client: GuardedClient, integration: Integration, key: SigningKey | None
) -> Check:
    scopes = integration.scopes.requested
    if key is None:
        return Check("token", Verdict.UNKNOWN, "the running tool holds the private key")
    if not scopes:
        return Check("token", Verdict.UNKNOWN, "no service was asked for")
    try:
        answer = await request_token(context, client, integration, key)
    except LtictlError as error:
        return Check("token", Verdict.FAIL, error.message, error.fix)
    if answer.granted is None:
        fix = "Check that the tool is active in the LMS and that its key set is reachable for it."
        return Check("token", Verdict.FAIL, f"the LMS refused: {answer.error}", fix)
    granted = answer.granted
    context.profile.integrations.change(
        integration.id, lambda now: replace(now, scopes=replace(now.scopes, granted=granted))
    )
    missing = [short_scope(each) for each in scopes if each not in granted]
    if missing:
        fix = "If the tool needs them, ask the LMS's administrators to allow them."
        return Check("token", Verdict.WARN, f"not granted: {', '.join(missing)}", fix)
    return Check("token", Verdict.PASS, f"{len(granted)} service(s) granted")


async def request_token(
    context: Context, client: GuardedClient, integration: Integration, key: SigningKey
) -> TokenAnswer:
    """Ask for a token with all scopes that were registered.

    Raises:
        LtictlError: the key cannot be read, or the platform not reached.
    """
    deployments = integration.deployments
    assertion = client_assertion(
        context.profile.private_keys.read(key.kid),
        key.kid,
        client_id=integration.client_id,
        audience=integration.platform.audience,
        now=context.now(),
        jti=context.random_text(_JTI_BYTES),
        deployment_id=deployments[0].id if len(deployments) == 1 else "",
    )
    scopes = integration.scopes.requested
    reply = await client.post(
        integration.platform.token_endpoint,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
        content=token_request(assertion, scopes),
        deadline=_DEADLINE,
    )
    return read_token_answer(reply.status, reply.body, scopes)
