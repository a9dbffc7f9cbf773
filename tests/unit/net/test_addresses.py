"""Permitted addresses in every form in which an address can be written."""

import pytest

from ltictl.net.addresses import effective_address, is_permitted, leads_to_this_computer

PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "11.0.0.0",
    "2606:4700::1111",
    "2a00:1450:4001:81b::200e",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "2002:101:101::1",
]
LOOPBACK = [
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
    "::1%lo",
]
PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fc00::1",
    "fd12:3456:789a::1",
    "::ffff:10.0.0.1",
    "::ffff:192.168.0.1",
    "64:ff9b::10.0.0.1",
    "::10.0.0.1",
    "2002:a00:1::1",
    "2002:c0a8:101::",
]
NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::",
    "::169.254.169.254",
    "0.0.0.0",  # noqa: S104  an address to refuse
    "::",
    "::ffff:0.0.0.0",
    "224.0.0.1",
    "239.255.255.255",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "fec0::1",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1:fffe::10.0.0.1",
    "::ffff:0:127.0.0.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_open(address: str) -> None:
    assert is_permitted(address, allow_private=False)
    assert is_permitted(address, allow_private=True)
    assert not leads_to_this_computer(address)


@pytest.mark.parametrize("address", [*LOOPBACK, *PRIVATE])
def test_private_ones_need_permission(address: str) -> None:
    assert not is_permitted(address, allow_private=False)
    assert is_permitted(address, allow_private=True)
    assert leads_to_this_computer(address) == (address in LOOPBACK)


@pytest.mark.parametrize("address", NEVER)
def test_some_are_never_open(address: str) -> None:
    assert not is_permitted(address, allow_private=False)
    assert not is_permitted(address, allow_private=True)


@pytest.mark.parametrize("text", ["", "lms.example", "127.1", "0x7f.0.0.1", "127.0.0.01", "1"])
def test_an_incomplete_address_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        effective_address(text)
