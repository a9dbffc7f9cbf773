"""From argv to exit code: builds the one command that is invoked, and is the error boundary."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer

from ltictl import __version__
from ltictl.cli.catalogue import COMMANDS, GROUPS
from ltictl.cli.command import (
    JsonOption,
    NoInputOption,
    ProfileOption,
    QuietOption,
    VerboseOption,
    as_command,
)
from ltictl.cli.profile_places import profile_to_repeat
from ltictl.cli.render.output import Output
from ltictl.cli.signals import TerminatedError, termination_unwinds
from ltictl.errors import ExitCode, InterruptedRunError, LtictlError, UsageError
from ltictl.model.suggestion import did_you_mean


def main(argv: Sequence[str]) -> int:
    """Run ltictl.

    Args:
        argv: arguments without the program's name.

    Returns:
        The exit code.
    """
    # A stopped run may leave things untidied, such as half of an event loop. That is no news;
    # it is said while the run unwinds, before anything here hears of the signal.
    sys.unraisablehook = lambda _: None
    name = _command_name(argv)
    profile = profile_to_repeat(_given_profile(argv), os.environ)
    output = Output(json="--json" in _before_separator(argv), profile=profile)
    try:
        with termination_unwinds():
            return _run(argv, name, output)
    except LtictlError as error:
        return _report_failure(output, name, error)
    except typer.TyperException as error:
        return _report_failure(output, name, _usage_error(error, name))
    except (typer.Abort, KeyboardInterrupt, TerminatedError) as stop:
        return _report_failure(output, name, _stopped(stop))
    except Exception as error:  # noqa: BLE001  the boundary: a person gets words, not a traceback
        if not _clock_can_be_read():
            return _report_failure(output, name, _clock_unusable())
        return _unforeseen(output, name, argv, error)


def _clock_can_be_read() -> bool:
    """Whether Python can count this computer's time; libraries read it where they are imported."""
    import time

    try:
        time.time()
    except OverflowError:  # nanoseconds in 64 bits end in the year 2262
        return False
    return True


def _clock_unusable() -> LtictlError:
    return LtictlError(
        "clock_unusable",
        "A date lies beyond what can be computed.",
        why="The clock of this computer is probably wrong.",
        fix="Set the clock of this computer by NTP, then run the command again.",
    )


def _stopped(stop: BaseException) -> InterruptedRunError:
    terminated = isinstance(stop, TerminatedError)
    code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    return InterruptedRunError(code, "Stopped.", fix="Run it again.")


def _given_profile(argv: Sequence[str]) -> str:
    """The value of ``--profile``, for errors outside of the command."""
    given = ""
    words = _before_separator(argv)
    for number, word in enumerate(words):
        if word == "--profile":
            given = next(iter(words[number + 1 : number + 2]), "")
        elif word.startswith("--profile="):
            given = word.partition("=")[2]
    return given


def _before_separator(argv: Sequence[str]) -> Sequence[str]:
    return argv[: argv.index("--")] if "--" in argv else argv


def _command_name(argv: Sequence[str]) -> str:
    """The command that argv names, as far as it does: ``org add``, ``list``, or nothing."""
    words: list[str] = []
    skip = False
    for argument in _before_separator(argv):
        if skip:
            skip = False
        elif argument == "--profile":
            skip = True
        elif not argument.startswith("-"):
            words.append(argument)
            if len(words) == 2 or not _has_commands(words[0]):  # noqa: PLR2004  group and command
                break
    name = " ".join(words)
    # 'sandbox' is a command and the beginning of another one.
    return words[0] if name not in COMMANDS and words and words[0] in COMMANDS else name


def _has_commands(word: str) -> bool:
    return bool(_commands_of(word))


def _run(argv: Sequence[str], name: str, output: Output) -> int:
    if name and name not in COMMANDS and name not in GROUPS:
        raise _no_such_command(name)
    if not name and "--help" in argv:
        return _front_page(output)
    if name in GROUPS and "--help" not in argv:
        raise _incomplete(name)
    outcome = _app(name, output)(list(argv), prog_name="ltictl", standalone_mode=False)
    if outcome == ExitCode.INTERRUPTED:  # what typer makes of Ctrl-C, without a word
        raise KeyboardInterrupt
    return int(outcome or 0)


def _front_page(output: Output) -> int:
    from ltictl.cli.render.front_page import front_page

    output.raw(front_page(colour=output.stdout_is_coloured))
    return 0


def _incomplete(group: str) -> UsageError:
    known = ", ".join(_commands_of(group))
    return UsageError("usage", f"'ltictl {group}' needs a command.", fix=f"One of: {known}.")


def _commands_of(group: str) -> list[str]:
    return [name for name in COMMANDS if group and name.startswith(f"{group} ")]


def _no_such_command(name: str) -> UsageError:
    hint = did_you_mean(name, [*COMMANDS, *GROUPS], before="ltictl ")
    return UsageError(
        "no_such_command",
        f"There is no command {name[:60]!r}.",
        fix=f"{hint}'ltictl --help' lists them all.",
    )


def _app(name: str, output: Output) -> typer.Typer:
    """A typer program with the one command, with a group's for its help, or with none."""
    chosen = [name] if name in COMMANDS else _commands_of(name)
    earlier: dict[str, Any] = {}
    app = _typer("")
    groups: dict[str, typer.Typer] = {}

    @app.callback(invoke_without_command=True)
    def root(
        context: typer.Context,
        profile: ProfileOption = "",
        json: JsonOption = False,
        quiet: QuietOption = False,
        verbose: VerboseOption = False,
        no_input: NoInputOption = False,
        version: bool = typer.Option(False, "--version"),
    ) -> None:
        earlier.update(profile=profile, json=json, quiet=quiet, verbose=verbose, no_input=no_input)
        if version:
            sys.stdout.write(f"ltictl {__version__}\n")
            raise typer.Exit
        if context.invoked_subcommand is None:
            if json:
                raise UsageError("usage", "No command was given.")
            raise typer.Exit(_front_page(output))

    for full_name in chosen:
        group, _, last = full_name.rpartition(" ")
        parent = app if not group else groups.get(group)
        if parent is None:
            parent = groups[group] = _typer(GROUPS.get(group, ""))
            app.add_typer(parent, name=group)
        _add(parent, last, full_name, earlier, load=full_name == name)
    return app


def _add(
    parent: typer.Typer,
    last: str,
    full_name: str,
    earlier: dict[str, Any],
    *,
    load: bool,
) -> None:
    command = COMMANDS[full_name]
    if load:
        function = as_command(full_name, command.load(), earlier)
        parent.command(last)(function)
    else:
        parent.command(last, help=command.summary)(lambda: None)


def _typer(text: str) -> typer.Typer:
    app = typer.Typer(
        help=text,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich costs 75 ms, even for --help
    )
    app.callback(help=text)(_group)
    return app


def _group() -> None:
    """Keep a group a group, even with a single command in it."""


def _usage_error(error: Exception, name: str) -> UsageError:
    see = f"See {_help_of(name)}."
    alike = getattr(error, "possibilities", None)
    if alike is not None:  # an option that does not exist
        option = str(getattr(error, "option_name", ""))
        words = [str(each).lstrip("-") for each in alike]
        hint = did_you_mean(option.lstrip("-"), words, before="--")
        return UsageError("usage", f"There is no option {option[:60]!r}.", fix=f"{hint}{see}")
    told = getattr(error, "format_message", None)  # names the option that is wrong
    text = (told() if callable(told) else str(error)) or "The command line is incomplete."
    return UsageError("usage", text if text.endswith((".", "?")) else f"{text}.", fix=see)


def _help_of(name: str) -> str:
    return f"'ltictl {name} --help'" if name else "'ltictl --help'"


def _report_failure(output: Output, name: str, error: LtictlError) -> int:
    if isinstance(error, UsageError) and not error.fix:
        error.fix = f"See {_help_of(name)}."
    for warning in output.gathered:
        output.warn(warning)
    if not output.json or not _write_envelope(output, name, error):
        output.error(error)
    return int(error.exit_code)


def _write_envelope(output: Output, name: str, error: LtictlError) -> bool:
    """Whether the envelope could be written; stdout itself may be what is broken."""
    try:
        output.envelope(name, error.data, output.gathered, error)
    except LtictlError:
        return False
    return True


def _unforeseen(output: Output, name: str, argv: Sequence[str], error: Exception) -> int:
    if "--verbose" in argv:
        import traceback

        # Without the frames' values: they may hold secrets.
        output.stderr.write("".join(traceback.format_tb(error.__traceback__)))
    return _report_failure(
        output,
        name,
        LtictlError(
            "internal_error",
            f"ltictl failed unexpectedly ({type(error).__name__}).",
            why="This is a defect of ltictl.",
            fix="Repeat the command with --verbose and report what it shows.",
        ),
    )
