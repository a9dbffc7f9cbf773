"""The commands ``add`` and ``lms-config``, for LMSs that need a registration by hand."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session

if TYPE_CHECKING:
    from ltictl.platforms.family import Family
    from ltictl.platforms.form import ByHand


class ConfigFormat(StrEnum):
    """The forms in which an LMS takes a tool's settings."""

    FORM = "form"
    FIXTURE = "fixture"


@writes
def add(
    session: Session,
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="Organization that owns the integration.")
    ] = "",
    client_id: Annotated[
        str, typer.Option("--client-id", metavar="ID", help="As the LMS issued it.")
    ] = "",
    preset: Annotated[
        str,
        typer.Option(
            "--preset",
            metavar="NAME",
            help="An LMS whose addresses are known, such as canvas, blackboard or schoology.",
        ),
    ] = "",
    issuer: Annotated[
        str,
        typer.Option("--issuer", metavar="URL", help="The issuer, exactly as the LMS writes it."),
    ] = "",
    authorization_endpoint: Annotated[
        str,
        typer.Option(
            "--authorization-endpoint", metavar="URL", help="OpenID Connect authentication URL."
        ),
    ] = "",
    token_endpoint: Annotated[
        str, typer.Option("--token-endpoint", metavar="URL", help="Access token URL.")
    ] = "",
    jwks_uri: Annotated[
        str, typer.Option("--jwks-uri", metavar="URL", help="The LMS's public key set.")
    ] = "",
    audience: Annotated[
        str,
        typer.Option(
            "--audience",
            metavar="VALUE",
            help="Audience of token requests, if not the token endpoint.",
        ),
    ] = "",
    deployment: Annotated[
        list[str] | None,
        typer.Option("--deployment", metavar="ID", help="Deployment id; may be repeated."),
    ] = None,
    no_services: Annotated[
        bool,
        typer.Option(
            "--no-services", help="The LMS has no token endpoint: no grades, no course members."
        ),
    ] = False,
) -> Report:
    """Record a registration that was made by hand, in an LMS without dynamic registration.

    Example: ltictl add --org acme --preset canvas --client-id 10000000000001
    """
    from ltictl.cli.render.registration_report import registration_report
    from ltictl.operations.by_hand.add import add_integration, require_client_id

    context = session.context()
    context.profile.require()
    added = add_integration(
        context,
        organization=org
        or session.ask(
            "Organization", "--org", context.profile.organizations.get, "This organization"
        ),
        client_id=client_id
        or session.ask("Client id", "--client-id", require_client_id, "This client id"),
        addresses={
            "issuer": issuer,
            "authorization_endpoint": authorization_endpoint,
            "token_endpoint": token_endpoint,
            "jwks_uri": jwks_uri,
            "audience": audience,
        },
        deployments=deployment or (),
        preset=preset,
        services=not no_services,
    )
    return registration_report(session, (added.integration.id,), added.warnings)


def lms_config(
    session: Session,
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="The LMS, such as moodle.")],
    org: Annotated[
        str,
        typer.Option(
            "--org", metavar="SLUG", help="Organization, if the tool's URLs contain its id."
        ),
    ] = "",
    form: Annotated[
        ConfigFormat,
        typer.Option("--format", help="The form's fields, or a file for the LMS's own command."),
    ] = ConfigFormat.FORM,
) -> Report:
    """Print what an LMS administrator must enter by hand, in the order of that LMS's form.

    Example: ltictl lms-config schoology
    """
    if form is ConfigFormat.FIXTURE:
        return _fixture(session, family, org)
    from ltictl.operations.by_hand.lms_config import lms_config as configured
    from ltictl.platforms.table import family_named

    lms = family_named(family)
    found, warnings = configured(session.context(), lms, org)
    data = {
        "family": lms.slug,
        "where": found.where,
        "fields": [{"label": label, "value": value} for label, value in found.fields],
        "document": found.document,
        "afterwards": [{"label": label, "option": option} for label, option in found.afterwards],
    }
    return Report(data, lambda output: _describe(output, lms, found, org), warnings)


def _fixture(session: Session, family: str, org: str) -> Report:
    """Print only the fixture on stdout, which people pipe into another program."""
    from ltictl.operations.by_hand.lms_config import fixture
    from ltictl.platforms.table import family_named

    lms = family_named(family)
    found, warnings = fixture(session.context(), lms, org)

    def human(output: Output) -> None:
        output.raw(json.dumps(found.entries, indent=2) + "\n")
        again = f"ltictl lms-config {lms.slug} --format fixture{f' --org {org}' if org else ''}"
        output.note(f"On the host of {lms.title}: {again} | {found.command}")
        output.note("Then record it; ISSUER is the address of the LMS:")
        options = " ".join(f"{option} {value}" for option, value in found.options)
        slug = org or "SLUG"
        output.note(f"  ltictl add --org {slug} --preset {lms.slug} --issuer ISSUER {options}")

    data = {
        "family": lms.slug,
        "where": found.command,
        "fields": [{"label": option, "value": value} for option, value in found.options],
        "document": {"entries": found.entries},
        "afterwards": [],
    }
    return Report(data, human, warnings)


def _describe(output: Output, lms: "Family", found: "ByHand", org: str) -> None:
    """Print the settings; a document for pasting stands alone on stdout."""
    from ltictl.platforms.presets import add_command

    output.note(f"In {lms.title}: {found.where}")
    if found.document is None:
        for label, value in found.fields:
            output.line(label)
            for line in value.splitlines():
                output.line(f"    {line}")
    else:
        for label, value in found.fields:
            output.note(f"  {label}: {value}")
        output.raw(json.dumps(found.document, indent=2) + "\n")
    output.note(f"Then {lms.title} shows what 'ltictl add' needs:")
    for label, option in found.afterwards:
        output.note(f"  {option} is {label}")
    output.note(f"Record it: {add_command(lms, org)}")
