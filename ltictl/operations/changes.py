"""The one place that every change of integrations and keys passes through.

All that changes in one passage is one entry of the log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from ltictl.operations.context import Context
from ltictl.operations.hooks import require_hook, run_hook

if TYPE_CHECKING:
    from ltictl.store.log.recorder import ChangeEntry


class Action(StrEnum):
    """The kinds of change; the hook reads them in ``LTICTL_ACTION``."""

    REGISTER = "register"
    ADD = "add"
    UPDATE = "update"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    REMOVE = "remove"
    RESTORE = "restore"
    EDIT = "edit"
    MOVE = "move"
    REFRESH = "refresh"
    RENAME = "rename"
    ERASE = "erase"
    DEPLOYMENT = "deployment"
    ROTATE = "rotate"
    IMPORT = "import"
    APPLY = "apply"
    LMS = "lms"


class Change(Struct):
    """One change of the profile while it happens.

    Attributes:
        action: its kind. An operation may correct it, since only the LMS's answer shows whether a
            registration was an update.
        integrations: ids of the integrations that changed, each once.
        happened: whether anything changed; keys change without an integration.
        hook_failed: whether the hook failed, known after the end.
    """

    action: Action
    integrations: tuple[str, ...] = ()
    happened: bool = False
    hook_failed: bool = False

    def note(self, *identifiers: str) -> None:
        """Record that these integrations, or the keys, have changed."""
        self.integrations = tuple(dict.fromkeys((*self.integrations, *identifiers)))
        self.happened = True


@contextmanager
def changed(context: Context, action: Action) -> Iterator[Change]:
    """Run a block that changes the profile, and run the hook once after a noted change.

    Do not nest: an operation within a larger change calls the function that writes, not another
    operation.

    Args:
        context: the profile; its ``warn`` gets a warning where the hook fails.
        action: the kind of change.

    Raises:
        LtictlError: ``hook_missing`` or ``hook_not_trusted``, before the block begins.
    """
    require_hook(context)
    change = Change(action)
    with context.profile.recorder.entry(action, lambda: _has_hook(context)) as entry:
        try:
            yield change
        except Exception:
            # A failure after a first change does not undo that change.
            _announce(context, change, entry)
            raise
        _announce(context, change, entry)


def _announce(context: Context, change: Change, entry: "ChangeEntry") -> None:
    if not change.happened:
        return
    entry.action = change.action
    entry.closing["integrations"] = list(change.integrations)
    if change.action is Action.LMS:
        entry.begin()  # the change was made at the LMS, and no document tells of it
    if not _has_hook(context):
        return
    # Begun before the hook runs, so that a hook which never ends leaves an open entry behind.
    entry.begin()
    warning = run_hook(context, change.action, change.integrations)
    entry.closing["hook"] = "done" if warning is None else str(warning)
    if warning is not None:
        change.hook_failed = True
        context.warn(warning)


def _has_hook(context: Context) -> bool:
    return bool(context.profile.settings().hooks.after_change)
