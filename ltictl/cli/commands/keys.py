"""The commands ``keys list``, ``keys import``, ``keys encrypt`` and ``jwks``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ltictl.cli.command import OutputOption, writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.cli.standard_input import standard_input
from ltictl.errors import UsageError
from ltictl.model.quantity import counted

_MAX_PEM = 64 * 1024


def keys_list(session: Session) -> Report:
    """List signing keys and the next event of each.

    Example: ltictl keys list
    """
    from ltictl.cli.render.json_views import rotation_view
    from ltictl.cli.render.keys import show_keys
    from ltictl.operations.keys.rotation import list_keys

    context = session.context()
    context.profile.require()
    rotation = list_keys(context)
    return Report(
        rotation_view(rotation),
        lambda output: show_keys(output, rotation, context.now()),
        warnings=rotation.warnings,
    )


@writes
def keys_import(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The tool's RSA key: PEM or JWK, '-' for stdin.")
    ],
) -> Report:
    """Take over a private key that the tool has used before, and publish it first.

    Example: ltictl keys import old-private-key.pem
    """
    from ltictl.cli.render.json_views import rotation_view
    from ltictl.cli.render.keys import show_keys
    from ltictl.operations.keys.key_import import import_key

    context = session.context()
    context.profile.require()
    rotation = import_key(context, _pem(file))

    def human(output: Output) -> None:
        output.note("Imported. Publish the set now: ltictl jwks")
        show_keys(output, rotation, context.now())

    return Report(rotation_view(rotation), human, rotation.warnings)


@writes
def keys_encrypt(
    session: Session,
    kids: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY...]", help="As 'keys list' shows them.")
    ] = None,
) -> Report:
    """Encrypt private keys that were made without a passphrase; run it again if it was interrupted.

    The passphrase is that of the profile: LTICTL_KEY_PASSPHRASE_FILE, LTICTL_KEY_PASSPHRASE or
    keys.passphrase_command. There is no way back.

    Example: ltictl keys encrypt
    """
    from ltictl.operations.keys.encrypt import encrypt_keys

    context = session.context()
    context.profile.require()
    done = encrypt_keys(context, kids or ())

    def human(output: Output) -> None:
        for kid in done.encrypted:
            output.note(f"Encrypted {kid}.")
        for kid in done.already:
            output.note(f"{kid} was encrypted before.")
        if done.encrypted:
            output.note(
                "Backups, git and exports may have it in the clear: delete it there, or replace "
                "the key: ltictl rotate-keys --now"
            )

    return Report({"encrypted": list(done.encrypted), "already": list(done.already)}, human)


def _pem(file: str) -> bytes:
    try:
        if file == "-":
            return standard_input().read(_MAX_PEM)
        with Path(file).open("rb") as stream:
            return stream.read(_MAX_PEM)
    except OSError as error:
        raise UsageError(
            "file_unreadable",
            f"{file} cannot be read: {error.strerror or error}.",
            fix="Name a file that you may read, or '-' for stdin.",
        ) from error


def jwks(
    session: Session,
    output: OutputOption = None,
) -> Report:
    """Print the public key set (JWKS); serve it at the tool's jwks_uri.

    Example: ltictl jwks --output /srv/www/.well-known/jwks.json
    """
    from ltictl.operations.signing import set_to_publish
    from ltictl.store.output_file import write_output

    context = session.context()
    context.profile.require()
    key_set, warnings = set_to_publish(context)
    text = json.dumps(key_set, indent=2) + "\n"
    if output is None:
        return Report(key_set, lambda _: None, warnings, bare=text)
    write_output(output.absolute(), text.encode())
    return Report(
        {"file": str(output), **key_set},
        lambda out: out.note(f"Wrote {counted(len(key_set['keys']), 'key')} to {output}"),
        (*warnings, *_address_warnings(session)),
    )


def _address_warnings(session: Session) -> tuple[str, ...]:
    from ltictl.operations.keys.publication import address_warnings

    return address_warnings(session.context().profile.settings().tool.jwks_uri)
