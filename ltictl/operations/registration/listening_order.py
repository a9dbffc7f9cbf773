"""The options of one run of the callback server, and the address that follows from them."""

from datetime import timedelta

from msgspec import Struct


class ListeningOrder(Struct, frozen=True):
    """The options of one ``register`` run.

    Attributes:
        host, port: where to listen.
        public_url: what LMSs are given instead of the loopback address, empty for none.
        organization: only this one's invitations; one is made if none is open. ``None`` for all.
        timeout: how long to wait.
        count: registrations after which to end; 0 for no end.
        activate: whether to activate each integration as soon as it is stored.
        silence: after how long without a request to explain why that may be.
    """

    host: str
    port: int
    public_url: str
    organization: str | None
    timeout: timedelta
    count: int
    activate: bool = False
    silence: timedelta = timedelta(seconds=20)


def callback_base(host: str, port: int, public_url: str) -> str:
    """Return the registration URL's part before ``t``."""
    if public_url:
        return public_url
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown if host not in {'0.0.0.0', '::'} else '127.0.0.1'}:{port}/register"  # noqa: S104
