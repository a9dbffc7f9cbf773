"""Improve errors about unknown names with the name that the person probably meant."""

from ltictl.cli.profile_places import profile_names
from ltictl.cli.session import Session
from ltictl.errors import LtictlError, NotFoundError
from ltictl.model.suggestion import likeliest


def explained(session: Session, error: LtictlError) -> LtictlError:
    """Return the error, or a better one if this profile or another one has a similar name."""
    if (
        isinstance(error, NotFoundError)
        and error.code == "no_such_integration"
        and error.instead[0]
    ):
        from ltictl.operations.find_integration import explain_unknown

        return explain_unknown(session.context(), error)
    if error.code == "no_profile":
        return _without_profile(session, error)
    return error


def _without_profile(session: Session, error: LtictlError) -> LtictlError:
    typed = session.profile or session.environment.get("LTICTL_PROFILE", "")
    names = profile_names(session.environment)
    error.instead = (typed, likeliest(typed, names))
    return error
