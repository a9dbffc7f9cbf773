"""The author of changes: the user and computer, or the CI job, and the command without secrets."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

from ltictl.model.author import Author

ACTOR: Final = "LTICTL_ACTOR"
_LONGEST: Final = 500
# The runners that say the address of a job in one variable.
_JOB_URLS: Final = (
    "CI_JOB_URL",  # GitLab
    "BUILD_URL",  # Jenkins
    "BUILDKITE_BUILD_URL",
    "CIRCLE_BUILD_URL",
    "TRAVIS_JOB_WEB_URL",
    "CI_PIPELINE_URL",  # Woodpecker
)


def author_of(environment: Mapping[str, str], action: str, words: Sequence[str]) -> Author:
    """Return the author of what a run changes.

    Args:
        environment: the process's.
        action: the command's name.
        words: of the command line, without the program's name.
    """
    return Author(
        user=_user(environment),
        host=_host(),
        name=_cut(environment.get(ACTOR, "").strip()),
        job=_cut(_without_query(_job(environment))),
        command=_cut(command_for_log(words)),
        action=action,
    )


def command_for_log(words: Sequence[str]) -> str:
    """Return the command line for the log, without the queries of addresses."""
    import shlex

    # No option takes a secret as its value. A registration URL and the address of a configuration
    # (Canvas, Brightspace) carry one in their query.
    return shlex.join(["ltictl", *map(_without_query, words)])


def _without_query(word: str) -> str:
    option, is_address, rest = word.partition("://")
    if not is_address:
        return word
    authority, slash, path = rest.partition("/")
    # The part before "@" may be a password (RFC 3986, 3.2.1).
    shown = f"{option}://{authority.rpartition('@')[2]}{slash}{path}"
    for mark in "?#":
        beginning, found, _ = shown.partition(mark)
        shown = f"{beginning}{mark}..." if found else shown
    return shown


def _job(environment: Mapping[str, str]) -> str:
    found = next(filter(None, map(environment.get, _JOB_URLS)), "")
    if found:
        return found
    get = environment.get
    if get("GITHUB_RUN_ID") and get("GITHUB_SERVER_URL") and get("GITHUB_REPOSITORY"):
        site, repository = get("GITHUB_SERVER_URL"), get("GITHUB_REPOSITORY")
        return f"{site}/{repository}/actions/runs/{get('GITHUB_RUN_ID')}"
    if get("BUILD_BUILDID") and get("SYSTEM_COLLECTIONURI") and get("SYSTEM_TEAMPROJECT"):
        site = f"{get('SYSTEM_COLLECTIONURI', '').rstrip('/')}/{get('SYSTEM_TEAMPROJECT')}"
        return f"{site}/_build/results/{get('BUILD_BUILDID')}"  # Azure Pipelines
    return ""


def _user(environment: Mapping[str, str]) -> str:
    """Return the user as the system knows them; a variable could say anything."""
    user = environment.get("USERNAME", "") if os.name == "nt" else _posix_user()
    before = environment.get("SUDO_USER", "")
    return f"{user} (sudo by {before})" if before and before != user else user


def _posix_user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user often has no name
        return f"uid {os.getuid()}"


def _host() -> str:
    import socket

    return _cut(socket.gethostname())


def _cut(text: str) -> str:
    """Return a text of bounded length that can be written down."""
    # Bytes of a command line that are no UTF-8 arrive as surrogates, which no file takes.
    return text[:_LONGEST].encode("utf-8", "replace").decode("utf-8")
