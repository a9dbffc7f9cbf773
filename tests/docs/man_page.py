"""Writes man/ltictl.1 from the commands themselves; the wheel has it in share/man/man1."""

from pathlib import Path
from typing import Final

from ltictl.cli.catalogue import GROUPS
from ltictl.cli.describe import Description, Parameter, describe_all, global_options
from ltictl.errors import ExitCode

PATH: Final = Path(__file__).parents[2] / "man" / "ltictl.1"

_HEAD: Final = r"""
.\" Made by 'python -m tests.docs' from the program; do not edit by hand.
.TH LTICTL 1 "" "ltictl" "User Commands"
.SH NAME
ltictl \- register and manage LTI 1.3 integrations
.SH SYNOPSIS
.B ltictl
.I COMMAND
.RI [ OPTIONS ]
.SH DESCRIPTION
.B ltictl
completes the dynamic registration of an LTI 1.3 tool that an LMS administrator begins, keeps what
came of it in a profile, and gives it to your application. Begin with
.B ltictl init
and
.BR "ltictl register \-\-org SLUG" ;
.B ltictl demo
shows how it works.
.PP
Data goes to standard output, everything else to standard error.
""".strip()
_EXIT: Final = {
    ExitCode.DONE: "Done, or nothing to do.",
    ExitCode.FAILED: "Failed, not listed below.",
    ExitCode.USAGE: "Wrong usage, or a question could not be asked.",
    ExitCode.REFUSED: "The LMS refused, or answered what cannot be used.",
    ExitCode.NOT_FOUND: "No such organization, integration, key or format.",
    ExitCode.TIMEOUT: "Nobody came before the timeout.",
    ExitCode.LOCKED: "The profile is locked by another run.",
    ExitCode.NEEDS_RECOVERY: "An attempt needs 'ltictl recover'.",
    ExitCode.PROBLEMS_FOUND: "'verify' or 'doctor' found problems.",
    ExitCode.UNREADABLE: "The profile or a document in it cannot be read.",
    ExitCode.CHANGES: "With --detailed-exitcode: there are changes.",
    ExitCode.INTERRUPTED: "Interrupted.",
    ExitCode.TERMINATED: "Terminated.",
}
_TAIL: Final = r"""
.SH FILES
.TP
.I ~/.config/ltictl/profiles/default/
The default profile: a folder of TOML documents; profile.toml in it is for people to edit.
.SH ENVIRONMENT
.TP
.B LTICTL_PROFILE
Profile to work with, a name or a path.
.TP
.B LTICTL_HOME
Where the profiles are.
.TP
.BR LTICTL_ALLOW_PRIVATE ", " LTICTL_CA_FILE
The same as \-\-allow\-private and \-\-ca\-file.
.SH SEE ALSO
The documentation that comes with ltictl.
""".strip()


def man_page() -> str:
    """The whole page, as groff's man macros have it."""
    commands = [_command(each) for each in describe_all()]
    groups = [f".TP\n.B {_safe(name)}\n{_safe(text)}" for name, text in sorted(GROUPS.items())]
    options = [_parameter(each) for each in global_options()]
    codes = [f".TP\n.B {code.value}\n{_safe(_EXIT[code])}" for code in ExitCode]
    parts = [_HEAD, ".SH COMMANDS", *commands, ".SS Groups of commands", *groups]
    parts += [".SH OPTIONS OF EVERY COMMAND", *options, ".SH EXIT STATUS", *codes, _TAIL]
    return "\n".join(parts) + "\n"


def _command(command: Description) -> str:
    arguments = " ".join(each.metavar for each in command.arguments)
    usage = f"ltictl {command.name} [OPTIONS] {arguments}".strip()
    lines = [f".SS {_safe(usage)}", _safe(command.text)]
    lines += [_parameter(each) for each in (*command.arguments, *command.options)]
    return "\n".join([*lines, ".PP", "Example:", ".EX", _safe(command.example), ".EE"])


def _parameter(parameter: Parameter) -> str:
    names = ", ".join(parameter.names)
    heading = " ".join(
        filter(None, [f"\\fB{_safe(names)}\\fR" if names else "", _value(parameter)])
    )
    default = f" Default: {parameter.default}." if parameter.default else ""
    return f".TP\n{heading}\n{_safe(parameter.text + default)}"


def _value(parameter: Parameter) -> str:
    return f"\\fI{_safe(parameter.metavar)}\\fR" if parameter.metavar else ""


def _safe(text: str) -> str:
    """Text that groff shows as it is: no escapes, no requests, hyphens that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    lines = (f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.split("\n"))
    return "\n".join(lines)
