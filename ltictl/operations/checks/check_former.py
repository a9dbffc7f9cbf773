"""Check the clients that a later registration replaced: in use, or gone from the LMS."""

import asyncio
from typing import TYPE_CHECKING

from ltictl.model.integration import Integration
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.context import Context
from ltictl.operations.former_clients import ask_whether_gone
from ltictl.platforms.table import family_of

if TYPE_CHECKING:
    from ltictl.net.client import GuardedClient


async def check_former(
    context: Context, client: "GuardedClient", integration: Integration
) -> tuple[list[Check], frozenset[str]]:
    """Return the check of the former clients, and those that the LMS has lost."""
    former = integration.former_in_use
    if not former:
        return [], frozenset()
    questions = [ask_whether_gone(context, client, integration.of_former(each)) for each in former]
    answers = await asyncio.gather(*questions)
    gone = frozenset(each.client_id for each, is_ in zip(former, answers, strict=True) if is_)
    in_use = [each.client_id for each in former if each.client_id not in gone]
    return [_former_check(integration, in_use, gone)], gone


def _former_check(integration: Integration, in_use: list[str], gone: frozenset[str]) -> Check:
    if not in_use:
        detail = f"{', '.join(sorted(gone))}: gone from the LMS; exports leave it out from now on"
        return Check("former_clients", Verdict.PASS, detail)
    family = family_of(integration.platform.family)
    detail = f"{', '.join(in_use)}: not seen to be gone, so exports keep it; activities may use it"
    fix = (
        f"Nothing has to be done. If no activity uses that tool, delete it in {family.title} "
        f"({family.removal}), and run 'ltictl verify {integration.id}' again."
    )
    return Check("former_clients", Verdict.PASS, detail, fix)
