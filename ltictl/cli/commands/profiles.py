"""The commands ``profile list``, ``profile use`` and ``profile path``."""

from typing import Annotated

import typer

from ltictl.cli.profile_places import (
    named_profiles,
    profile_names,
    used_profile_file,
)
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session


def list_all(session: Session) -> Report:
    """List the profiles that have a name, and say which one commands act on.

    Example: ltictl profile list
    """
    place, source = session.profile_place()
    home = named_profiles(session.environment)
    names = profile_names(session.environment)
    listed = [
        {"name": name, "path": str(home / name), "current": str(home / name) == place}
        for name in names
    ]

    def human(output: Output) -> None:
        rows = [
            ["*" if each["current"] else "", str(each["name"]), str(each["path"])]
            for each in listed
        ]
        output.table(["Current", "Profile", "Path"], rows)
        if not any(each["current"] for each in listed):
            output.note(f"Commands act on {place} ({source}).")

    return Report({"profiles": listed}, human)


def use(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="PROFILE", help="As 'profile list' shows it.")],
) -> Report:
    """Choose the profile for commands without --profile and LTICTL_PROFILE.

    Example: ltictl profile use prod
    """
    from ltictl.errors import NotFoundError
    from ltictl.model.suggestion import likeliest
    from ltictl.store.output_file import write_output

    names = profile_names(session.environment)
    if name not in names:
        raise NotFoundError(
            "no_such_profile",
            f"There is no profile {name[:80]!r}.",
            fix=f"'ltictl profile list' shows them. New: ltictl --profile {name} init",
            instead=(name, likeliest(name, names)),
        )
    file = used_profile_file(session.environment)
    write_output(file, f"{name}\n".encode(), private=True)
    overruled = session.environment.get("LTICTL_PROFILE", "")
    warnings = (f"LTICTL_PROFILE is set to {overruled!r} and counts more.",) if overruled else ()
    return Report(
        {"profile": name}, lambda output: output.note(f"Commands now act on {name}."), warnings
    )


def path(session: Session) -> Report:
    """Print the folder of the profile that commands act on.

    Example: ltictl profile path
    """
    place, source = session.profile_place()
    return Report({"path": place, "source": source}, lambda output: output.raw(f"{place}\n"))
