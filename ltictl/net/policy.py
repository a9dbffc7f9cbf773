"""The operator's permissions for requests to platforms."""

from msgspec import Struct


# In a module of its own, since importing the client is slow.
class GuardPolicy(Struct, frozen=True):
    """The operator's permissions beyond public https.

    Attributes:
        allow_private: whether private and loopback addresses are allowed, and plain http on
            loopback.
        http_hosts: hosts that may have a private address and use plain http there.
        ca_file: PEM file of further certificate authorities, empty for none.
        proxy: URL of a proxy, which then resolves names itself; empty for none.
    """

    allow_private: bool = False
    http_hosts: frozenset[str] = frozenset()
    ca_file: str = ""
    proxy: str = ""
