"""The ``relay-page`` command, which writes a static page for the tool's own https site."""

from ltictl.cli.command import OutputOption, writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session


@writes
def relay_page(
    session: Session,
    output: OutputOption = None,
) -> Report:
    """Make a static page for administrators whose browser cannot reach this computer.

    Put it on the tool's own https site and set callback.public_url to its address.

    Example: ltictl relay-page --output /srv/www/lti/register.html
    """
    from ltictl.operations.relay_page import make_relay_page
    from ltictl.store.output_file import write_output

    page = make_relay_page(session.context())
    if output is not None:
        write_output(output.absolute(), page.html.encode())

    def human(out: Output) -> None:
        if output is None:
            out.raw(page.html)
            return
        out.note(f"Wrote {output}. Publish it on the tool's own https site.")
        if page.address:
            out.note(f"LMSs are sent to {page.address}: that has to be its address.")
        out.note("Its secrets stand in its query: let the web server not log that path's queries.")
        out.note("A sealed block that it made: ltictl register --paste")

    data = {
        "file": str(output) if output else None,
        "html": None if output else page.html,
        "key": page.key,
        "public_url": page.address or None,
    }
    return Report(data, human, () if page.address else (_NO_ADDRESS,))


_NO_ADDRESS = (
    "callback.public_url is not set in profile.toml: registration URLs do not lead to the page yet."
)
