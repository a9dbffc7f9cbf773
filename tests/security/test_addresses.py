"""Every kind of address, at its limits, against the two policies; numbers only (row 1)."""

import ipaddress
from collections.abc import Iterator

import pytest

from ltictl.net.addresses import effective_address, is_permitted, leads_to_this_computer
from tests.security.hostile_urls import IPV6, TARGETS, encodings

# Networks with what they are: always refused, refused unless private ones are allowed.
NEVER = (
    "0.0.0.0/8",
    "100.100.100.200/32",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "64:ff9b:1::/48",
    "3fff::/20",
    "5f00::/16",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)
PRIVATE = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
)
# The last address before and the first after them, as far as those are public.
PUBLIC = (
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "191.255.255.255",
    "192.0.1.0",
    "192.88.98.255",
    "192.88.100.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "8.8.8.8",
    "2000::",
    "2606:4700::1111",
    "2a00::1",
    "3ffe:ffff::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "2606:4700::5efe:8.8.8.8",
    "2001:0:808:808:0:0:f7f7:f7f7",
)
SPECIAL = {"100.100.100.200", "fd00:ec2::254", "fd20:ce::254"}


def borders(networks: tuple[str, ...]) -> Iterator[str]:
    for text in networks:
        network = ipaddress.ip_network(text)
        within = (network[0], network[-1], network[network.num_addresses // 2])
        yield from dict.fromkeys(map(str, within))


def forms(address: str) -> list[str]:
    """An address and, for IPv4, every IPv6 form that carries it."""
    if ":" in address:
        return [address]
    carried = [form.strip("[]") for form in encodings(address) if form.startswith("[")]
    return [address, *carried]


@pytest.mark.parametrize("address", [a for b in borders(NEVER) for a in forms(b)])
def test_never(address: str) -> None:
    assert not is_permitted(address, allow_private=True)
    assert not is_permitted(address, allow_private=False)


@pytest.mark.parametrize("address", [a for b in borders(PRIVATE) for a in forms(b)])
def test_private(address: str) -> None:
    assert str(effective_address(address)) not in SPECIAL
    assert is_permitted(address, allow_private=True)
    assert not is_permitted(address, allow_private=False)


@pytest.mark.parametrize("address", [a for b in PUBLIC for a in forms(b)])
def test_public(address: str) -> None:
    assert is_permitted(address, allow_private=True)
    assert is_permitted(address, allow_private=False)


@pytest.mark.parametrize("address", [*(a for b in TARGETS for a in forms(b)), *IPV6])
def test_no_target_is_public(address: str) -> None:
    assert not is_permitted(address, allow_private=False)


@pytest.mark.parametrize(
    ("address", "effective"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("fe80::1%eth0", "fe80::1"),
        ("::", "::"),
        ("::1", "::1"),
        ("::2", "0.0.0.2"),
        ("::1.2.3.4", "1.2.3.4"),
        ("::1.2.3.5", "1.2.3.5"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("::1:0:0", "::1:0:0"),
        ("64:ff9b::1.2.3.4", "1.2.3.4"),
        ("64:ff9b::1:1.2.3.4", "64:ff9b::1:102:304"),
        ("2002:102:304::9", "1.2.3.4"),
        ("2001:0:1:1:0:0:fefd:fcfb", "1.2.3.4"),
        ("2606::5efe:1.2.3.4", "1.2.3.4"),
        ("2606::200:5efe:1.2.3.4", "1.2.3.4"),
        ("2606::300:5efe:1.2.3.4", "2606::300:5efe:102:304"),
        ("2606::5eff:1.2.3.4", "2606::5eff:102:304"),
        ("fe80::5efe:1.2.3.4", "fe80::5efe:102:304"),
    ],
)
def test_what_a_packet_would_end_at(address: str, effective: str) -> None:
    assert str(effective_address(address)) == effective


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_computer(address: str) -> None:
    assert leads_to_this_computer(address)


@pytest.mark.parametrize("address", ["128.0.0.1", "10.0.0.1", "::2", "fe80::1", "8.8.8.8"])
def test_not_this_computer(address: str) -> None:
    assert not leads_to_this_computer(address)


@pytest.mark.parametrize("text", ["", "lms.example", "1.2.3", "1.2.3.4.5", "[::1]", "01.2.3.4"])
def test_other_text_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        effective_address(text)
