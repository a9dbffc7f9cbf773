"""The commands ``lms login`` and ``lms script``."""

from typing import Annotated, Any

import typer

from ltictl.cli.command import reaches_lms, writes
from ltictl.cli.lms_token import TokenFileOption, keyring_of
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError

FamilyOption = Annotated[
    str,
    typer.Option(
        "--family", metavar="FAMILY", help="Kind of LMS, if its address does not show it."
    ),
]


@reaches_lms
@writes
def login(
    session: Session,
    organization: Annotated[str, typer.Argument(metavar="ORG", help="Organization.")],
    platform: Annotated[
        str, typer.Option("--platform", metavar="URL", help="Address of the LMS.")
    ] = "",
    token_file: TokenFileOption = "",
    family: FamilyOption = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the token, for this LMS alone.")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Drop the kept token.")] = False,
) -> Report:
    """Show whose token this is and what it may do at an LMS. Nothing is kept unless you say so.

    Example: ltictl lms login acme --platform https://acme.instructure.com --token-file admin-token
    """
    from ltictl.cli.render.lms_views import identity_view
    from ltictl.operations.lms_side.login import log_in, log_out

    context = session.context()
    context.profile.require()
    if not platform:
        raise UsageError(
            "options_missing", "--platform is needed.", fix="Name the LMS: --platform URL."
        )
    if forget:
        if keep:
            raise UsageError("options_conflict", "Give --keep or --forget.", fix="Not both.")
        log_out(context, organization, platform)
        data: dict[str, Any] = {"host": platform, "family": None, "identity": None, "kept": False}
        return Report(data, lambda output: output.note("The token is dropped."))
    keyring = keyring_of(session, token_file, platform if token_file else "")

    def show(address: str) -> None:
        # Urgent, so also with --quiet: without the address the run waits in vain.
        session.output.urgent(f"Open this address in a browser, and allow it there: {address}")

    found = log_in(keyring, organization, platform, family=family, keep=keep, show=show)
    identity = found.identity

    def human(output: Output) -> None:
        rows = [
            ("LMS", f"{found.family} at {found.host}"),
            ("owner", identity.name),
            ("account", identity.account),
            ("may", ", ".join(identity.rights)),
            ("lacks", ", ".join(identity.missing)),
            ("more than needed", ", ".join(identity.beyond)),
            ("ways to register", ", ".join(identity.ways)),
        ]
        for label, value in rows:
            if value:
                output.line(f"{label:17} {value}")
        output.note("The token is kept." if found.kept else "The token is not kept.")

    view = identity_view(identity)
    data = {"host": found.host, "family": found.family, "identity": view, "kept": found.kept}
    warnings = (f"The token lacks a right that is needed: {each}." for each in identity.missing)
    return Report(data, human, tuple(warnings))


def script(
    session: Session,
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="Kind of LMS.")],
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="Organization, for the comments.")
    ] = "",
) -> Report:
    """Print a program that an LMS's administrator reads and runs on the LMS's own host.

    Example: ltictl lms script moodle --org acme
    """
    from ltictl.operations.lms_side.script import host_script

    text = host_script(session.context(), family, org)
    return Report({"script": text}, lambda output: output.raw(text), bare=None)
