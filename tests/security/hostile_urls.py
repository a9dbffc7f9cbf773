"""Addresses that ltictl must not reach, and honest ones."""

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Address

# This computer, private networks, link-local with cloud metadata, and addresses without an owner.
TARGETS = (
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.254",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
)
IPV6 = (
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::2",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fdff:ffff::1",
    "fe80::1",
    "fe80::5efe:127.0.0.1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff05::1:3",
    "100::1",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "5f00::1",
    "64:ff9b:1::7f00:1",
    "::ffff:0:127.0.0.1",
)
NAMES = (
    "localhost",
    "LOCALHOST",
    "LocalHost.",
    "localhost.localdomain",
    "ｌｏｃａｌｈｏｓｔ",  # noqa: RUF001
    "１２７.０.０.１",  # noqa: RUF001
    "127。0。0。1",
    "127．0．0．1",  # noqa: RUF001
    "①②⑦.⓪.⓪.①",
)


def encodings(address: str) -> Iterator[str]:
    """Hosts that some program or other takes for this IPv4 address."""
    number = int(IPv4Address(address))
    a, b, c, d = IPv4Address(address).packed
    yield address
    yield f"{address}."
    yield str(number)
    yield hex(number)
    yield hex(number).upper().replace("0X", "0X")
    yield f"0{number:o}"
    yield f"{a}.{(b << 16) + (c << 8) + d}"
    yield f"{a}.{b}.{(c << 8) + d}"
    yield ".".join(map(hex, (a, b, c, d)))
    yield ".".join(f"0{part:o}" for part in (a, b, c, d))
    yield ".".join(f"{part:03}" for part in (a, b, c, d))
    yield f"{hex(a)}.{b}.0{c:o}.{d}"
    yield f"[::ffff:{address}]"
    yield f"[::ffff:{a:02x}{b:02x}:{c:02x}{d:02x}]"
    yield f"[0:0:0:0:0:FFFF:{address}]"
    yield f"[::{address}]"
    yield f"[64:ff9b::{address}]"
    yield f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::]"
    yield f"[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]"
    yield f"[2001:0:808:808:0:0:{a ^ 255:02x}{b ^ 255:02x}:{c ^ 255:02x}{d ^ 255:02x}]"
    yield f"[2606:4700::5efe:{address}]"
    yield f"[2606:4700::200:5efe:{address}]"


def broken(port: int) -> Iterator[str]:
    """Addresses that are read differently by different programs, or that are none."""
    here = f"127.0.0.1:{port}"
    for honest in ("lms.example", "lms.example:443"):
        yield f"https://{honest}@{here}/"
        yield f"https://{honest}:pw@{here}/"
        yield f"https://{here}@{honest}/"
        yield f"https://{honest}%40{here}/"
        yield f"https://{honest}%2f@{here}/"
        yield f"https://{honest}\\@{here}/"
        yield f"https://{honest}#@{here}/"
        yield f"https://{honest}/#{here}"
        yield f"https://{here}#@{honest}/"
        yield f"https://{here}\\{honest}/"
        yield f"https://{here}?@{honest}"
        yield f"https://{here};{honest}/"
        yield f"https://{here},{honest}/"
        yield f"https://{honest} {here}/"
        yield f"https://{honest}\t{here}/"
        yield f"https://{honest}\r\nHost: {here}\r\n\r\n"
        yield f"https://{honest}/\r\nX: {here}"
        yield f"https://{honest}\x00.{here}/"
        yield f"https://{honest}\u202e{here}/"
        yield f"https://{honest}\u2028{here}/"
        yield f"https://{honest}℀{here}/"
        yield f"https://{honest}\uff0f@{here}/"
        yield f"https://{honest}\uff1f@{here}/"
    for scheme in (
        *(
            "file",
            "ftp",
            "gopher",
            "dict",
            "ldap",
            "ws",
            "wss",
            "jar",
            "unix",
            "data",
            "javascript",
        ),
        *(
            "blob",
            "view-source",
            "tftp",
            "sftp",
            "netdoc",
            "HTTPSS",
            "http+unix",
            "about",
            "mailto",
        ),
    ):
        yield f"{scheme}://{here}/"
        yield f"{scheme}:{here}"
    for bad in (
        "",
        "/",
        "//",
        "///",
        ":",
        "@",
        ":@/",
        "[",
        "]",
        "[]",
        "%31%32%37.0.0.1",
        "127.0.0.1%00",
    ):
        yield f"https://{bad}"
        yield f"https://{bad}/x"
    for wrong in ("0x1bb", "99999", "-1", "4 43", "443x", "٤٤٣", "1e3", "+443"):
        yield f"https://127.0.0.1:{wrong}/"
    yield from (here, f"//{here}/", f"https:/{here}/", f"https:{here}", f"https:\\\\{here}\\")
    yield from (f"https://[fe80::1%25lo]:{port}/", f"https://[fe80::1%lo]:{port}/")
    yield from (f"https://[127.0.0.1]:{port}/", f"https://[v1.127.0.0.1]:{port}/")
    yield from (f"https://[::1:{port}/", f"https://::1:{port}/", f"https://[[::1]]:{port}/")
    yield f"https://127.0.0.1:{port}/{'x' * 5000}"


def hostile(port: int) -> list[str]:
    """Every address of the lists, on https and http where both make sense, each once."""
    hosts = [form for target in TARGETS for form in encodings(target)]
    hosts += [f"[{address}]" for address in IPV6] + list(NAMES)
    found = [f"{scheme}://{host}:{port}/c" for host in hosts for scheme in ("https", "http")]
    return list(dict.fromkeys([*found, *broken(port)]))


HONEST_HOSTS = (
    "lms.example",
    "LMS.Example",
    "lms.example.",
    "moodle.school.example",
    "a.b.c.d.e.example",
    "xn--mnchen-3ya.example",
    "münchen.example",
    "faß.example",
    "例え.example",
    "under_score.example",
    "1and1.example",
    "127.example",
    "localhost.example",
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "192.169.0.1",
    "100.128.0.1",
    "[2606:4700:4700::1111]",
    "[2001:4860:4860::8888]",
    "[64:ff9b::8.8.8.8]",
    "[::ffff:8.8.8.8]",
)
HONEST_TAILS = ("/.well-known/openid-configuration", ":8443/c?x=1&y=%20", "/a/../b/%2e/ü?t=a.b~c-d")


def honest() -> list[str]:
    """Addresses that an LMS may have."""
    return [f"https://{host}{tail}" for host in HONEST_HOSTS for tail in HONEST_TAILS]


def resolved(host: str) -> str:
    """The address of an honest host in the tests; a literal leads to itself."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return "93.184.216.34"
