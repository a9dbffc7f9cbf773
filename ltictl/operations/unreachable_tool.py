"""Find the remedy where the tool's own addresses fail."""

from ltictl.errors import LtictlError
from ltictl.net.failures import Failure, UnreachableError

NOT_THERE = "Deploy the tool, or correct its addresses in profile.toml. LMSs have to reach it too."
WHOLE_CHAIN = (
    "Have the web server send its whole chain: the certificate and what lies between it and the "
    "authority. For an authority of your own give --ca-file; every LMS must know it too."
)
_FIXES = {
    Failure.PRIVATE: "If the tool is to be in this network only, repeat with --allow-private.",
    Failure.PLAIN_HTTP: "Serve it over https; a test on this computer needs --allow-private.",
    Failure.TLS: WHOLE_CHAIN,
}


# The client's own words speak of LMSs, and these addresses are the operator's.
def way_out_to_tool(error: LtictlError) -> str:
    """Return the remedy of an error for the people who run the tool."""
    if isinstance(error, UnreachableError):
        return _FIXES.get(error.kind, NOT_THERE)
    return error.fix
