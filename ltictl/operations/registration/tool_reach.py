"""Judge by its address whether an LMS can reach the tool's key set."""

import ipaddress
import socket
import threading
from typing import Final

from ltictl.errors import OperatorWarning
from ltictl.model.integration import filled
from ltictl.model.tool import Tool
from ltictl.model.web_address import WebAddress
from ltictl.platforms.requirements import key_set_place
from ltictl.platforms.table import all_families

_PATIENCE: Final = 0.15  # before the URL is printed; a slower name is reported later


def key_set_address(tool: Tool) -> WebAddress:
    """Return the address of the tool's key set; any id fits, since none changes its host."""
    return WebAddress.parse(filled(tool.jwks_uri, "id"), "jwks_uri")


def private_address_of(host: str) -> str:
    """Return the private or loopback address of a host, empty for none or unknown."""
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, None)]
    except (OSError, UnicodeError):
        return ""
    private = [each for each in found if not ipaddress.ip_address(each.partition("%")[0]).is_global]
    # One public address among several is enough for an LMS to get through.
    return private[0] if private and len(private) == len(found) else ""


def forewarnings_of(tool: Tool) -> tuple[OperatorWarning, ...]:
    """Return the warnings about the key set's address that need no LMS."""
    address = key_set_address(tool)
    if address.is_loopback:  # a rehearsal on this computer
        return ()
    found: list[str] = []
    # The system's name lookup takes no deadline, so a thread is left behind.
    look = threading.Thread(
        target=lambda: found.append(private_address_of(address.host)), daemon=True
    )
    look.start()
    look.join(_PATIENCE)
    where = key_set_place(address, found[0] if found else "")
    if not where:
        return ()
    strict = ", ".join(family.title for family in all_families() if family.default_ports_only)
    fact = f"The tool's key set is at {where}: an LMS elsewhere may not read it"
    return (OperatorWarning(f"{fact}, and {strict} does not by default: {tool.jwks_uri}"),)
