"""The options of one run of the callback server, and its address."""

from datetime import timedelta

from msgspec import Struct


class ListeningOrder(Struct, frozen=True):
    """The options of one ``register`` run.

    Attributes:
        host, port: the address to listen on.
        public_url: address for LMSs in place of the loopback address, empty for none.
        organization: slug; the run makes an invitation if none is open. ``None`` for all.
        timeout: the longest wait.
        count: number of registrations after which to end; 0 for no end.
        activate: whether to activate each integration as soon as it is stored.
        silence: the time without a request after which the run explains possible reasons.
        names_all: whether a page on loopback may name all organizations.
    """

    host: str
    port: int
    public_url: str
    organization: str | None
    timeout: timedelta
    count: int
    activate: bool = False
    silence: timedelta = timedelta(seconds=20)
    names_all: bool = True


def callback_base(host: str, port: int, public_url: str) -> str:
    """Return the registration URL's part before ``t``."""
    if public_url:
        return public_url
    shown = f"[{host}]" if ":" in host else host
    # "Every interface" is no address that a browser can open.
    return f"http://{shown if host not in {'0.0.0.0', '::'} else '127.0.0.1'}:{port}/register"  # noqa: S104
