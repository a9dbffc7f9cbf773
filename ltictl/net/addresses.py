"""Which network addresses a platform may have; decides on numbers only, looks nothing up."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Carries an IPv4 address in its last 32 bits as well (RFC 4291, 2.5.5.1).
_V4_COMPATIBLE = ipaddress.ip_network("::/96")


def effective_address(text: str) -> IPv4Address | IPv6Address:
    """The address that a packet would end at: IPv4 inside of IPv6 forms is taken out.

    Args:
        text: as the resolver gave it, maybe with a zone (``fe80::1%eth0``).

    Raises:
        ValueError: not an IP address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo:
        inner = address.teredo[1]
    carries = address in _NAT64 or (address in _V4_COMPATIBLE and int(address) > 1)
    if inner is None and carries:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def is_loopback(text: str) -> bool:
    """Whether the address leads to this computer."""
    return effective_address(text).is_loopback


def is_permitted(text: str, *, allow_private: bool) -> bool:
    """Whether ltictl may connect to an address.

    Args:
        text: an IP address.
        allow_private: whether private and loopback addresses count too. Link-local addresses
            (cloud metadata), multicast and unspecified ones never do.
    """
    address = effective_address(text)
    if address.is_multicast or address.is_link_local or address.is_unspecified:
        return False
    if address.is_global:
        return True
    return allow_private and (address.is_loopback or _is_private(address))


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    return address.is_private and not address.is_reserved
