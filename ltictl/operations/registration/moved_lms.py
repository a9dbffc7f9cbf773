"""Name the integrations at an LMS that has moved to another address."""

from ltictl.errors import LtictlError
from ltictl.model.web_address import WebAddress
from ltictl.net.failures import Failure, UnreachableError
from ltictl.operations.context import Context


# Launches from the new address name another issuer, so these integrations need a change too.
def name_registered(context: Context, error: LtictlError, configuration_url: str) -> None:
    """Add the integrations at an LMS's old address to the fix of an error.

    Args:
        context: the profile.
        error: the error about the moved LMS.
        configuration_url: the address that was opened.
    """
    redirected = isinstance(error, UnreachableError) and error.kind is Failure.REDIRECTED
    if not redirected and error.code != "issuer_mismatch":
        return
    former = WebAddress.parse(configuration_url, "openid_configuration").authority
    there = [each.id for each in context.profile.integrations.all() if each.platform.host == former]
    if there:
        error.fix += (
            f" Registered under the former issuer: {', '.join(there)}. Exports keep that until you "
            "deactivate it."
        )
