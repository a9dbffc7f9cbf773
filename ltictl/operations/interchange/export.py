"""Collect integrations and keys for an application, and write its files."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ltictl.errors import LtictlError, UnreadableError, UsageError
from ltictl.interchange.outgoing import ExportContent, KeyPair, Rendered
from ltictl.interchange.registry import Format
from ltictl.lti.keys import public_pem
from ltictl.model.integration import Integration, Status
from ltictl.model.organization import Organization
from ltictl.model.profile import KeyManager
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.context import Context
from ltictl.operations.organizations import integrations_of
from ltictl.operations.signing import (
    current_key,
    keys_as_they_count,
    require_private_half,
    signer_among,
    signing_pem,
    whole_key,
)
from ltictl.store.output_file import is_folder, require_file, write_output


class Selection(Struct, frozen=True):
    """The integrations to export.

    Attributes:
        identifiers: ids, in any state; empty for all of ``organization``.
        organization: slug, ``None`` for all.
        every: whether pending and disabled ones count too.
    """

    identifiers: tuple[str, ...] = ()
    organization: str | None = None
    every: bool = False


def gather(context: Context, selection: Selection) -> tuple[ExportContent, tuple[str, ...]]:
    """Return the content for any format, and a warning for each damaged document.

    Raises:
        NotFoundError: there is no such integration or organization, or no signing key.
        LtictlError: the profile, or its private key, cannot be read.
    """
    context.profile.require()
    context.progress("Collecting integrations and keys ...")
    settings = context.profile.settings()
    found, damaged = _choose(context, selection)
    now = context.now()
    chosen = tuple(each.accepting(now) for each in found)
    external = settings.keys.managed_by is KeyManager.EXTERNAL
    keys, unsound = ((), ()) if external else _keys(context)
    owners = _owners(context, chosen)
    kids = tuple(context.profile.signing_keys.ids())
    content = ExportContent(settings.tool, owners, chosen, keys, external, kids)
    return content, (*damaged, *unsound)


# The files of that export would then be wrong.
def superseded(context: Context, handed: ExportContent) -> bool:
    """Return whether another key signs since an export."""
    signer = handed.signer
    return signer is not None and current_key(context).kid != signer.key.kid


def _choose(
    context: Context, selection: Selection
) -> tuple[tuple[Integration, ...], tuple[str, ...]]:
    integrations = context.profile.integrations
    if selection.identifiers:
        unique = sorted(set(selection.identifiers))
        return tuple(integrations.get(each) for each in unique), ()
    if selection.organization is not None:
        context.profile.organizations.get(selection.organization)
        return _wanted(selection, integrations_of(context, selection.organization)), ()
    listing = integrations.all()
    return _wanted(selection, listing.items), tuple(error.message for error in listing.damaged)


def _wanted(selection: Selection, found: Sequence[Integration]) -> tuple[Integration, ...]:
    return tuple(each for each in found if selection.every or each.status is Status.ACTIVE)


def _owners(context: Context, integrations: Sequence[Integration]) -> tuple[Organization, ...]:
    """Return the organizations of integrations; one whose document is gone is left out.

    Raises:
        UnreadableError: the document of one of them is damaged.
    """
    slugs = {each.organization for each in integrations}
    organizations = context.profile.organizations
    # In one go: a look at the folder before each of thousands takes a tenth of an export.
    listing = organizations.all(each for each in organizations.ids() if each in slugs)
    for error in listing.damaged:
        raise error
    return listing.items


def _keys(context: Context) -> tuple[tuple[KeyPair, ...], tuple[str, ...]]:
    """Return the keys, and a warning for each one that was left out or mended."""
    keys = keys_as_they_count(context)  # looked at once: a run may be switching meanwhile
    signer_among(keys)  # there is one, or its error says why not
    pairs: list[KeyPair] = []
    warnings: list[str] = []
    for key in keys:
        whole = whole_key(context, key)
        if whole != key:
            done = "left out" if whole is None else "mended by its private half"
            place = context.profile.signing_keys.place(key.kid)
            warnings.append(f"{place} has a damaged n or e: the key is {done}.")
        if whole is not None:
            pairs.append(_pair(context, whole))
        elif key.state is KeyState.CURRENT:
            raise _damaged_signer(context, key)
    return tuple(pairs), tuple(warnings)


def _damaged_signer(context: Context, key: SigningKey) -> UnreadableError:
    place = context.profile.signing_keys.place(key.kid)
    return UnreadableError(
        "key_damaged",
        f"{place} has a damaged n or e, and its private half cannot be read either.",
        why="The key signs; an export without it would stop the tool.",
        fix="Restore the document from a backup. If the key is encrypted, give its passphrase.",
    )


def _pair(context: Context, key: SigningKey) -> KeyPair:
    private = ""
    if key.state is KeyState.CURRENT:
        require_private_half(context, key)  # a damaged file is not handed on
        private = "" if key.held_as else signing_pem(context, key).decode("ascii")
    return KeyPair(key, public_pem(key.n, key.e), private)


def require_printable(chosen: Format, rendered: Rendered) -> str:
    """Return the one document of an export for stdout.

    Raises:
        UsageError: ``secret_on_stdout``, ``several_files``.
    """
    if rendered.document.secret or any(each.secret for each in rendered.beside):
        raise UsageError(
            "secret_on_stdout",
            f"{chosen.name} holds a private key, which is never printed.",
            why="What is printed ends up in scroll-back, logs and CI output.",
            fix=f"Name a file: ltictl export {chosen.name} --output {rendered.document.name}",
        )
    if not rendered.printable:
        raise UsageError(
            "several_files",
            f"{chosen.name} is more than one file.",
            fix=f"Name the main one: ltictl export {chosen.name} --output {rendered.document.name}",
        )
    return rendered.document.data.decode()


# The document comes last: a reader sees the former one with the former keys, or the new one with
# the new keys.
def write_files(rendered: Rendered, output: Path) -> tuple[Path, ...]:
    """Write the document of an export to ``output``, and its other files beside it.

    Args:
        rendered: the files of a format.
        output: the document's path, or an existing folder for it.

    Returns:
        The written paths, the document first.

    Raises:
        LtictlError: the operating system refused.
    """
    target = output / rendered.document.name if is_folder(output) else output
    if not target.parent.is_dir():
        raise LtictlError(
            "no_such_folder",
            f"There is no folder {target.parent}.",
            why="It was never made, or was moved away.",
            fix=f"Make it, readable for the tool: mkdir -p {shlex.quote(str(target.parent))}",
        )
    if rendered.beside:
        # Before a key is written: a pipe or a device takes no files beside it.
        require_file(target)
    beside = tuple(target.parent / each.name for each in rendered.beside)
    for path, file in zip(beside, rendered.beside, strict=True):
        write_output(path, file.data, private=file.secret)
    write_output(target, rendered.document.data, private=rendered.document.secret)
    return (target, *beside)
