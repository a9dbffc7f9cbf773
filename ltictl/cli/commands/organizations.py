"""The commands ``org add``, ``org list``, ``org show``, ``org rename`` and ``org remove``."""

from typing import Annotated

import typer

from ltictl.cli.command import YesOption, writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.hint import hint

SlugArgument = Annotated[str, typer.Argument(metavar="SLUG", help="Short name, such as acme.")]


@writes
def add(
    session: Session,
    slug: SlugArgument,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Name for people.")] = "",
) -> Report:
    """Add an organization: a customer account of the tool.

    Example: ltictl org add acme --name "Acme School"
    """
    from ltictl.cli.render.json_views import organization_view
    from ltictl.operations.organizations import add_organization

    organization = add_organization(session.context(), slug, name)

    def human(output: Output) -> None:
        output.note(f"Added {organization.slug}. Next: ltictl register --org {organization.slug}")

    return Report({"organizations": [organization_view(organization)]}, human)


def list_all(session: Session) -> Report:
    """List organizations.

    Example: ltictl org list
    """
    from ltictl.cli.render.json_views import organization_view
    from ltictl.operations.organizations import list_organizations

    context = session.context()
    listing, now = list_organizations(context), context.now()

    def human(output: Output) -> None:
        rows = [[each.slug, each.name, output.moment(each.created_at, now)] for each in listing]
        none = "No organization yet. Begin with: ltictl org add SLUG"
        output.table(["Slug", "Name", "Created at"], rows, none=none, paged=True)

    return Report(
        {"organizations": [organization_view(each) for each in listing]},
        human,
        warnings=tuple(error.message for error in listing.damaged),
    )


def show(session: Session, slug: SlugArgument) -> Report:
    """Show an organization and its integrations.

    Example: ltictl org show acme
    """
    from ltictl.cli.render.integration_rows import integration_rows
    from ltictl.cli.render.json_views import integration_view, organization_view
    from ltictl.operations.organizations import integrations_of

    context = session.context()
    context.profile.require()
    organization = context.profile.organizations.get(slug)
    owned, now = integrations_of(context, slug), context.now()

    def human(output: Output) -> None:
        output.note(f"{organization.slug}  {organization.name}".rstrip())
        none = f"{slug} has no integration yet. Next: {hint('register', '--org', slug)}"
        output.table(*integration_rows(owned, output, now), none=none)

    data = {
        "organizations": [organization_view(organization)],
        "integrations": [integration_view(each) for each in owned],
    }
    return Report(data, human)


@writes
def rename(
    session: Session,
    slug: SlugArgument,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="TEXT", help="Name for people; empty for no name."),
    ] = None,
) -> Report:
    """Give an organization another name; its slug stays.

    Example: ltictl org rename acme --name "Acme College"
    """
    from ltictl.cli.render.json_views import organization_view
    from ltictl.operations.organizations import rename_organization

    context = session.context()
    context.profile.require()
    if name is None:
        raise UsageError(
            "options_missing",
            "--name is needed.",
            why="The slug never changes: it is part of the ids of the integrations.",
            fix=hint("org", "rename", slug, "--name", "TEXT"),
        )
    organization = rename_organization(context, slug, name)
    outcome = f"is now called {organization.name}" if organization.name else "has no name now"
    return Report(
        {"organizations": [organization_view(organization)]},
        lambda output: output.note(f"{slug} {outcome}."),
    )


@writes
def remove(session: Session, slug: SlugArgument, yes: YesOption = False) -> Report:
    """Remove an organization that owns no integration.

    Example: ltictl org remove acme --yes
    """
    from ltictl.cli.render.json_views import organization_view
    from ltictl.operations.organizations import remove_organization

    context = session.context()
    context.profile.require()
    context.profile.organizations.get(slug)
    if not session.confirm(f"Remove the organization {slug!r}?", yes=yes):
        return Report({"organizations": []}, lambda output: output.note("Nothing was removed."))
    removed = remove_organization(context, slug)
    return Report(
        {"organizations": [organization_view(removed)]},
        lambda output: output.note(f"Removed {slug}; its document is in the folder 'removed'."),
    )
