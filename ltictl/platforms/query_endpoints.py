"""Authorization endpoints with a query, which libraries of tools break; WordPress has them."""

from ltictl.errors import OperatorWarning
from ltictl.model.web_address import WebAddress


def query_warning(url: str) -> tuple[OperatorWarning, ...]:
    """Return a warning where libraries append a second "?" to an authorization endpoint."""
    if not WebAddress.parse(url, "authorization_endpoint").query:
        return ()
    warning = (
        f"The authorization endpoint {url} has a query, to which PyLTI1p3, django-lti and ltijs "
        "append a second '?': their launches fail. 'ltictl export' mends that for PyLTI1p3 and "
        "django-lti; 'ltictl help wordpress' has the way out for the others."
    )
    return (OperatorWarning(warning),)
