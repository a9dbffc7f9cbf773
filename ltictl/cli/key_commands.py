"""``rotate-keys``, ``keys list`` and ``jwks``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from ltictl.cli.command import writes
from ltictl.cli.output import Output, Report
from ltictl.cli.session import Session
from ltictl.operations.rotate import Rotation


@writes
def rotate_keys(
    session: Session,
    if_older_than: Annotated[
        str,
        typer.Option(
            "--if-older-than", help="Do nothing while the current key is younger, such as 90d."
        ),
    ] = "",
) -> Report:
    """Publish a new signing key; every other key is kept.

    Example: ltictl rotate-keys --if-older-than 90d
    """
    from ltictl.cli.views import rotation_view
    from ltictl.model.duration import parse_duration
    from ltictl.operations.hooks import Change, after_change, require_hook
    from ltictl.operations.rotate import rotate_keys as rotate

    context = session.context()
    require_hook(context.profile.settings().hooks)
    age = parse_duration(if_older_than, "--if-older-than") if if_older_than else None
    rotation = rotate(context, if_older_than=age)
    warnings = after_change(context, Change("rotate")) if rotation.created else ()

    def human(output: Output) -> None:
        if rotation.created:
            output.note(f"Made the key {rotation.created}. Publish the set now: ltictl jwks")
        else:
            output.note("Nothing to do.")
        _keys(output, rotation)

    return Report(rotation_view(rotation), human, warnings)


def keys_list(session: Session) -> Report:
    """List signing keys and where each stands in its life.

    Example: ltictl keys list
    """
    from ltictl.cli.views import rotation_view
    from ltictl.operations.rotate import list_keys

    context = session.context()
    context.profile.require()
    rotation = list_keys(context)
    damaged = context.profile.signing_keys.all().damaged
    return Report(
        rotation_view(rotation),
        lambda output: _keys(output, rotation),
        warnings=tuple(error.message for error in damaged),
    )


def _keys(output: Output, rotation: Rotation) -> None:
    from ltictl.cli.views import moment

    output.table(
        ["Kid", "State", "Created at", "May sign after"],
        [
            [
                key.kid,
                key.state.value,
                moment(key.created_at) or "",
                moment(key.promote_after) or "",
            ]
            for key in rotation.keys
        ],
    )


def jwks(
    session: Session,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write there instead of stdout.")
    ] = None,
) -> Report:
    """Print the public key set (JWKS), to be served at the tool's jwks_uri.

    Example: ltictl jwks --output /srv/www/.well-known/jwks.json
    """
    from ltictl.operations.signing import published_keys
    from ltictl.store.files import publish

    context = session.context()
    context.profile.require()
    key_set, warnings = published_keys(context)
    text = json.dumps(key_set, indent=2) + "\n"
    if output is None:
        return Report(key_set, lambda _: None, warnings, bare=text)
    publish(output.absolute(), text.encode())
    return Report(
        {"file": str(output), **key_set},
        lambda out: out.note(f"Wrote {len(key_set['keys'])} key(s) to {output}"),
        warnings,
    )
