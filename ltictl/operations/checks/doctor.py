"""Examine the profile, its keys and the tool's own URLs, and change nothing."""

import asyncio

from ltictl.errors import LtictlError, UnreadableError
from ltictl.lti.registration import build_request
from ltictl.model.few import few
from ltictl.model.hint import hint
from ltictl.model.problem import may_hold_token
from ltictl.model.profile import Settings
from ltictl.model.tool import Tool
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy
from ltictl.operations.checks.checks import Check, Verdict
from ltictl.operations.checks.doctor_keys import key_checks
from ltictl.operations.checks.doctor_web import web_checks
from ltictl.operations.context import Context
from ltictl.operations.hooks import check_hooks
from ltictl.operations.integration_records import shared_deployments
from ltictl.operations.log.check_log import check_log
from ltictl.operations.requests import LIST_TARGETS, redirect_fault
from ltictl.operations.survey import begun_only, unsettled

_NAMED = 5  # ids in a command to paste
_COMPLETE = "To complete the log now: ltictl log --complete"


def examine(context: Context, policy: GuardPolicy, *, offline: bool = False) -> tuple[Check, ...]:
    """Run every check.

    Args:
        context: the profile.
        policy: the limits of the requests.
        offline: whether to leave out checks that need the network.

    Raises:
        UnreadableError: there is no profile at all.
    """
    context.profile.require()
    # These need no settings: a typing error in profile.toml must not hide them.
    checks = [_permissions(context), _leftovers(context), _documents(context)]
    checks += [*_stored_tokens(context), _deployments(context), _attempts(context), _log(context)]
    try:
        settings = context.profile.settings()
    except UnreadableError as error:
        return (Check("profile", Verdict.FAIL, error.message, error.fix), *checks)
    checks = [Check("profile", Verdict.PASS, context.profile.place), *checks]
    checks += [_hook(context), _redirects(settings.tool)]
    checks += key_checks(context, settings)
    if not offline:
        checks += asyncio.run(_web(context, policy, settings))
    return tuple(checks)


async def _web(context: Context, policy: GuardPolicy, settings: Settings) -> list[Check]:
    context.progress("Asking the tool's own addresses ...")
    async with GuardedClient(policy) as client:
        return await web_checks(context, client, settings)


def _permissions(context: Context) -> Check:
    found = context.profile.file_findings()
    if not found.too_open:
        sealed = context.profile.seals_secrets
        how = "secrets are sealed" if sealed else "secrets are readable by their owner only"
        return Check("permissions", Verdict.PASS, how)
    fix = f"Run: {found.closing}"
    return Check("permissions", Verdict.FAIL, f"others may read {few(found.too_open)}", fix)


def _leftovers(context: Context) -> Check:
    found = context.profile.file_findings().leftovers
    if found:
        fix = "If no ltictl is running, these files can be deleted."
        return Check("leftovers", Verdict.WARN, f"a crash left {few(found)}", fix)
    begun = begun_only(context)
    if begun:
        detail = f"stopped before anything was sent: {few(begun)}"
        fix = f"Nothing is lost. To put it aside: ltictl recover {begun[0]} --forget"
        return Check("leftovers", Verdict.WARN, detail, fix)
    return Check("leftovers", Verdict.PASS, "none")


def _documents(context: Context) -> Check:
    profile = context.profile
    collections = (
        profile.organizations.all().damaged,
        profile.invitations.all().damaged,
        profile.integrations.all().damaged,
        profile.signing_keys.all().damaged,
        profile.secrets.damaged(),
    )
    damaged = [error.message for errors in collections for error in errors]
    if not damaged:
        return Check("documents", Verdict.PASS, "all readable")
    fix = "Correct or restore each; ltictl never overwrites a damaged document."
    return Check("documents", Verdict.FAIL, few(damaged), fix)


def _stored_tokens(context: Context) -> list[Check]:
    """Return a check of stored tokens, none where there are none."""
    # Only 0.1.0 wrote such documents.
    stored = context.profile.stored_problems.all()
    found = [each.id for each in stored if any(map(may_hold_token, each.problems))]
    if not found:
        return []
    detail = f"an LMS's answer with a token may stand in {few(found)}, written by ltictl 0.1.0"
    fix = f"The next write drops it: ltictl verify {' '.join(found[:_NAMED])}"
    return [Check("stored_tokens", Verdict.WARN, detail, fix)]


def _deployments(context: Context) -> Check:
    shared = shared_deployments(context.profile.integrations.all())
    if not shared:
        return Check("deployments", Verdict.PASS, "each belongs to one integration")
    owned = [f"{name!r} to {' and '.join(each.id for each in owners)}" for name, owners in shared]
    name, (_, *others) = shared[0]
    fix = "Ask the LMS's administrator whose it is, and take it from the other: " + hint(
        "deployment", "remove", others[-1].id, name
    )
    detail = f"a launch cannot tell whose it is: of one client belong {few(owned)}"
    return Check("deployments", Verdict.FAIL, detail, fix)


def _attempts(context: Context) -> Check:
    attempts, problems = unsettled(context)
    if not problems:
        return Check("attempts", Verdict.PASS, "none interrupted")
    first = attempts[0].id if attempts else ""
    fix = f"Run 'ltictl recover {first}'.".replace(" '.", "'.")
    return Check("attempts", Verdict.FAIL, few(problems), fix)


def _log(context: Context) -> Check:
    try:
        found = check_log(context)
    except LtictlError as error:
        return Check("log", Verdict.FAIL, error.message, error.fix)
    if found.broken:
        return Check("log", Verdict.FAIL, few(found.broken), "See: ltictl log --check")
    documents = dict.fromkeys(each.document for each in found.unlogged)
    if documents:
        detail = f"changed without an entry: {few(list(documents))}"
        return Check("log", Verdict.WARN, detail, "An editor did, or an older ltictl. " + _COMPLETE)
    if found.open:
        detail = f"{len(found.open)} without an outcome"
        return Check("log", Verdict.WARN, detail, "The next change adds it. " + _COMPLETE)
    return Check("log", Verdict.PASS, f"{found.entries} entries, each fits the former")


def _hook(context: Context) -> Check:
    try:
        number = check_hooks(context)
    except LtictlError as error:
        return Check("hook", Verdict.FAIL, error.message, error.fix)
    return Check("hook", Verdict.PASS, "can be run" if number else "none")


def _redirects(tool: Tool) -> Check:
    """Check that the tool's messages and redirect addresses fit together, for every family."""
    # As each family sees it, since a family may have messages of its own.
    presented = (tool, *map(tool.at, tool.platforms))
    found = redirect_fault(*(build_request(each, "{integration}") for each in presented))
    if found:
        return Check("redirect_uris", Verdict.WARN, found, LIST_TARGETS)
    return Check("redirect_uris", Verdict.PASS, "every launch's address is listed")
