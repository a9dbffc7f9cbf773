"""Changes at an LMS from a profile in a shared store that fails: its books and ours agree."""

from functools import partial
from typing import Any

from ltictl.operations.switch import remove_records
from tests.support.processes import Finished

from .lms_side import Account, Accounts
from .store_faults import FIRST, OTHER, Ended, Office, Scene
from .updates import ID, MEMBER, ChangingPlatform, Registered

REMOVE_AT_LMS = "remove --at-lms"
CHANGES = ("lms activate", "lms deploy", "lms accept-update")
_REMOVE = ("remove", ID, "--at-lms", "--yes", "--allow-private")


def removal_scene(books: ChangingPlatform) -> Scene:
    """The tool's own token deletes its registration, and the integration is forgotten."""

    def begin(office: Office) -> Registered:
        found = books.start()
        office.profile.secrets.keep(ID, {MEMBER: found.token})
        return found

    return Scene(REMOVE_AT_LMS, lambda _office, _ticket: (_REMOVE, ""), _judge_removal, begin)


def _judge_removal(ended: Ended) -> list[str]:
    office, found = ended.office, ended.ticket
    forgotten = not office.profile.integrations.exists(ID)
    wrong = ["forgotten here, and still there"] if forgotten and not found.deleted else []
    if ended.done.code == 0 and not forgotten:
        wrong.append(f"success was claimed: {ended.done}")
    if not forgotten:
        # What the LMS has deleted already it does not delete again.
        way = ("remove", ID, "--yes") if found.deleted else _REMOVE
        done = office.run(*way)
        wrong += [] if done.code == 0 else [f"again: {done}"]
    profile = office.profile
    left = profile.integrations.exists(ID) or profile.secrets.has(ID, MEMBER)
    kept = profile.documents.list("removed/integrations")
    wrong += ["it is there"] if left or not found.deleted else []
    return wrong + ([] if kept else ["nothing was kept of it"])


def change_scene(name: str, accounts: Accounts) -> Scene:
    """An administrator's token changes the tool at the LMS.

    Args:
        name: one of ``CHANGES``.
        accounts: with the state before and after it.
    """
    arguments = (*name.split(), ID, "--yes", "--json")

    def begin(office: Office) -> Account:
        remove_records(office.context, ID)  # the Canvas of the run has one of this id
        return accounts.start(office.context)

    def command(_office: Office, account: Any) -> tuple[tuple[str, ...], str]:
        return account.completed(arguments), account.token

    return Scene(name, command, partial(_judge_change, arguments), begin)


def _judge_change(arguments: tuple[str, ...], ended: Ended) -> list[str]:
    office, account = ended.office, ended.ticket
    # An answer that the store did not take lies on the first machine; else any machine will do.
    host = OTHER if ended.fault.kills else FIRST

    def ltictl(*arguments: str, given: str = "") -> Finished:
        taking = ("--take-over",) if "--probe" in arguments and ended.fault.kills else ()
        return office.run(*arguments, *taking, host=host, given=given)

    listed, named = (ltictl(each, "--json").data for each in ("list", "recover"))
    wrong: list[str] = account.in_the_books(ended.done, listed, named)
    if ended.fault.kills and office.profile.attempts.ids():
        # Another machine takes it for under way until minutes have passed, and does not list it.
        asked = ("recover", ID, "--probe", "--platform", "URL", "--yes", "--json")
        done = ltictl(*account.completed(asked), given=account.token)
        wrong += [] if done.code == 0 else [f"cannot be taken over: {done}"]
    wrong += account.settle(ltictl, arguments)
    return wrong
