"""Settle an attempt that was cut off: by its answer, by asking the LMS, or by hand."""

import asyncio
import contextlib
from collections.abc import Iterator

from ltictl.errors import LtictlError, NeedsRecoveryError, NotFoundError
from ltictl.lti.access_token import TokenAnswer
from ltictl.lti.answer import UnusableAnswerError, read_registration
from ltictl.lti.kept_answer import holds_registration, read_kept
from ltictl.lti.refusal import words_without_secrets
from ltictl.model.attempt import Attempt, AttemptKind, Stage
from ltictl.model.hint import hint
from ltictl.model.integration import Integration, check_identifier
from ltictl.net.client import GuardedClient
from ltictl.net.policy import GuardPolicy
from ltictl.operations.ask_token import request_token
from ltictl.operations.attempts.from_answer import (
    deployment_missing,
    integration_of_attempt,
    integration_of_kept,
)
from ltictl.operations.attempts.lost_answer import bring_home
from ltictl.operations.attempts.placement import place
from ltictl.operations.attempts.repeated import change_warnings
from ltictl.operations.attempts.scrub import without_echo
from ltictl.operations.attempts.settle import Registered, mark_invitation_used, settle_answer
from ltictl.operations.changes import Action, Change, changed
from ltictl.operations.client_registration.probe_update import probe_update
from ltictl.operations.client_registration.settle_update import settle_update
from ltictl.operations.context import Context
from ltictl.operations.signing import current_key
from ltictl.operations.survey import cut_off, unsettled
from ltictl.platforms.table import family_of

_MARK_BYTES = 6
# Words of a token endpoint that knows the client but grants none of the scopes.
_KNOWN_CLIENT_ERRORS = ("invalid_scope",)
_MAX_WORDS = 300


def find_unsettled_attempt(context: Context, identifier: str) -> Attempt:
    """Return one attempt that was cut off.

    Raises:
        NotFoundError: there is none of that id.
        LtictlError: ``attempt_under_way``: a living process is carrying it out.
        UnreadableError: its file is damaged.
    """
    context.profile.require()
    # Answers that were saved elsewhere belong into their attempts.
    _bring_home(context, identifier)
    if context.profile.attempts.is_under_way(identifier):
        raise context.profile.attempts.under_way(identifier)
    return context.profile.attempts.get_whole(identifier)


def take_over(context: Context, identifier: str) -> None:
    """Take an attempt from a run on another machine that a person knows to be gone.

    Raises:
        NotFoundError: there is none of that id.
        LtictlError: ``attempt_under_way``: a living process of this machine carries it out.
    """
    context.profile.require()
    context.profile.attempts.take_over(identifier)


def find_unsettled_attempts(context: Context) -> tuple[tuple[Attempt, ...], tuple[str, ...]]:
    """Return all attempts that were cut off, and a warning for each unreadable one."""
    context.profile.require()
    for identifier in context.profile.attempts.ids():
        _bring_home(context, identifier)
    found, warnings = unsettled(context)
    # Each attempt has its own entry below, so its general warning would be said twice.
    shown = {cut_off(each) for each in found}
    attempts = tuple(context.profile.attempts.get_whole(each.id) for each in found)
    return attempts, tuple(each for each in warnings if each not in shown)


def _bring_home(context: Context, identifier: str) -> None:
    with contextlib.suppress(LtictlError), _claim(context, identifier):
        pass


@contextlib.contextmanager
def _claim(context: Context, identifier: str) -> Iterator[Attempt]:
    """Provide one attempt that was cut off, and keep other runs from settling it."""
    context.profile.require()
    with context.profile.attempts.settling(identifier):
        yield bring_home(context, context.profile.attempts.get_whole(identifier))


@contextlib.contextmanager
def recovery(context: Context, identifier: str) -> Iterator[tuple[Attempt, Change]]:
    """Provide one attempt, and the change of the profile that settling it makes."""
    with (
        changed(context, Action.REGISTER) as change,
        _claim(context, identifier) as attempt,
    ):
        yield attempt, change


def note(change: Change, done: Registered) -> Registered:
    """Note a settled registration in the change of the profile."""
    change.note(done.integration.id)
    if done.updated:
        change.action = Action.UPDATE
    return done


def adopt(context: Context, identifier: str) -> Registered:
    """Store the integration of a kept answer.

    Raises:
        LtictlError: ``no_answer_kept``.
        RefusedError: the answer is a refusal (then the attempt is settled) or cannot be used.
    """
    with recovery(context, identifier) as (attempt, change):
        if attempt.stage is not Stage.ANSWERED or attempt.kind is AttemptKind.LMS_CHANGE:
            raise LtictlError(
                "no_answer_kept",
                f"No answer of {attempt.platform.host} was kept for {identifier!r}.",
                why="ltictl was stopped, or the connection broke, before the answer was read.",
                fix=_other_way(attempt),
            )
        if attempt.kind is AttemptKind.UPDATE:
            return note(change, settle_update(context, attempt))
        # A person looks on: faults that stop a program are warnings here.
        return note(change, settle_answer(context, attempt, kept=True))


def _other_way(attempt: Attempt) -> str:
    family = family_of(attempt.platform.family)
    look = f"Look for the tool in the LMS ({family.place})"
    probing = f", or run 'ltictl recover {attempt.id} --probe'" if can_probe(attempt) else ""
    return f"{look}{probing}."


def adopt_client(context: Context, identifier: str, client_id: str) -> Registered:
    """Store an integration with a client_id that a person read in the LMS.

    Raises:
        InvalidValueError: no client_id has this form.
        LtictlError: ``client_id_known``: an update does not change it; or it could not be stored.
    """
    # Typed by a person, and later part of every launch.
    check_identifier(client_id, "--client-id")
    with recovery(context, identifier) as (attempt, change):
        if attempt.kind is not AttemptKind.REGISTRATION:
            raise LtictlError(
                "client_id_known",
                f"What was cut off is a change of {identifier!r}; its client_id stays as it is.",
                fix=f"Run 'ltictl recover {identifier} --probe', or --forget.",
            )
        return note(change, store_client(context, attempt, client_id))


def store_client(context: Context, attempt: Attempt, client_id: str) -> Registered:
    """Store an integration with a client_id, and settle the attempt."""
    fresh = integration_of_kept(context, attempt, client_id)
    placed = place(context, attempt, fresh, _kept_token(attempt, fresh))
    stored = placed.stored
    problems = mark_invitation_used(context, attempt, stored)
    context.profile.attempts.settle(attempt.id)
    missing = () if stored.deployments else (deployment_missing(stored),)
    news = change_warnings(attempt, placed, waiting=False)
    updated = placed.before is not None
    return Registered(stored, updated=updated, warnings=(*missing, *news, *problems))


def _kept_token(attempt: Attempt, fresh: Integration) -> str:
    """Return the access token of the kept answer that ``fresh`` was read from."""
    read = bool(fresh.answer) and attempt.answer is not None
    return read_kept(attempt.answer).access_token if read and attempt.answer else ""


def forget(context: Context, identifier: str) -> str:
    """Put an attempt aside without settling it, and return its new place.

    Raises:
        NotFoundError: there is none of that id.
    """
    context.profile.require()
    _bring_home(context, identifier)
    with context.profile.attempts.settling(identifier):  # a damaged one too: it is not read
        return put_aside(context, identifier)


def put_aside(context: Context, identifier: str) -> str:
    """Move an attempt without an outcome to ``removed/``, and return its new place."""
    # Its token was stored before the integration, if at all.
    if not context.profile.integrations.exists(identifier):
        with contextlib.suppress(LtictlError):
            context.profile.secrets.remove(identifier)
    # Two attempts of one id may end on the same second, on two machines.
    mark = f"{context.now():%Y%m%dT%H%M%S}-{context.random_text(_MARK_BYTES)}"
    return context.profile.attempts.set_aside(identifier, mark)


# A token request shows whether the client exists. Nothing goes to the registration endpoint, since
# a second request could make a second client.
def probe(context: Context, policy: GuardPolicy, identifier: str) -> Registered | None:
    """Ask the LMS, by reading only, whether the registration arrived.

    Returns:
        The stored integration, or ``None`` where it never arrived; the attempt is then put aside.

    Raises:
        LtictlError: ``probe_impossible`` where this LMS gives no way to tell.
        NeedsRecoveryError: the LMS's answer decides nothing.
    """
    with recovery(context, identifier) as (attempt, change):
        _require_probe(attempt)
        if attempt.kind is AttemptKind.UPDATE:
            found = probe_update(context, policy, attempt)
            if found is None:
                put_aside(context, identifier)
                return None
            return note(change, found)
        answer = _ask(context, policy, attempt)
        known = answer.granted is not None or answer.error.startswith(_KNOWN_CLIENT_ERRORS)
        if known:
            return note(change, store_client(context, attempt, attempt.token_subject))
        # The LMS does not know the client, so the request never arrived.
        if answer.error.startswith("invalid_client"):
            put_aside(context, identifier)
            return None
        raise _undecided(attempt, answer.error)


def can_adopt(attempt: Attempt) -> bool:
    """Return whether ``adopt`` can store the kept answer."""
    if attempt.answer is None or not holds_registration(attempt.answer):
        return False
    if attempt.kind is AttemptKind.LMS_CHANGE:
        return False
    if attempt.kind is AttemptKind.REGISTRATION:
        return True
    try:
        # An update has to be read strictly: the stored registration stays where this fails.
        read_registration(attempt.answer)
    except UnusableAnswerError:
        return False
    return True


def can_probe(attempt: Attempt) -> bool:
    """Return whether reading alone shows safely if the request arrived."""
    if attempt.kind is not AttemptKind.REGISTRATION or attempt.handle:
        return True
    return _tells_client(attempt)


def _tells_client(attempt: Attempt) -> bool:
    """Return whether the client_id is known before the answer."""
    family = family_of(attempt.platform.family)
    announced = family.subject_is_client or family.client_in_audience
    return announced and bool(attempt.token_subject)


def _require_probe(attempt: Attempt) -> None:
    if attempt.kind is AttemptKind.UPDATE or _tells_client(attempt):
        return
    if can_probe(attempt):
        raise NotFoundError(
            "lms_token_missing",
            f"Only an administrator's token shows the outcome at {attempt.platform.host}.",
            why="It is found by the LMS's interface, under a name that was noted beforehand.",
            fix=f"ltictl recover {attempt.id} --probe --token-file PATH",
        )
    raise LtictlError(
        "probe_impossible",
        f"{family_of(attempt.platform.family).title} gives no safe way to find out by itself.",
        why="The client_id cannot be known beforehand there, and asking again could register "
        "a second tool.",
        fix=f"Look into the LMS's list of tools. If the tool is there: 'ltictl recover "
        f"{attempt.id} --client-id VALUE', else 'ltictl recover {attempt.id} --forget'.",
    )


def _undecided(attempt: Attempt, words: str) -> NeedsRecoveryError:
    return NeedsRecoveryError(
        "probe_undecided",
        f'{attempt.platform.host} answered "{words}", which decides nothing.',
        why="The LMS could not read the tool's key set, or failed.",
        fix=f"Look into the LMS's list of tools for the client_id {attempt.token_subject!r}. "
        "If it is there: " + hint("recover", attempt.id, "--client-id", attempt.token_subject),
    )


def _ask(context: Context, policy: GuardPolicy, attempt: Attempt) -> TokenAnswer:
    expected = integration_of_attempt(context, attempt, attempt.token_subject)
    context.progress(f"Asking {attempt.platform.host} ...")

    async def asking() -> TokenAnswer:
        async with GuardedClient(policy) as client:
            return await request_token(context, client, expected, current_key(context))

    return asyncio.run(asking())


def kept_words(attempt: Attempt) -> str:
    """Return the words of a kept answer for a person, empty where it may hold secrets."""
    answer = attempt.answer
    if answer is None:
        return ""
    # A positive answer holds the registration's secrets: its length has to do.
    if answer.succeeded:
        broken = "" if answer.complete else ", which broke off"
        return f"{len(answer.body)} bytes{broken}"
    return words_without_secrets(without_echo(answer, attempt).body)[:_MAX_WORDS]
