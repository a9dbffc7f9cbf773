"""Check a token request: granted services, the cause of a refusal, the clocks."""

from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.errors import LtictlError
from ltictl.lti.client_assertion import BACKDATE_SECONDS
from ltictl.lti.refusal import Refusal
from ltictl.lti.vocabulary import short_scope
from ltictl.model.integration import Integration
from ltictl.model.quantity import counted
from ltictl.model.record import replace
from ltictl.operations.ask_token import Signer, TokenReply, ask_for_each
from ltictl.operations.checks.checks import Check, Verdict, on_the_way
from ltictl.operations.context import Context
from ltictl.operations.token_refusal import explain_refused_token, facts_of
from ltictl.platforms.causes import TokenFacts
from ltictl.platforms.family import SET_CLOCK
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient


class TokenFindings(Struct, frozen=True):
    """The findings of a token request.

    Attributes:
        checks: the checks to report.
        granted: the token's scopes, ``None`` where they are unknown.
        audience: another audience that works, empty where the stored one does.
    """

    checks: tuple[Check, ...]
    granted: tuple[str, ...] | None = None
    audience: str = ""


async def check_token(
    context: Context,
    client: "GuardedClient",
    integration: Integration,
    signer: Signer,
    *,
    key_set_passes: bool | None = None,
    authorization_answers: bool | None = None,
) -> TokenFindings:
    """Ask for a token, and once more with another audience where the stored one fails.

    Args:
        context: the profile.
        client: the guarded HTTP client.
        integration: the integration at the LMS.
        signer: the signing key.
        key_set_passes: whether this run found the tool's key set right, ``None`` if unknown.
        authorization_answers: whether the authorization endpoint answered in this run.
    """
    if not integration.platform.has_services:
        detail = "the LMS has no services, so there is no token to ask for"
        return TokenFindings((Check("token", Verdict.PASS, detail),))
    # Some LMSs refuse a request without a scope, which would prove nothing.
    if not integration.scopes.requested:
        detail = "no service was asked for, so no token can be"
        return TokenFindings((Check("token", Verdict.PASS, detail),))
    facts = replace(
        facts_of(integration),
        key_set_passes=key_set_passes,
        authorization_answers=authorization_answers,
    )
    try:
        reply = await ask_for_each(context, client, integration, signer)
        if reply.answer.refusal is None:
            return _findings_of_grant(integration, reply)
        return await _again(context, client, integration, signer, reply, facts)
    except LtictlError as error:
        return TokenFindings((on_the_way("token", error),))


async def _again(
    context: Context,
    client: "GuardedClient",
    integration: Integration,
    signer: Signer,
    reply: TokenReply,
    facts: TokenFacts,
) -> TokenFindings:
    """Ask a second time with the token endpoint as the audience.

    LTI Security 1.0, 4.1.1 lets an LMS name an audience of its own; some refuse the very one that
    they name (recordings, foreign/lti-toolkit).
    """
    platform = integration.platform
    if platform.audience == platform.token_endpoint:
        return _findings_of_refusal(integration, reply, facts)
    other = replace(platform, audience=platform.token_endpoint)
    second = await ask_for_each(context, client, replace(integration, platform=other), signer)
    if second.answer.refusal is not None:
        return _findings_of_refusal(
            integration, reply, replace(facts, tried=(platform.token_endpoint,))
        )
    found = _findings_of_grant(integration, second)
    detail = (
        f"the LMS refuses the audience {platform.audience}, which it names itself, and takes its "
        f"token endpoint {platform.token_endpoint}, which is stored now"
    )
    fix = "Export again, so that your application uses it: ltictl export FORMAT"
    check = Check("audience", Verdict.WARN, detail, fix)
    # Stored at once, so that the next run and the exports use the audience that works.
    return TokenFindings((*found.checks, check), found.granted, platform.token_endpoint)


def tool_holds_key() -> Check:
    """Return the check for a tool that holds its own keys, so that ltictl cannot sign."""
    return Check("token", Verdict.UNKNOWN, "your application holds the private key")


def _findings_of_refusal(
    integration: Integration, reply: TokenReply, facts: TokenFacts
) -> TokenFindings:
    refusal = reply.answer.refusal or Refusal(0)
    words, cause = explain_refused_token(integration, refusal, facts)
    detail, fix = f"{words}. {cause.why}", cause.fix
    # A clock that is off explains many refusals, and LMSs seldom name it.
    if reply.clock is not None and abs(reply.clock) > BACKDATE_SECONDS:
        detail = f"{detail} ({_difference(reply.clock, integration.platform.host)})"
        fix = f"{SET_CLOCK} {fix}" if SET_CLOCK not in fix else fix
    clock = _clock(reply.clock, integration.platform.host)
    return TokenFindings((Check("token", Verdict.FAIL, detail, fix), *clock))


def _findings_of_grant(integration: Integration, reply: TokenReply) -> TokenFindings:
    granted = reply.answer.granted or ()
    clock = _clock(reply.clock, integration.platform.host)
    missing = [short_scope(each) for each in integration.scopes.requested if each not in granted]
    odd = list(reply.answer.warnings)
    fix = "Tell the LMS's administrators or makers." if odd else ""
    if missing:
        odd.insert(0, f"not granted: {', '.join(missing)}")
        fix = "If the tool needs them, ask the LMS's administrators to allow them."
    if odd:
        return TokenFindings((Check("token", Verdict.WARN, "; ".join(odd), fix), *clock), granted)
    detail = f"{counted(len(granted), 'service')} granted"
    family = family_of(integration.platform.family)
    # Else a pass would be taken for a proof of the client_id.
    if family.tokens_for_any_client:
        detail += f"; {family.title} does not look at the client_id here, a launch does"
    passed = Check("token", Verdict.PASS, detail)
    return TokenFindings((passed, *clock), granted)


def _clock(seconds: int | None, host: str) -> tuple[Check, ...]:
    if seconds is None:
        return ()
    if abs(seconds) > BACKDATE_SECONDS:  # an assertion is backdated by that much
        return (Check("clock", Verdict.WARN, _difference(seconds, host), SET_CLOCK),)
    return (Check("clock", Verdict.PASS, "as the LMS's, within five seconds"),)


def _difference(seconds: int, host: str) -> str:
    where = "ahead of" if seconds > 0 else "behind"
    return f"your clock is {abs(seconds)} s {where} that of {host}"
