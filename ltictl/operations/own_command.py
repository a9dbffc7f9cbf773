"""Run the commands that the operator named in ``profile.toml``, and trust them only where root may.

The hook after a change (``ltictl.operations.hooks``) runs in a way of its own.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Final

from ltictl.errors import LtictlError
from ltictl.store.profile import Profile

_TIMEOUT_SECONDS: Final = 60.0


def require_trust(profile: Profile, setting: str, outcome: str) -> None:
    """Refuse, as root, a command that another user could have written into the profile.

    Args:
        profile: the profile that names the command.
        setting: its dotted name, such as ``hooks.after_change``.
        outcome: the end of a sentence that says what does not happen.

    Raises:
        LtictlError: ``hook_not_trusted``.
    """
    stranger = profile.stranger_to_root(os.environ)
    if stranger:
        raise LtictlError(
            "hook_not_trusted",
            f"ltictl runs as root, and {stranger}: {outcome}.",
            why=f"Another user could have written {setting}, which root would carry out.",
            fix="Run ltictl as the owner of the profile, or correct owner and permissions. "
            "Where that is meant, name the folder in LTICTL_SAFE_PROFILES.",
        )


def run_for_output(
    profile: Profile,
    setting: str,
    argv: tuple[str, ...],
    failure: Callable[[str], LtictlError],
    environment: Mapping[str, str] | None = None,
    given: bytes = b"",
) -> bytes:
    """Run a command without a shell for at most a minute, and return its stdout.

    Args:
        profile: the profile that names the command.
        setting: its dotted name, such as ``keys.passphrase_command``.
        argv: the command.
        failure: makes the error from the end of a sentence, such as "failed with exit code 1".
        environment: the command's environment; ltictl's own without it.
        given: what the command reads on stdin.

    Raises:
        LtictlError: ``hook_not_trusted``, or the error that ``failure`` makes.
    """
    require_trust(profile, setting, f"{setting} is not run")
    if shutil.which(argv[0]) is None:
        raise failure("is not there or cannot be executed")
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, no shell
            argv,
            env=environment,
            input=given,
            capture_output=True,  # a tool's error may quote the secret that it prints
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise failure(f"did not end within {_TIMEOUT_SECONDS:g} s") from None
    except OSError as error:
        # Not chained: a traceback would show argv, in which an operator may have put a secret.
        raise failure(f"could not be run: {error.strerror or error}") from None
    if done.returncode:
        raise failure(f"failed with exit code {done.returncode}")
    return done.stdout
