"""Run the operator's command after something changed: an argv, no shell, bounded in time."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from ltictl.errors import LtictlError
from ltictl.model.profile import Hooks
from ltictl.operations.context import Context

_TIMEOUT_SECONDS = 120.0
_MAX_OUTPUT = 2000


@dataclass(frozen=True, slots=True)
class Change:
    """What changed.

    Attributes:
        action: ``register``, ``activate``, ``deactivate``, ``remove`` or ``rotate``.
        integrations: ids.
    """

    action: str
    integrations: tuple[str, ...] = ()


def require_hook(hooks: Hooks) -> None:
    """Check that the command can be run, before the work that it follows is done.

    Raises:
        LtictlError: ``hook_missing``.
    """
    if hooks.after_change and shutil.which(hooks.after_change[0]) is None:
        raise LtictlError(
            "hook_missing",
            f"The hook {hooks.after_change[0]!r} is not there or cannot be executed.",
            why="hooks.after_change in profile.toml names it; it is checked before any change.",
            fix="Correct the setting, or make the file executable.",
        )


def after_change(context: Context, change: Change) -> tuple[str, ...]:
    """Run the hook, if there is one.

    Returns:
        Warnings: empty where it succeeded. A failing hook undoes nothing.
    """
    argv = context.profile.settings().hooks.after_change
    if not argv:
        return ()
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, no shell
            argv,
            env=_environment(os.environ, context, change),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return (f"The hook {argv[0]} did not end within {_TIMEOUT_SECONDS:g} s and was stopped.",)
    except OSError as error:
        return (f"The hook {argv[0]} could not be run: {error.strerror or error}.",)
    if done.returncode == 0:
        return ()
    said = done.stdout.decode("utf-8", "replace").strip()[-_MAX_OUTPUT:]
    return (f"The hook {argv[0]} failed with exit code {done.returncode}. {said}".strip(),)


def _environment(
    environment: Mapping[str, str], context: Context, change: Change
) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name != "LTICTL_KEY_PASSPHRASE"}
    return kept | {
        "LTICTL_ACTION": change.action,
        "LTICTL_INTEGRATIONS": " ".join(change.integrations),
        "LTICTL_PROFILE": str(context.profile.root),
    }
