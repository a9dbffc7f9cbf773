"""Run the operator's command that prints an administrator's token for an LMS."""

from collections.abc import Mapping

from ltictl.errors import LtictlError
from ltictl.operations.context import Context
from ltictl.operations.own_command import run_for_output

_SETTING = "lms.token_command"
_MAX_TOKEN = 64 * 1024


def run_token_command(
    context: Context, argv: tuple[str, ...], environment: Mapping[str, str]
) -> str:
    """Return the text that the command prints, empty where it has no token for this LMS.

    Args:
        context: the profile, whose ``lms.token_command`` it is.
        argv: the command.
        environment: with the LMS in it.

    Raises:
        LtictlError: ``token_command_failed``, which quotes nothing that the command printed, or
            ``hook_not_trusted``.
    """
    printed = run_for_output(
        context.profile, _SETTING, argv, lambda how: _failed(argv[0], how), dict(environment)
    )
    return printed[:_MAX_TOKEN].decode("utf-8", "replace")


def _failed(name: str, how: str) -> LtictlError:
    return LtictlError(
        "token_command_failed",
        f"The command {name!r} {how}.",
        why=f"{_SETTING} in profile.toml names it; it prints an administrator's token.",
        fix="Run it by hand with LTICTL_LMS_HOST set, and correct it or the setting.",
    )
