"""Run the operator's command that prints an administrator's token: an argv, no shell, bounded."""

import os
import shutil
import subprocess
from collections.abc import Mapping

from ltictl.errors import LtictlError
from ltictl.operations.context import Context

_TIMEOUT_SECONDS = 60.0
_MAX_TOKEN = 64 * 1024


def run_token_command(
    context: Context, argv: tuple[str, ...], environment: Mapping[str, str]
) -> str:
    """The text that the command prints, empty where it has no token for this LMS.

    Args:
        context: the profile, whose ``lms.token_command`` it is.
        argv: the command.
        environment: with the LMS in it.

    Raises:
        LtictlError: ``token_command_failed``. Nothing that it printed is quoted.
    """
    _require_trust(context)
    if shutil.which(argv[0]) is None:
        raise _failed(argv[0], "is not there or cannot be executed")
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, no shell
            argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failed(argv[0], f"did not end within {_TIMEOUT_SECONDS:g} s") from None
    except OSError as error:
        raise _failed(argv[0], f"could not be run: {error.strerror or error}") from error
    if done.returncode:
        raise _failed(argv[0], f"failed with exit code {done.returncode}")
    return done.stdout[:_MAX_TOKEN].decode("utf-8", "replace")


def _require_trust(context: Context) -> None:
    """Root runs no command that another user could have written into the profile."""
    stranger = context.profile.stranger_to_root(os.environ)
    if stranger:
        raise LtictlError(
            "hook_not_trusted",
            f"ltictl runs as root, and {stranger}: its token_command is not run.",
            why="Another user could have written lms.token_command, which root would carry out.",
            fix="Run ltictl as the owner of the profile, or correct owner and permissions. "
            "Where that is meant, name the folder in LTICTL_SAFE_PROFILES.",
        )


def _failed(name: str, how: str) -> LtictlError:
    return LtictlError(
        "token_command_failed",
        f"The command {name!r} {how}.",
        why="lms.token_command in profile.toml names it; it prints an administrator's token.",
        fix="Run it by hand with LTICTL_LMS_HOST set, and correct it or the setting.",
    )
