"""Complete the log: outcomes that died with their processes, and changes without an entry."""

from msgspec import Struct

from ltictl.operations.context import Context
from ltictl.operations.log.check_log import check_log

NOTICED = "noticed"


class Completed(Struct, frozen=True):
    """The additions: outcomes of open entries, and documents that had changed without an entry."""

    outcomes: int
    documents: tuple[str, ...]


def complete_log(context: Context) -> Completed:
    """Add the missing outcomes and entries; a second time adds nothing.

    Raises:
        LtictlError: the log cannot be read or written.
    """
    found = check_log(context)
    recorder = context.profile.recorder
    outcomes = recorder.settle(found.open)
    changes: dict[str, dict[str, tuple[object, object]]] = {}
    gone = []
    for each in found.unlogged:
        if each.member:
            changes.setdefault(each.document, {})[each.member] = (each.logged, each.found)
        else:
            gone.append(each.document)
    recorder.add_noticed(NOTICED, changes, gone)
    return Completed(outcomes, (*changes, *gone))
