"""Turn a function into a command with the global options, and write its report at the end."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ltictl.cli.profile_places import DEFAULT_PROFILE, profile_to_repeat
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import NetworkOptions, Session
from ltictl.errors import LtictlError
from ltictl.model.duration import format_duration, parse_duration
from ltictl.store.lock import LOCK_TIMEOUT

ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile", metavar="NAME|PATH", help="Profile to work with.", show_default=DEFAULT_PROFILE
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Only data, warnings and errors.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="More detail on stderr.")]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Never ask; fail instead.")]

LockTimeoutOption = Annotated[
    str,
    typer.Option("--lock-timeout", metavar="DURATION", help="How long to wait for another ltictl."),
]
AllowPrivateOption = Annotated[
    bool,
    typer.Option(
        "--allow-private", help="Allow LMSs at private and loopback addresses, http on loopback."
    ),
]
AllowHttpOption = Annotated[
    list[str] | None,
    typer.Option("--allow-http", metavar="HOST", help="Allow plain http to this private host."),
]
CaFileOption = Annotated[
    str, typer.Option("--ca-file", metavar="PATH", help="More certificate authorities (PEM).")
]
UseProxyOption = Annotated[
    bool, typer.Option("--use-proxy", help="Use HTTPS_PROXY; it then resolves names.")
]
PublicUrlOption = Annotated[
    str,
    typer.Option(
        "--public-url",
        metavar="URL",
        help="Address of the page as LMSs reach it.",
        show_default="the profile's",
    ),
]
LanguageOption = Annotated[
    str, typer.Option("--lang", metavar="TAG", help="Language of the mail, such as de.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write to this file instead of stdout."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask for consent.")]

# Options that a decorator adds to a command: parameter -> (annotation, default).
_Options = dict[str, tuple[Any, Any]]
_LOCK: _Options = {"lock_timeout": (LockTimeoutOption, format_duration(LOCK_TIMEOUT))}
_NETWORK: _Options = {
    "allow_private": (AllowPrivateOption, False),
    "allow_http": (AllowHttpOption, None),
    "ca_file": (CaFileOption, ""),
    "use_proxy": (UseProxyOption, False),
}
# These commands do harm in the wrong profile: they change LMSs, keys or stored integrations.
_NAME_THE_PROFILE = frozenset(
    {
        "register",
        "remove",
        "rotate-keys",
        "apply",
        "deactivate",
        "update",
        "recover",
        "move",
        "org remove",
    }
)
# Errors that ltictl.cli.near_misses may explain better.
NEAR_MISSES = frozenset({"no_such_integration", "no_profile"})
_GLOBALS: _Options = {
    "profile": (ProfileOption, ""),
    "json": (JsonOption, False),
    "quiet": (QuietOption, False),
    "verbose": (VerboseOption, False),
    "no_input": (NoInputOption, False),
}


def global_parameters() -> list[inspect.Parameter]:
    """Return the options that people may type before or after any command."""
    return _parameters(_GLOBALS)


def _parameters(options: _Options) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in options.items()
    ]


def as_command(
    name: str, function: Callable[..., Report], earlier: dict[str, Any], output: Output
) -> Callable[..., int]:
    """Wrap a command's function for typer.

    Args:
        name: the command's full name.
        function: takes a ``Session`` and its own options, returns a ``Report``.
        earlier: receives the global options that stood before the command.
        output: the streams of the run; the global options change it.

    Returns:
        A function whose signature has the global options too; it returns the exit code.
    """
    own = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name != "session"
    ]

    def run(**values: Any) -> int:
        options: dict[str, Any] = {
            # The same option may stand before or behind the command; behind it counts more.
            key: values.pop(key) or earlier.get(key, default)
            for key, (_, default) in _GLOBALS.items()
        }
        output.json, output.quiet, output.verbose = (
            options[each] for each in ("json", "quiet", "verbose")
        )
        output.profile = profile_to_repeat(options["profile"], os.environ)
        session = Session(
            command=name,
            output=output,
            profile=options["profile"],
            no_input=options["no_input"],
        )
        if "lock_timeout" in values:
            session.lock_timeout = _seconds(values.pop("lock_timeout"), "--lock-timeout")
        session.network = _network(values)
        if name in _NAME_THE_PROFILE:
            _name_the_profile(session)
        output.status.show("Working ...")  # a long operation replaces it with more detail
        try:
            report = function(session, **values)
        except LtictlError as error:
            if error.code not in NEAR_MISSES:
                raise
            from ltictl.cli.near_misses import explained

            raise explained(session, error) from None
        finally:
            output.status.clear()
        return _write(session, report)

    parameters = [*own, *_parameters(_marked(function)), *global_parameters()]
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    )
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = function.__doc__
    run.__name__ = function.__name__
    return run


def _name_the_profile(session: Session) -> None:
    """Name the profile of a command that is hard to undo, unless it is the default one."""
    place, source = session.profile_place()
    if source != "default":
        session.output.note(f"Profile: {Path(place).name} ({place}, from {source})")


def writes(function: Callable[..., Report]) -> Callable[..., Report]:
    """Give ``--lock-timeout`` to a command that writes to the profile."""
    return _mark(function, _LOCK)


def reaches_lms(function: Callable[..., Report]) -> Callable[..., Report]:
    """Give the options that ``Session.policy`` reads to a command that sends requests."""
    return _mark(function, _NETWORK)


def _mark(function: Callable[..., Report], options: _Options) -> Callable[..., Report]:
    function.options = options | _marked(function)  # type: ignore[attr-defined]
    return function


def _marked(function: Callable[..., Report]) -> _Options:
    options: _Options = getattr(function, "options", {})
    return options


def _network(values: dict[str, Any]) -> NetworkOptions:
    """Take the options of ``reaches_lms`` out of ``values``."""
    taken = {name: values.pop(name, default) for name, (_, default) in _NETWORK.items()}
    return NetworkOptions(**taken | {"allow_http": tuple(taken["allow_http"] or ())})


def _seconds(text: str, option: str) -> float:
    return parse_duration(text, option).total_seconds()


def _write(session: Session, report: Report) -> int:
    output = session.output
    # The list itself: an iterator in the data may add to it until the data ends.
    output.gathered[:0] = report.warnings
    if report.bare is not None:
        output.raw(report.bare)
    elif output.json:
        output.envelope(
            session.command,
            report.data,
            output.gathered,
            lambda: report.failure(output.gathered),
            at_once=report.at_once,
        )
    else:
        report.human(output)
    for warning in output.gathered:
        output.warn(warning)
    return report.exit_code(output.gathered)
