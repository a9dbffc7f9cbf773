"""The commands ``init`` and ``config``."""

from typing import Annotated, Any

import typer

from ltictl.cli.command import writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session


@writes
def init(
    session: Session,
    name: Annotated[
        str, typer.Option("--name", metavar="TEXT", help="The tool's name, as LMSs show it.")
    ] = "",
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="The tool's home page (https).")
    ] = "",
) -> Report:
    """Make a profile: the tool's settings and its first signing key.

    Example: ltictl init --name "Example Tool" --url https://tool.example.com
    """
    from ltictl.operations.initialise import initialise, require_home_page, require_tool_name

    context = session.context()
    context.profile.require_new()
    name = name or session.ask("Name of the tool", "--name", require_tool_name, "This name")
    label = "Home page of the tool (https://...)"
    url = url or session.ask(label, "--url", require_home_page, "This address")
    settings = initialise(context, name=name, url=url)
    tool = settings.tool
    derived = {
        "initiate_login_uri": tool.initiate_login_uri,
        "target_link_uri": tool.target_link_uri,
        "redirect_uris": list(tool.redirect_uris),
        "jwks_uri": tool.jwks_uri,
    }

    def human(output: Output) -> None:
        output.note(f"Profile made in {context.profile.place}")
        output.note("Derived from the URL; change them in profile.toml if they are different:")
        for label, value in derived.items():
            output.note(f"  {label:20} {value if isinstance(value, str) else ', '.join(value)}")
        output.note("Next: ltictl org add SLUG, then ltictl register --org SLUG")
        output.note("SLUG is a short name for a customer, such as acme.")

    data = {"profile": context.profile.place, "name": tool.name, "url": tool.url} | derived
    return Report(data, human)


def config(session: Session) -> Report:
    """Show every setting with its value and its source.

    Example: ltictl config --json
    """
    rows = _settings(session)

    def human(output: Output) -> None:
        output.table(
            ["Setting", "Value", "Source"],
            [[row["name"], _shown(row["value"]), row["source"]] for row in rows],
        )

    return Report({"settings": rows}, human)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _settings(session: Session) -> list[dict[str, Any]]:
    from ltictl.model.duration import format_duration

    context = session.context()
    place, source = session.profile_place()
    settings = context.profile.settings()
    written = context.profile.written_settings()
    store = context.profile.documents_place
    values: dict[str, object] = {
        "store.url": store if store != place else "",
        "tool.name": settings.tool.name,
        "tool.url": settings.tool.url,
        "tool.initiate_login_uri": settings.tool.initiate_login_uri,
        "tool.target_link_uri": settings.tool.target_link_uri,
        "tool.redirect_uris": list(settings.tool.redirect_uris),
        "tool.jwks_uri": settings.tool.jwks_uri,
        "tool.scopes": list(settings.tool.scopes),
        "tool.claims": list(settings.tool.claims),
        "callback.port": settings.callback.port,
        "callback.public_url": settings.callback.public_url,
        "callback.timeout": format_duration(settings.callback.timeout),
        "keys.managed_by": settings.keys.managed_by.value,
        "keys.bits": settings.keys.bits,
        "keys.publish_for": format_duration(settings.keys.publish_for),
        "keys.retire_after": format_duration(settings.keys.retire_after),
        "keys.signer": list(settings.keys.signer),
        "platforms.aliases": dict(settings.aliases),
        "hooks.after_change": list(settings.hooks.after_change),
        "hooks.on_problem": list(settings.hooks.on_problem),
    }
    rows: list[dict[str, Any]] = [
        {"name": "profile", "value": place, "source": source},
        *(
            {
                "name": name,
                "value": value,
                "source": "profile.toml" if name in written else "default",
            }
            for name, value in values.items()
        ),
    ]
    from_environment = [
        {"name": variable, "value": session.environment[variable], "source": "environment"}
        for variable in ("LTICTL_ALLOW_PRIVATE", "LTICTL_CA_FILE", "SSL_CERT_FILE")
        if session.environment.get(variable)
    ]
    return rows + from_environment
