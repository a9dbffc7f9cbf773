"""Decide which network addresses a platform may have, from the numbers alone."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_network

_NAT64 = ip_network("64:ff9b::/96")
# These addresses also carry an IPv4 address in their last 32 bits (RFC 4291, 2.5.5.1).
_V4_COMPATIBLE = ip_network("::/96")
# The first half of an interface identifier of ISATAP, whose second half is IPv4 (RFC 5214, 6.1).
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
# This table stands here because the interpreter's own differs from version to version.
_NEVER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 itself leads to this computer
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "192.0.0.0/24",  # protocol assignments (RFC 6890); metadata of Oracle Cloud
        "192.88.99.0/24",  # former relays of 6to4 (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "64:ff9b:1::/48",  # NAT64 of one's own network (RFC 8215): where it leads is unknown
        "fd00:ec2::254/128",  # metadata of AWS
        "fd20:ce::254/128",  # metadata of Google Cloud
        "fec0::/10",  # former site-local (RFC 3879)
    )
)
# Only these IPv6 addresses are routed (RFC 4291, 2.4); the rest is unassigned.
_GLOBAL_UNICAST = ip_network("2000::/3")
# Providers and overlay networks use these behind their NAT (RFC 6598); ltictl treats them as
# private.
_SHARED = ip_network("100.64.0.0/10")


def effective_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address that a packet would reach, with IPv4 taken out of its IPv6 forms.

    Args:
        text: the address as the resolver gave it, maybe with a zone (``fe80::1%eth0``).

    Raises:
        ValueError: ``text`` is not an IP address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo:
        inner = address.teredo[1]
    if inner is None and _ends_in_ipv4(address):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def _ends_in_ipv4(address: IPv6Address) -> bool:
    compatible = address in _V4_COMPATIBLE and int(address) > 1  # :: and ::1 are themselves
    isatap = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and not address.is_link_local
    return address in _NAT64 or compatible or isatap


def leads_to_this_computer(text: str) -> bool:
    """Return whether the address leads to this computer."""
    return effective_address(text).is_loopback


def is_permitted(text: str, *, allow_private: bool) -> bool:
    """Return whether ltictl may connect to an address.

    Args:
        text: an IP address.
        allow_private: whether private and loopback addresses are permitted too. Link-local
            addresses (cloud metadata), multicast and unspecified ones never are.
    """
    address = effective_address(text)
    if address.is_multicast or address.is_link_local or address.is_unspecified:
        return False
    if any(address in network for network in _NEVER):
        return False
    return _is_public(address) or (allow_private and _is_private(address))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global


def _is_private(address: IPv4Address | IPv6Address) -> bool:
    if address.is_loopback or address in _SHARED:
        return True
    return address.is_private and not address.is_reserved
