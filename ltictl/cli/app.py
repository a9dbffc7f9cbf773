"""Run one command line from argv to exit code, and turn every exception into an error message."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
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
from ltictl.cli.command_line import CommandLine, commands_of, is_command
from ltictl.cli.profile_places import profile_to_repeat
from ltictl.cli.render.output import Output
from ltictl.cli.signals import TerminatedError, termination_unwinds
from ltictl.errors import ExitCode, InterruptedRunError, LtictlError, UsageError


def main(argv: Sequence[str]) -> int:
    """Run ltictl.

    Args:
        argv: arguments without the program's name.

    Returns:
        The exit code.
    """
    # A stopped run may leave things unfinished, such as half of an event loop. Python would print
    # that while the run unwinds, and it tells a person nothing.
    sys.unraisablehook = lambda _: None
    line = CommandLine.of(argv)
    output = Output(json=line.json, profile=profile_to_repeat(line.profile, os.environ))
    try:
        with termination_unwinds():
            return _run(line, output)
    except LtictlError as error:
        return _report_failure(output, line, error)
    except typer.TyperException as error:
        from ltictl.cli.mistakes import usage_error

        return _report_failure(output, line, usage_error(error, line))
    except (typer.Abort, KeyboardInterrupt, TerminatedError) as stop:
        return _report_failure(output, line, _stopped(stop))
    except Exception as error:  # noqa: BLE001  the boundary: a person gets words, not a traceback
        around = _trouble_around()
        return _report_failure(output, line, around) if around else _unforeseen(output, line, error)


def _trouble_around() -> LtictlError | None:
    """Return the fault in the process's surroundings over which any command stumbles."""
    if not _clock_can_be_read():
        return _clock_unusable()
    return None if _has_working_folder() else _working_folder_gone()


def _clock_can_be_read() -> bool:
    """Return whether Python can read this computer's clock."""
    # Libraries read it on import, so a wrong clock fails anywhere.
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


def _has_working_folder() -> bool:
    """Return whether the folder is there at which relative paths begin."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _working_folder_gone() -> LtictlError:
    return LtictlError(
        "working_folder_gone",
        "The folder in which ltictl was started cannot be found.",
        why="It was removed or moved, or this user may not enter it; relative paths begin there.",
        fix="Go to another folder ('cd'), then run the command again.",
    )


def _stopped(stop: BaseException) -> InterruptedRunError:
    terminated = isinstance(stop, TerminatedError)
    code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    return InterruptedRunError(code, "Stopped.", fix="Run it again.")


def _run(line: CommandLine, output: Output) -> int:
    name = line.name
    if name and not is_command(name):
        from ltictl.cli.mistakes import no_such_command

        raise no_such_command(line)
    if not name and line.asks_for_help:
        return _front_page(output)
    if name in GROUPS and not line.asks_for_help:
        from ltictl.cli.mistakes import incomplete

        raise incomplete(name)
    outcome = _app(name, output)(list(line.words), prog_name="ltictl", standalone_mode=False)
    if outcome == ExitCode.INTERRUPTED:  # typer returns this after Ctrl-C and prints nothing
        raise KeyboardInterrupt
    return int(outcome or 0)


def _front_page(output: Output) -> int:
    from ltictl.cli.render.front_page import front_page

    output.raw(front_page(colour=output.stdout_is_coloured))
    return 0


def _app(name: str, output: Output) -> typer.Typer:
    """Return a typer program with one command, with the commands of a group, or with none."""
    chosen = [name] if name in COMMANDS else commands_of(name)
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
            output.raw(f"ltictl {__version__}\n")
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
        _add(parent, last, full_name, earlier, output, load=full_name == name)
    return app


def _add(
    parent: typer.Typer,
    last: str,
    full_name: str,
    earlier: dict[str, Any],
    output: Output,
    *,
    load: bool,
) -> None:
    command = COMMANDS[full_name]
    # Only the command of this run: all of them with their shared options cost a third more of every
    # start.
    if load:
        function = as_command(full_name, command.load(), earlier, output)
        parent.command(last)(function)
    else:
        parent.command(last, help=command.summary)(lambda: None)


def _typer(text: str) -> typer.Typer:
    app = typer.Typer(
        help=text,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # rich costs 75 ms, even for --help
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=text)(_group)
    return app


def _group() -> None:
    """Keep typer from replacing a group by its only command."""


def _report_failure(output: Output, line: CommandLine, error: LtictlError) -> int:
    name = line.name
    instead = _instead(line, error)
    if error.code == "consent_needed":
        error.fix = f"To agree: {line.extended('--yes')}"
    elif instead:
        error.fix = f"Did you mean {error.instead[1]!r}? Then: {instead}"
    if isinstance(error, UsageError) and not error.fix:
        from ltictl.cli.mistakes import see_help

        error.fix = see_help(name)
    for warning in output.gathered:
        output.warn(warning)
    if not output.json or not _write_envelope(output, name, error):
        output.error(error)
    return int(error.exit_code)


def _instead(line: CommandLine, error: LtictlError) -> str:
    """Return the command line with the name that the person probably meant, if there is one."""
    typed, meant = error.instead
    if not meant:
        return ""
    if error.code == "no_profile" and typed == line.profile:
        return line.with_profile(meant)
    return line.exchanged(typed, meant) if line.holds(typed) else ""


def _write_envelope(output: Output, name: str, error: LtictlError) -> bool:
    """Write the envelope or the end of an unfinished one, and return whether stdout took it."""
    try:
        if output.unfinished is not None:
            output.end_envelope(error)
        else:
            output.envelope(name, error.data, output.gathered, lambda: error)
    except LtictlError:
        return False
    return True


def _unforeseen(output: Output, line: CommandLine, error: Exception) -> int:
    if "--verbose" in line.words:
        import traceback

        # Without the values of the frames, which may hold secrets.
        output.stderr.write("".join(traceback.format_tb(error.__traceback__)))
    return _report_failure(
        output,
        line,
        LtictlError(
            "internal_error",
            f"ltictl failed unexpectedly ({type(error).__name__}).",
            why="This is a defect of ltictl.",
            fix="Repeat the command with --verbose and report what it shows.",
        ),
    )
