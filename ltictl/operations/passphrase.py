"""Run the operator's command that prints the passphrase of the profile's secrets."""

from typing import Final

from ltictl.errors import LtictlError
from ltictl.operations.own_command import run_for_output
from ltictl.store.profile import Profile

_SETTING: Final = "keys.passphrase_command"
_LONGEST: Final = 4096


def run_passphrase_command(profile: Profile) -> bytes:
    """Return the passphrase that ``keys.passphrase_command`` prints; empty where none is set.

    Raises:
        LtictlError: ``passphrase_command_failed``, or ``hook_not_trusted``.
    """
    argv = profile.settings().keys.passphrase_command
    if not argv:
        return b""
    # Without a shell: the argv goes to the program as it stands in the file.
    printed = run_for_output(profile, _SETTING, argv, lambda how: _failed(argv[0], how))
    # Programs end their output with a line end, on Windows with two characters.
    passphrase = printed.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase or len(passphrase) > _LONGEST:
        raise _failed(argv[0], "printed no passphrase")
    return passphrase


def _failed(name: str, how: str) -> LtictlError:
    return LtictlError(
        "passphrase_command_failed",
        f"The command {name} {how}.",
        why=f"{_SETTING} in profile.toml names it. Its output is not shown.",
        fix="Run the command by itself, and see that it prints the passphrase alone.",
    )
