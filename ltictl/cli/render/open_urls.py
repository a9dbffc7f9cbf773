"""Describe the registration URLs that are still open when ``register`` begins to listen."""

from collections.abc import Iterator

from ltictl.model.hint import hint
from ltictl.model.web_address import WebAddress
from ltictl.operations.events import ListeningBegan


def urls_in_use(event: ListeningBegan) -> Iterator[str]:
    """Say which open URLs lead to this run, which lead elsewhere, and how to get another one."""
    if not event.elsewhere:
        yield "Use the registration URL that ltictl printed earlier."
    for address in event.elsewhere:
        yield f"A URL that begins with {address} does not lead here."
        yield f"  To take it: {_listening_at(address)}"
    slug = event.organization or "SLUG"
    here = ("--public-url", event.address) if event.elsewhere else ()
    yield f"For another one: {hint('registration-url', '--org', slug, *here)}"


def _listening_at(address: str) -> str:
    url = WebAddress.parse(address, "address")
    if url.is_loopback:
        return hint("register", "--port", str(url.port))
    return hint("register", "--public-url", address)
