"""Run the operator's command after a change: an argv without a shell, bounded in time."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO

from ltictl.errors import HookWarning, LtictlError
from ltictl.operations.context import Context
from ltictl.operations.own_command import require_trust

_TIMEOUT_SECONDS = 120.0
_MAX_OUTPUT = 2000
# A hook needs none of these, and may write its environment to a log.
_SECRETS = frozenset({"LTICTL_KEY_PASSPHRASE", "LTICTL_NEW_KEY_PASSPHRASE", "LTICTL_LMS_TOKEN"})


def require_hook(context: Context) -> None:
    """Raise an error where the hook could not run, before the work begins.

    Raises:
        LtictlError: ``hook_missing``, or ``hook_not_trusted``.
    """
    require_runnable(context, context.profile.settings().hooks.after_change, "hooks.after_change")


def check_hooks(context: Context) -> int:
    """Check that every hook can be run, and return how many there are.

    Raises:
        LtictlError: ``hook_missing``, or ``hook_not_trusted``.
    """
    hooks = context.profile.settings().hooks
    require_hook(context)
    require_runnable(context, hooks.on_problem, "hooks.on_problem")
    return sum(map(bool, (hooks.after_change, hooks.on_problem)))


def require_runnable(context: Context, argv: Sequence[str], setting: str) -> None:
    """Check that the command in a setting, if there is one, can be run and may be.

    Raises:
        LtictlError: ``hook_missing``, or ``hook_not_trusted``.
    """
    if not argv:
        return
    require_trust(context.profile, setting, "its hook is not run, and nothing was changed")
    if shutil.which(argv[0]) is None:
        raise LtictlError(
            "hook_missing",
            f"The hook {argv[0]!r} is not there or cannot be executed.",
            why=f"{setting} in profile.toml names it; ltictl checks it before the work begins.",
            fix="Correct the setting, or make the file executable.",
        )


def run_hook(
    context: Context,
    action: str,
    integrations: Sequence[str],
    *,
    timeout: float = _TIMEOUT_SECONDS,
) -> HookWarning | None:
    """Run the hook, if there is one; operations call it through ``changes.changed``.

    Args:
        context: the profile.
        action: the kind of change.
        integrations: ids of the integrations that changed.
        timeout: seconds after which the hook and everything it started are ended.

    Returns:
        A warning where the hook failed, which undoes nothing.
    """
    argv = context.profile.settings().hooks.after_change
    if not argv:
        return None
    variables = {"LTICTL_ACTION": action, "LTICTL_INTEGRATIONS": " ".join(integrations)}
    failure = _carry_out(context, argv, variables, b"", timeout)
    return HookWarning(failure) if failure else None


def run_problem_hook(context: Context, broken: int, well: int, document: bytes) -> str:
    """Run ``hooks.on_problem`` and return how it failed, empty if it did not.

    Args:
        context: the profile.
        broken: how many integrations broke.
        well: how many are well again.
        document: for its stdin; the environment has no room for thousands of integrations.
    """
    argv = context.profile.settings().hooks.on_problem
    variables = {"LTICTL_ACTION": "problem", "LTICTL_BROKEN": str(broken), "LTICTL_WELL": str(well)}
    return _carry_out(context, argv, variables, document, _TIMEOUT_SECONDS)


def _carry_out(
    context: Context,
    argv: Sequence[str],
    variables: Mapping[str, str],
    document: bytes,
    timeout: float,
) -> str:
    context.progress(f"Running the hook {argv[0]} ...")
    environment = _environment(os.environ, context, variables)
    import tempfile  # 'list' imports this module and runs no hook

    # Files and not pipes: a program that the hook leaves behind would hold a pipe open.
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as output:
        stdin.write(document)
        stdin.seek(0)
        try:
            code = _run(argv, environment, stdin, output, timeout)
        except subprocess.TimeoutExpired:
            return _failure(argv[0], f"did not end within {timeout:g} s and was stopped.")
        except OSError as error:
            return _failure(argv[0], f"could not be run: {error.strerror or error}.")
        return _judge(argv[0], code, output)


def _run(
    argv: Sequence[str],
    environment: Mapping[str, str],
    stdin: IO[bytes],
    output: IO[bytes],
    timeout: float,
) -> int:
    process = subprocess.Popen(  # noqa: S603  the operator's own command, no shell
        argv,
        env=environment,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        # A process group of its own, so that ``_end`` reaches what the hook has started.
        start_new_session=True,
    )
    try:
        return process.wait(timeout)
    except BaseException:  # too late, or somebody pressed Ctrl-C
        _end(process)
        raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the hook and everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _judge(name: str, code: int, output: IO[bytes]) -> str:
    if code == 0:
        return ""
    # The last part: programs write the error at the end.
    output.seek(max(0, output.tell() - _MAX_OUTPUT))
    lines = output.read().decode("utf-8", "replace").splitlines()
    words = " | ".join(line.strip() for line in lines if line.strip())  # a warning is one line
    return _failure(name, f"failed with exit code {code}. {words}")


def _failure(name: str, how: str) -> str:
    return f"The hook {name} {how}".strip()


def _environment(
    environment: Mapping[str, str], context: Context, variables: Mapping[str, str]
) -> dict[str, str]:
    harmless = {name: value for name, value in environment.items() if name not in _SECRETS}
    return {**harmless, **variables, "LTICTL_PROFILE": context.profile.place}
