"""What asking for a token tells: granted services, the LMS's words where it refuses, the clocks."""

from typing import TYPE_CHECKING

from ltictl.errors import LtictlError
from ltictl.lti.client_assertion import BACKDATE_SECONDS
from ltictl.lti.vocabulary import short_scope
from ltictl.model.integration import Integration
from ltictl.operations.ask_token import Signer, TokenReply, ask_for_each
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.context import Context
from ltictl.platforms.table import explain_token_refusal, family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient

_CLOCK_FIX = "Set the clock of this computer by NTP."


async def check_token(
    context: Context, client: "GuardedClient", integration: Integration, signer: Signer
) -> tuple[list[Check], tuple[str, ...] | None]:
    """The checks, and the scopes that the token carries; ``None`` where that is not known."""
    if not integration.scopes.requested:
        told = "no service was asked for, so no token can be"
        return [Check("token", Verdict.PASS, told)], None
    try:
        asked = await ask_for_each(context, client, integration, signer)
    except LtictlError as error:
        return [Check("token", Verdict.FAIL, error.message, error.fix)], None
    clock = [] if asked.clock is None else [_clock(asked.clock, integration.platform.host)]
    if asked.answer.granted is None:
        return [_refused(asked, integration), *clock], None
    return [_granted(integration, asked.answer.granted), *clock], asked.answer.granted


def tool_holds_key() -> Check:
    """In place of a token, where ltictl cannot sign."""
    return Check("token", Verdict.UNKNOWN, "the running tool holds the private key")


def activation(integration: Integration) -> Check:
    """Moodle gives tokens to pending and even to rejected tools (recordings, fact 6)."""
    family = family_of(integration.platform.family)
    told = "a token does not prove it, and nothing else can be seen from here"
    fix = f"Look there: {family.switch}."
    return Check("lms_activation", Verdict.UNKNOWN, told, fix, decides=False)


def _refused(asked: TokenReply, integration: Integration) -> Check:
    words = asked.answer.error
    cause = explain_token_refusal(family_of(integration.platform.family), words)
    told = f"the LMS refused: {words}"
    fix = "Check that the tool is active in the LMS and that its key set is reachable for it."
    if cause is not None:
        told, fix = f"{told}. {cause.why}", cause.fix
    if asked.clock is not None and abs(asked.clock) > BACKDATE_SECONDS:
        told = f"{told} ({_difference(asked.clock, integration.platform.host)})"
        fix = f"{_CLOCK_FIX} {fix}" if _CLOCK_FIX not in fix else fix
    return Check("token", Verdict.FAIL, told, fix)


def _granted(integration: Integration, granted: tuple[str, ...]) -> Check:
    requested = integration.scopes.requested
    missing = [short_scope(each) for each in requested if each not in granted]
    if missing:
        fix = "If the tool needs them, ask the LMS's administrators to allow them."
        return Check("token", Verdict.WARN, f"not granted: {', '.join(missing)}", fix)
    return Check("token", Verdict.PASS, f"{len(granted)} service(s) granted")


def _clock(seconds: float, host: str) -> Check:
    if abs(seconds) > BACKDATE_SECONDS:  # what an assertion is backdated by
        return Check("clock", Verdict.WARN, _difference(seconds, host), _CLOCK_FIX)
    return Check("clock", Verdict.PASS, "as the LMS's, within five seconds")


def _difference(seconds: float, host: str) -> str:
    where = "ahead of" if seconds > 0 else "behind"
    return f"your clock is {abs(seconds):.0f} s {where} that of {host}"
