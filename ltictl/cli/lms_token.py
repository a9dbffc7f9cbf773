"""Read an administrator's token from a file, from stdin or from the environment."""

# Never from argv, which other users of the computer can read.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ltictl.cli.session import Session
from ltictl.cli.standard_input import read_secret

if TYPE_CHECKING:
    from ltictl.operations.lms_side.keyring import Keyring
    from ltictl.operations.lms_side.tokens import GivenToken

TOKEN_VARIABLE: Final = "LTICTL_LMS_TOKEN"  # noqa: S105  its name, not a token
URL_VARIABLE: Final = "LTICTL_LMS_URL"

TokenFileOption = Annotated[
    str,
    typer.Option(
        "--token-file",
        metavar="PATH|-",
        help="File with an administrator's token for the LMS; - for stdin.",
    ),
]


def keyring_of(
    session: Session, token_file: str, url: str = "", *, only_bound: bool = False
) -> "Keyring":
    """Return the tokens that a run may use.

    Args:
        session: the run.
        token_file: value of ``--token-file``, empty if not given.
        url: the address of the only LMS that a given token is for, empty if not named.
        only_bound: whether a token is valid only for the address that came with it.
    """
    from ltictl.operations.lms_side.keyring import Keyring

    given = given_token(session, token_file, url)
    return Keyring(session.context(), session.policy(), given, only_bound)


def given_token(session: Session, token_file: str, url: str = "") -> "GivenToken":
    """Return the token from the command line or the environment, if there is one.

    Raises:
        UsageError: the file cannot be read, or holds no token.
    """
    from ltictl.operations.lms_side.site import normal_base
    from ltictl.operations.lms_side.tokens import GivenToken, one_line_token

    named = url or session.environment.get(URL_VARIABLE, "")
    base = normal_base(named, "--platform" if url else URL_VARIABLE) if named else ""
    if token_file:
        written = read_secret(token_file, "The administrator's token")
        text = one_line_token(written, repr(token_file))
        if token_file == "-":  # noqa: S105  a place, not a token
            return GivenToken(text, base)
        return GivenToken(text, base, lambda fresh: _write_back(token_file, fresh))
    text = session.environment.get(TOKEN_VARIABLE, "")
    return GivenToken(one_line_token(text, TOKEN_VARIABLE) if text else "", base)


def _write_back(path: str, fresh: str) -> None:
    from ltictl.store.output_file import write_output

    write_output(Path(path), fresh.encode(), private=True)
