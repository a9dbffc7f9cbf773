"""Explain why an LMS gave no token, in the same sentences for every command."""

from ltictl.lti.refusal import Refusal
from ltictl.model.integration import Integration
from ltictl.platforms.causes import TokenFacts, explain_token_refusal
from ltictl.platforms.family import Cause
from ltictl.platforms.table import family_of

_SUCCESS = range(200, 300)


def facts_of(integration: Integration) -> TokenFacts:
    """Return the known facts of an integration, without a request."""
    platform = integration.platform
    return TokenFacts(
        integration=integration.id,
        audience=platform.audience,
        token_endpoint=platform.token_endpoint,
        authorization_endpoint=platform.authorization_endpoint,
        scopes=integration.scopes.requested,
    )


def explain_refused_token(
    integration: Integration, refusal: Refusal, facts: TokenFacts
) -> tuple[str, Cause]:
    """Return a refusal in one phrase with the LMS's words, and its cause."""
    cause = explain_token_refusal(family_of(integration.platform.family), refusal, facts)
    if refusal.status in _SUCCESS:  # the words are ltictl's: the body may hold a token
        fact = f"the LMS answered HTTP {refusal.status} without a token that can be used"
        return f"{fact}: {refusal.words}", cause
    status = f"HTTP {refusal.status}"
    words = f"{refusal.words} ({status})" if refusal.words else status
    notice = f", after its own error output: {refusal.notice}" if refusal.notice else ""
    return f"the LMS refused: {words}{notice}", cause
