"""The command that prints the passphrase of the profile's secrets: an argv, no shell."""

import os
import subprocess
from typing import Final

from ltictl.errors import LtictlError
from ltictl.store.profile import Profile

_SECONDS: Final = 60.0
_LONGEST: Final = 4096


def run_passphrase_command(profile: Profile) -> bytes:
    """The passphrase that ``keys.passphrase_command`` prints; empty where none is set.

    Raises:
        LtictlError: ``passphrase_command_failed``, or ``hook_not_trusted``.
    """
    argv = profile.settings().keys.passphrase_command
    if not argv:
        return b""
    stranger = profile.stranger_to_root(os.environ)
    if stranger:
        raise LtictlError(
            "hook_not_trusted",
            f"ltictl runs as root, and {stranger}: keys.passphrase_command is not run.",
            why="Another user could have written the command, which root would carry out.",
            fix="Run ltictl as the owner of the profile, or correct owner and permissions.",
        )
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, no shell
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise _failed(argv[0], f"did not end within {_SECONDS:g} s") from None
    except OSError as error:
        raise _failed(argv[0], f"could not be run: {error.strerror or error}") from None
    passphrase = done.stdout.removesuffix(b"\n").removesuffix(b"\r")
    if done.returncode:
        raise _failed(argv[0], f"failed with exit code {done.returncode}")
    if not passphrase or len(passphrase) > _LONGEST:
        raise _failed(argv[0], "printed no passphrase")
    return passphrase


def _failed(name: str, how: str) -> LtictlError:
    return LtictlError(
        "passphrase_command_failed",
        f"The command {name} {how}.",
        why="keys.passphrase_command in profile.toml names it. Its output is not shown.",
        fix="Run the command by itself, and see that it prints the passphrase alone.",
    )
