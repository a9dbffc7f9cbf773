"""The integrations, tokens and signals that commands about an LMS's own side share."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ltictl.cli.lms_token import keyring_of
from ltictl.cli.session import Session
from ltictl.errors import UsageError

if TYPE_CHECKING:
    from ltictl.operations.lms_side.change_intent import PlannedCall, Run
    from ltictl.operations.lms_side.keyring import Keyring


def choose_at(
    session: Session, identifiers: Sequence[str], token_file: str, platform: str = ""
) -> "tuple[Keyring, list[str], tuple[str, ...]]":
    """Return the tokens and the integrations of a run, and a warning for each damaged integration.

    Args:
        session: the run.
        identifiers: ids from the command line; none for all integrations.
        token_file: value of ``--token-file``.
        platform: the address of the only LMS that the token is for, empty if not named.

    Raises:
        NotFoundError: one of the integrations does not exist.
        UsageError: the run has one token for several LMSs.
    """
    from ltictl.model.record import replace
    from ltictl.operations.lms_side.site import own_base

    keyring = keyring_of(session, token_file, platform)
    profile = keyring.context.profile
    profile.require()
    damaged: tuple[str, ...] = ()
    if identifiers:
        chosen = [profile.integrations.get(each) for each in dict.fromkeys(identifiers)]
    else:
        listing = profile.integrations.all()
        chosen = list(listing)
        damaged = tuple(each.message for each in listing.damaged)
    several = len({own_base(each) for each in chosen} - {""}) > 1
    if several and keyring.given.text and not keyring.given.base:
        if token_file:
            raise _one_token()
        keyring = replace(keyring, only_bound=True)
    return keyring, [each.id for each in chosen], damaged


def _one_token() -> UsageError:
    return UsageError(
        "token_for_one_lms",
        "A token is for one LMS, and these integrations are at several.",
        why="It would be sent to a host that it was not given for.",
        fix="Name the LMS with --platform URL, or keep a token for each: ltictl lms login ORG "
        "--platform URL --keep",
    )


@contextmanager
def run_of(session: Session, planned: "list[PlannedCall] | None") -> "Iterator[Run]":
    """Provide the run of a command that changes LMSs; a first signal waits for an answer."""
    from ltictl.cli.render.register_events import RegisterEvents
    from ltictl.cli.signals import signals_to
    from ltictl.operations.events import Inbox
    from ltictl.operations.lms_side.change_intent import Run

    inbox: Inbox = Inbox()
    with signals_to(inbox):
        yield Run(inbox, RegisterEvents(session.output).show, planned)
