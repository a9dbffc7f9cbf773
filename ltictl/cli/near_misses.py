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
    names = profile_names(session.environment)
    typed = error.instead[0] or session.profile or session.environment.get("LTICTL_PROFILE", "")
    error.instead = (typed, likeliest(typed, names))
    if names and not typed:
        shown = f"There are {', '.join(names)}" if len(names) > 1 else f"There is {names[0]}"
        error.fix = f"{shown}. Choose one for all commands: ltictl profile use {names[0]}"
    return error
