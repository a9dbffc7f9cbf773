"""The operator's command that runs after a change: an argv, no shell, bounded in time."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import IO

from ltictl.errors import HookWarning, LtictlError
from ltictl.operations.context import Context
from ltictl.operations.own_command import require_trust

_TIMEOUT_SECONDS = 120.0
_MAX_OUTPUT = 2000
# No business of a hook.
_SECRETS = frozenset({"LTICTL_KEY_PASSPHRASE", "LTICTL_NEW_KEY_PASSPHRASE", "LTICTL_LMS_TOKEN"})


def require_hook(context: Context) -> None:
    """Check that the command can be run, before the work begins that it follows.

    Raises:
        LtictlError: ``hook_missing``, or ``hook_not_trusted``.
    """
    hooks = context.profile.settings().hooks
    if hooks.after_change:
        require_trust(
            context.profile, "hooks.after_change", "its hook is not run, and nothing was changed"
        )
    if hooks.after_change and shutil.which(hooks.after_change[0]) is None:
        raise LtictlError(
            "hook_missing",
            f"The hook {hooks.after_change[0]!r} is not there or cannot be executed.",
            why="hooks.after_change in profile.toml names it; it is checked before any change.",
            fix="Correct the setting, or make the file executable.",
        )


def run_hook(
    context: Context,
    action: str,
    integrations: Sequence[str],
    *,
    timeout: float = _TIMEOUT_SECONDS,
) -> HookWarning | None:
    """Run the hook, if there is one. Operations reach it through ``changes.changed``.

    Args:
        context: the profile.
        action: the kind of change.
        integrations: ids of the integrations that changed.
        timeout: seconds after which the hook and everything it started are ended.

    Returns:
        A warning where it failed; a failing hook undoes nothing.
    """
    argv = context.profile.settings().hooks.after_change
    if not argv:
        return None
    context.progress(f"Running the hook {argv[0]} ...")
    environment = _environment(os.environ, context, action, integrations)
    # A file and not a pipe: a program that the hook leaves behind would hold the pipe open.
    with tempfile.TemporaryFile() as output:
        try:
            code = _run(argv, environment, output, timeout)
        except subprocess.TimeoutExpired:
            return _failure(argv[0], f"did not end within {timeout:g} s and was stopped.")
        except OSError as error:
            return _failure(argv[0], f"could not be run: {error.strerror or error}.")
        return _judge(argv[0], code, output)


def _run(
    argv: Sequence[str], environment: Mapping[str, str], output: IO[bytes], timeout: float
) -> int:
    process = subprocess.Popen(  # noqa: S603  the operator's own command, no shell
        argv,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.wait(timeout)
    except BaseException:  # too late, or somebody pressed Ctrl-C
        _end(process)
        raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the hook and everything it started."""
    with contextlib.suppress(ProcessLookupError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _judge(name: str, code: int, output: IO[bytes]) -> HookWarning | None:
    if code == 0:
        return None
    output.seek(max(0, output.tell() - _MAX_OUTPUT))
    lines = output.read().decode("utf-8", "replace").splitlines()
    said = " | ".join(line.strip() for line in lines if line.strip())  # a warning is one line
    return _failure(name, f"failed with exit code {code}. {said}")


def _failure(name: str, how: str) -> HookWarning:
    return HookWarning(f"The hook {name} {how}".strip())


def _environment(
    environment: Mapping[str, str], context: Context, action: str, integrations: Sequence[str]
) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name not in _SECRETS}
    return kept | {
        "LTICTL_ACTION": action,
        "LTICTL_INTEGRATIONS": " ".join(integrations),
        "LTICTL_PROFILE": context.profile.place,
    }
