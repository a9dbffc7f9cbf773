"""The operator's limits on the way out; apart from the client, which is heavy to import."""

from msgspec import Struct


class GuardPolicy(Struct, frozen=True):
    """The operator's permissions beyond public https.

    Attributes:
        allow_private: private and loopback addresses, and plain http on loopback.
        http_hosts: hosts that may have a private address, and be spoken to there in plain http.
        ca_file: PEM file of further certificate authorities, empty for none.
        proxy: URL of a proxy that then resolves names in ltictl's place, empty for none.
    """

    allow_private: bool = False
    http_hosts: frozenset[str] = frozenset()
    ca_file: str = ""
    proxy: str = ""
