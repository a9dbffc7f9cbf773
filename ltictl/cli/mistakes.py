"""Errors for a wrong command line, with the command line that the person probably meant.

They replace all of the parser's own messages.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from ltictl.cli.catalogue import COMMANDS, GROUPS
from ltictl.cli.command_line import CommandLine, commands_of, is_command
from ltictl.errors import UsageError
from ltictl.model.suggestion import likeliest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ltictl.cli.describe import Parameter

# Verbs of other programs, also after a group's name -> ltictl's verbs, of which the first that fits
# counts.
_VERBS: Final = {
    **dict.fromkeys(("delete", "rm", "del", "destroy", "unregister", "uninstall"), "remove"),
    **dict.fromkeys(("create", "new", "insert"), "add"),
    **dict.fromkeys(("ls", "all"), "list"),
    **dict.fromkeys(("get", "info", "describe", "view", "inspect", "details"), "show"),
    **dict.fromkeys(("purge", "wipe", "forget", "anonymize", "anonymise"), "erase"),
    **dict.fromkeys(("dump", "download", "save"), "export"),
    **dict.fromkeys(("cp", "clone", "move", "mv", "migrate", "sync", "transfer"), "copy"),
}
_COMMANDS: Final = {
    **dict.fromkeys(("enable", "on", "start"), "activate"),
    **dict.fromkeys(("disable", "off", "stop", "suspend"), "deactivate"),
    **dict.fromkeys(("test", "validate", "check", "ping"), "verify"),
    **dict.fromkeys(("status", "integrations", "integration"), "list"),
    **dict.fromkeys(("setup", "configure", "new", "create", "profile create"), "init"),
    **dict.fromkeys(("settings", "env", "profile show"), "config"),
    **dict.fromkeys(("diagnose", "healthcheck"), "doctor"),
    **dict.fromkeys(("listen", "start-server", "connect"), "register"),
    **dict.fromkeys(("daemon", "service", "server"), "serve"),
    **dict.fromkeys(("history", "logs", "audit", "events", "journal", "changes"), "log"),
    **dict.fromkeys(("undo", "undelete", "unremove", "recycle"), "restore"),
    **dict.fromkeys(("modify", "set", "change", "patch"), "edit"),
    **dict.fromkeys(("relocate", "migrate", "mv"), "move"),
    **dict.fromkeys(("reload", "fetch"), "refresh"),
    **dict.fromkeys(("compare", "profile diff", "profile compare"), "diff"),
    **dict.fromkeys(("copy", "clone", "profile copy"), "store copy"),
    **dict.fromkeys(("purge", "wipe", "erase"), "org erase"),
    **dict.fromkeys(("stats", "prometheus"), "metrics"),
    **dict.fromkeys(("dashboard", "overview", "summary"), "report"),
    **dict.fromkeys(("login", "auth", "token", "lms token", "lms auth"), "lms login"),
    **dict.fromkeys(("url", "invite", "link", "registration"), "registration-url"),
    **dict.fromkeys(("invitation add", "invitation create", "invitation new"), "registration-url"),
    **dict.fromkeys(("invitation remove", "invitation delete"), "invitation revoke"),
    **dict.fromkeys(("revoke", "cancel"), "invitation revoke"),
    **dict.fromkeys(("rotate", "renew", "keys rotate", "keys new"), "rotate-keys"),
    **dict.fromkeys(("jwk", "keyset", "key-set", "keys export"), "jwks"),
    **dict.fromkeys(("resume", "retry", "continue", "repair", "fix"), "recover"),
    **dict.fromkeys(("sync", "push"), "update"),
    **dict.fromkeys(("dump", "backup"), "export"),
    **dict.fromkeys(("load",), "import"),
    **dict.fromkeys(("organization", "organizations", "organisation", "orgs"), "org"),
    **dict.fromkeys(("invitations", "invites"), "invitation"),
    **dict.fromkeys(("deployments",), "deployment"),
    **dict.fromkeys(("key",), "keys"),
}
# Options of other programs -> ltictl's options, of which the first that the command has counts.
_OPTIONS: Final = {
    **dict.fromkeys(("organization", "organisation", "organizations", "slug", "o"), ("org",)),
    **dict.fromkeys(("force", "y", "assume-yes", "confirm", "f", "non-interactive"), ("yes",)),
    **dict.fromkeys(("format", "output", "o"), ("output", "json")),
    **dict.fromkeys(("lms", "family", "issuer", "iss"), ("platform", "issuer")),
    **dict.fromkeys(("host", "bind", "address", "interface"), ("listen",)),
    **dict.fromkeys(("expiry", "expire", "ttl", "valid-for", "lifetime"), ("expires",)),
    **dict.fromkeys(("wait", "deadline"), ("timeout", "lock-timeout")),
    **dict.fromkeys(("state",), ("status",)),
    **dict.fromkeys(("last", "after", "days", "newer-than"), ("since",)),
    **dict.fromkeys(("check", "plan", "n"), ("dry-run",)),
    **dict.fromkeys(("silent", "q", "s"), ("quiet",)),
    **dict.fromkeys(("debug", "v", "vv"), ("verbose",)),
    **dict.fromkeys(("title", "label"), ("name", "label")),
    **dict.fromkeys(("homepage", "home", "base-url"), ("url", "public-url")),
    **dict.fromkeys(("p",), ("profile", "port")),
    **dict.fromkeys(("token", "token-file"), ("registration-token-file",)),
    **dict.fromkeys(("client", "clientid"), ("client-id",)),
    **dict.fromkeys(("batch", "no-prompt"), ("no-input", "yes")),
}
_FRONT_PAGE: Final = "'ltictl help' lists the commands."
_URL: Final = re.compile(r"https?://|[\w-]+(\.[\w-]+)+(/|$)")
_EXTRA: Final = re.compile(r"extra argument\(s\) \((.*)\)\.?$", re.DOTALL)
# Metavar of an argument -> the question where it is missing, and the way to its answer.
_QUESTIONS: Final = {
    "ID": ("Which integration?", "'ltictl list' shows them."),
    "SLUG": ("Which organization?", "'ltictl org list' shows them."),
    "DEPLOYMENT_ID": ("Which deployment?", "'ltictl deployment list ID' shows them."),
    "FILE": ("Which file?", ""),
    "ORG": ("Which organization?", "'ltictl org list' shows them."),
    "REMOVED": ("Which removed integration?", "'ltictl log --action remove' shows them."),
    "PEM": ("Which key file?", "A PEM or JWK file that holds a private key."),
    "PROFILE": ("Which profile?", "'ltictl profile list' shows them."),
    "OTHER": ("Which profile to compare with?", "'ltictl profile list' shows them."),
    "FROM": ("Which profile to copy?", "'ltictl profile list' shows them."),
    "TO": ("Which place to copy to?", "An empty folder, or s3://BUCKET/PREFIX."),
}
_OWN_QUESTIONS: Final = {
    ("org add", "SLUG"): ("Which short name?", "Such as 'ltictl org add acme'."),
}


def no_such_command(line: CommandLine) -> UsageError:
    """Return the error for a command that does not exist."""
    option = next(iter(line.words), "").partition("=")[0]
    if option.startswith("-") and option not in _options(""):
        return _before_its_command(line, option)
    group, _, last = line.name.rpartition(" ")
    if last == "help":
        return UsageError("no_such_command", "'help' stands first.", fix=f"ltictl help {group}")
    meant = _other_command(line.name)
    fix = f"Did you mean '{line.with_command(meant)}'?" if meant else _FRONT_PAGE
    return UsageError("no_such_command", f"There is no command {line.name[:60]!r}.", fix=fix)


def _other_command(name: str) -> str:
    first, _, verb = name.rpartition(" ")
    grouped = f"{_COMMANDS.get(first, first)} {_VERBS.get(verb, verb)}".strip()
    turned = " ".join(reversed(name.split("-")))  # as in 'rotate-keys', which is no group's
    for meant in (_COMMANDS.get(name, ""), grouped, turned):
        if meant != name and is_command(meant):
            return meant
    return likeliest(name, [*COMMANDS, *GROUPS])


def _before_its_command(line: CommandLine, option: str) -> UsageError:
    """Return the error for an option that stands before its command."""
    words = list(line.words)
    command = next((each for each in words if is_command(each)), "")
    if command:
        between = words[: words.index(command)]
        fix = f"Did you mean '{line.moved(between, between)}'?"
    else:
        from ltictl.cli.describe import describe_all

        owners = [each.name for each in describe_all() if option in _names(each.options)]
        fix = f"Commands that have it: {', '.join(owners)}." if owners else _FRONT_PAGE
    return UsageError("usage", f"{option} stands before the command.", fix=fix)


def incomplete(group: str) -> UsageError:
    """Return the error for a group without one of its commands."""
    known = ", ".join(commands_of(group))
    return UsageError("usage", f"'ltictl {group}' needs a command.", fix=f"One of: {known}.")


def usage_error(error: Exception, line: CommandLine) -> UsageError:
    """Return the error for words that the command's parser refuses."""
    kind = type(error).__name__
    answer = _EXPLANATIONS.get(kind, _other)(error, line)
    return UsageError("usage", answer[0], fix=answer[1] or see_help(line.name))


def see_help(command: str) -> str:
    """Return a ``fix`` that names the help of a command, or of ltictl without one."""
    return f"See 'ltictl {command} --help'." if command else _FRONT_PAGE


def _no_such_option(error: Any, line: CommandLine) -> tuple[str, str]:
    option = str(error.option_name)
    message = f"There is no option {option[:60]!r}."
    typed = next((each for each in line.words if each.partition("=")[0] == option), "")
    bare = _as_argument(option, typed, line)
    if bare:
        return message, f"Did you mean '{bare}'?"
    meant = _other_option(option.lstrip("-"), list(_options(line.name)))
    if not meant or f"--{meant}" == option:  # the second: the option stands after a group
        return message, ""
    if not typed:  # one letter of several, as in '-qv'
        return message, f"Did you mean '--{meant}'?"
    instead = f"--{meant}{typed[len(option) :]}"
    return message, f"Did you mean '--{meant}'? Then: {line.exchanged(typed, instead)}"


def _as_argument(option: str, typed: str, line: CommandLine) -> str:
    """Return the line without an option that names an argument; empty where it names none."""
    from ltictl.cli.describe import describe

    arguments = describe(line.name).arguments if line.name in COMMANDS else ()
    if option.lstrip("-").upper() not in {each.metavar.strip("[].") for each in arguments}:
        return ""
    value = typed.partition("=")[2]
    return line.exchanged(typed, value) if value else line.moved([option], [])


def _other_option(name: str, known: list[str]) -> str:
    words = [each.lstrip("-") for each in known]
    fitting = [each for each in _OPTIONS.get(name, ()) if each in words]
    return fitting[0] if fitting else likeliest(name, words)


def _names(options: "Iterable[Parameter]") -> list[str]:
    return [name for each in options for name in each.names]


def _options(command: str) -> "dict[str, Parameter]":
    """Return every option of a command, including the global ones."""
    from ltictl.cli.describe import describe, global_options

    own = describe(command).options if command in COMMANDS else ()
    return {name: each for each in (*own, *global_options()) for name in each.names}


def _extra(error: Any, line: CommandLine) -> tuple[str, str]:
    from ltictl.cli.describe import describe

    found = _EXTRA.search(str(error))
    if found is None or line.name not in COMMANDS:
        return _other(error, line)
    text = found[1]
    extra = [text] if line.holds(text) else text.split(" ")
    meant = likeliest(f"{line.name} {extra[0]}", commands_of(line.name))
    if meant:
        message = f"'ltictl {line.name}' has no command {extra[0][:40]!r}."
        return message, f"Did you mean '{line.exchanged(extra[0], meant.rpartition(' ')[2])}'?"
    takes = " ".join(each.metavar for each in describe(line.name).arguments)
    only = f"takes {takes} and nothing else" if takes else "takes no argument"
    message = f"'ltictl {line.name}' {only}: {text[:60]!r} is one too many."
    option = _option_for(extra, line)
    if not option or not all(line.holds(each) for each in extra):
        return message, ""
    value = " ".join(extra)
    return message, f"Did you mean {option}? Then: {line.moved(extra, [option, value])}"


def _option_for(extra: list[str], line: CommandLine) -> str:
    """Return the option whose value the person probably typed without the option."""
    if extra == ["help"]:
        return ""
    known = [each for each in _options(line.name) if not line.holds(each)]
    url = len(extra) == 1 and _URL.match(extra[0])
    if extra[0].isdigit():
        wanted: tuple[str, ...] = ("--port",)
    elif "=" in extra[0]:
        wanted = ("--set",)
    elif url:
        wanted = ("--url", "--issuer", "--platform", "--output")
    elif len(extra) == 1 and "/" in extra[0]:
        wanted = ("--output",)
    elif line.name in {"init", "org add", "org rename"}:
        wanted = ("--name",)
    else:
        wanted = ("--org",) if len(extra) == 1 else ()
    return next((each for each in wanted if each in known), "")


def _missing(error: Any, line: CommandLine) -> tuple[str, str]:
    name = error.param.metavar or error.param.opts[0] if error.param else ""
    if error.param is not None and error.param.param_type_name == "option":
        return f"{error.param.opts[0]} is required.", ""
    word = str(name).strip("[].")
    question, where = _OWN_QUESTIONS.get((line.name, word)) or _QUESTIONS.get(word, ("", ""))
    if question:
        whole = f"{line.with_command(line.name)} {_from_argument(name, line.name)}"
        return question, f"{where} Then: {whole}" if where else whole
    choices = _choices_of(word)
    return f"Which {word.lower()}?", f"One of: {', '.join(choices)}." if choices else ""


def _from_argument(metavar: str, command: str) -> str:
    """Return an argument and the required ones that follow it, as the usage line has them."""
    from ltictl.cli.describe import describe

    all_of_them = [each.metavar for each in describe(command).arguments]
    rest = all_of_them[all_of_them.index(metavar) :]
    return " ".join(each for each in rest if not each.startswith("["))


def _choices_of(word: str) -> list[str]:
    if word == "FORMAT":
        from ltictl.interchange.registry import all_formats

        return list(all_formats())
    if word == "FAMILY":
        from ltictl.platforms.table import slugs

        return list(slugs())
    return ["bash", "fish", "zsh"] if word == "SHELL" else []


def _bad_value(error: Any, line: CommandLine) -> tuple[str, str]:
    choices = [str(each) for each in getattr(error.param.type, "choices", ())]
    option = error.param.opts[0]
    if not choices:
        return f"{option} cannot be {str(error.message)[:80]!r}.", ""
    _, _, rest = str(error.message).partition("'")
    typed = rest.partition("'")[0]
    message = f"{option} takes {either(choices)}; it was {typed[:40]!r}."
    meant = likeliest(typed, choices)
    if not meant or not line.holds(typed):
        return message, ""
    return message, f"Did you mean {meant!r}? Then: {line.exchanged(typed, meant)}"


def either(choices: list[str]) -> str:
    """Join words as in ``a, b or c``."""
    return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))


def _bad_option(error: Any, line: CommandLine) -> tuple[str, str]:
    """Word an error about an option whose value is missing or not wanted."""
    option = str(error.option_name)
    known = _options(line.name).get(option)
    if known is not None and not known.metavar:
        return f"{option} takes no value.", ""
    metavar = known.metavar if known else "VALUE"
    return f"{option} needs a value: {option} {metavar}.", ""


def _other(error: Any, line: CommandLine) -> tuple[str, str]:
    del line
    format_message = getattr(error, "format_message", None)
    text = (
        format_message() if callable(format_message) else str(error)
    ) or "The command line is incomplete."
    return text if text.endswith((".", "?")) else f"{text}.", ""


_EXPLANATIONS: Final = {
    "NoSuchOption": _no_such_option,
    "UsageError": _extra,
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "BadOptionUsage": _bad_option,
}
