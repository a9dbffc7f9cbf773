"""The commands ``registration-url``, ``invitation list`` and ``invitation revoke``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ltictl.cli.command import LanguageOption, PublicUrlOption, YesOption, writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.duration import format_duration, parse_duration
from ltictl.model.invitation import DEFAULT_LIFE, Invitation
from ltictl.model.quantity import counted
from ltictl.model.web_address import WebAddress

if TYPE_CHECKING:
    from ltictl.operations.context import Context
    from ltictl.platforms.family import Family


@writes
def registration_url(
    session: Session,
    org: Annotated[
        str,
        typer.Option(
            "--org",
            metavar="SLUG",
            help="Organization of the invitation; without it the page asks.",
        ),
    ] = "",
    create: Annotated[
        bool, typer.Option("--create", help="Add the organization if there is none.")
    ] = False,
    platform: Annotated[
        str, typer.Option("--platform", metavar="URL", help="The only LMS that may use it.")
    ] = "",
    expires: Annotated[
        str, typer.Option("--expires", metavar="DURATION", help="How long the URL is valid.")
    ] = format_duration(DEFAULT_LIFE),
    public_url: PublicUrlOption = "",
    instructions: Annotated[
        str,
        typer.Option(
            "--instructions", metavar="FAMILY", help="Print a mail with the clicks in this LMS."
        ),
    ] = "",
    lang: LanguageOption = "en",
    html: Annotated[
        bool, typer.Option("--html", help="The mail of --instructions as HTML.")
    ] = False,
) -> Report:
    """Issue an invitation and print its registration URL, for an LMS administrator to paste.

    Example: ltictl registration-url --org acme
    """
    from ltictl.cli.render.json_views import moment
    from ltictl.operations.invite import invite
    from ltictl.operations.registration.listening_order import callback_base
    from ltictl.operations.requests import require_families
    from ltictl.platforms.table import family_named

    context = session.context()
    settings = context.profile.settings()
    require_families(settings)
    family = _dynamic(family_named(instructions)) if instructions else None
    _check_form(family, lang, html=html)
    base = callback_base(
        "127.0.0.1", settings.callback.port, _public(public_url) or settings.callback.public_url
    )
    issued = invite(
        context,
        organization=org or None,
        create=create,
        platform=platform or None,
        life=parse_duration(expires, "--expires"),
        address=base,
    )
    url = issued.url(base)
    expires_at = issued.invitation.expires_at
    text = url + "\n"
    if family is not None:
        from ltictl.operations.mail import Mail

        mail = Mail(settings, family, url, expires_at, lang)
        text = mail.as_html() if html else mail.as_text()
    loopback = WebAddress.parse(base).is_loopback

    def human(output: Output) -> None:
        output.raw(text)
        if loopback:
            output.note(
                "This URL works only in a browser on this computer, while 'ltictl register' runs."
            )

    data = {
        "url": url,
        "organization": org or None,
        "invitation": issued.invitation.id,
        "expires_at": moment(expires_at),
    }
    warnings = _mail_warnings(base, family, loopback=loopback) if family else ()
    return Report(data, human, warnings)


def _check_form(family: "Family | None", lang: str, *, html: bool) -> None:
    """Refuse a form of a mail where no mail is wanted, and an unknown language."""
    if not html and lang == "en":
        return
    from ltictl.operations.mail import check_language

    check_language(lang)
    if family is None:
        raise UsageError(
            "options_missing",
            "--lang and --html are for a mail.",
            fix="Add --instructions FAMILY with the kind of LMS.",
        )


def _dynamic(family: "Family") -> "Family":
    if family.dynamic:
        return family
    raise UsageError(
        "no_dynamic_registration",
        f"{family.subject} has no dynamic registration.",
        why="Its administrators have to enter the tool by hand.",
        fix=f"See 'ltictl lms-config {family.slug}', then record it with 'ltictl add'.",
    )


def _public(url: str) -> str:
    from ltictl.model.web_address import WebAddress

    return WebAddress.parse(url, "--public-url").url if url else ""


def _mail_warnings(base: str, family: "Family", *, loopback: bool) -> tuple[str, ...]:
    from ltictl.operations.mail import for_here_only

    if not (family.https_only and loopback):
        return for_here_only(base)
    message = (
        f"{family.title} accepts https addresses only: set --public-url or callback.public_url."
    )
    return (message,)


def list_all(session: Session) -> Report:
    """List invitations, the open ones and the others.

    Example: ltictl invitation list
    """
    from ltictl.cli.render.json_views import invitation_view

    context = session.context()
    context.profile.require()
    listing = context.profile.invitations.all()
    now = context.now()

    def human(output: Output) -> None:
        output.table(
            ["ID", "Organization", "State", "Platform", "Expires at", "Integration"],
            [
                [
                    each.id,
                    each.organization or "(the page asks)",
                    each.state(now).value,
                    each.platform or "",
                    output.moment(each.expires_at, now),
                    each.spent_by or "",
                ]
                for each in listing
            ],
            none="No invitation yet. To make one: ltictl registration-url --org SLUG",
            paged=True,
        )

    return Report(
        {"invitations": [invitation_view(each, now) for each in listing]},
        human,
        warnings=tuple(error.message for error in listing.damaged),
    )


@writes
def revoke(
    session: Session,
    identifier: Annotated[
        str, typer.Argument(metavar="[ID]", help="As 'invitation list' shows it.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="All open invitations.")] = False,
    org: Annotated[
        str, typer.Option("--org", metavar="SLUG", help="All open invitations of one organization.")
    ] = "",
    yes: YesOption = False,
) -> Report:
    """Revoke invitations: their URLs stop working.

    Example: ltictl invitation revoke 3f9a2c71
    """
    from ltictl.operations.invite import revoke_invitation

    context = session.context()
    context.profile.require()
    if [bool(identifier), every, bool(org)].count(True) != 1:
        raise UsageError(
            "options_missing",
            "Name one invitation, or give --all, or --org SLUG.",
            fix="ltictl invitation list",
        )
    if not identifier:
        return _revoke_open(session, context, org, yes=yes)
    revoked = revoke_invitation(context, identifier)
    return _revocations(context, [revoked], f"Revoked {identifier}.")


def _revoke_open(session: Session, context: "Context", org: str, *, yes: bool) -> Report:
    from ltictl.operations.invite import open_among, revoke_open

    listing = context.profile.invitations.all()
    chosen = open_among(listing, context.now(), org or None)
    warnings = tuple(error.message for error in listing.damaged)
    if not chosen:
        if org:  # mistyped? One that was removed may have left invitations
            context.profile.organizations.get(org)
        return _revocations(context, [], "No invitation is open.", warnings)
    whose = f" of {org}" if org else ""
    if not session.confirm(f"Revoke {counted(len(chosen), 'open invitation')}{whose}?", yes=yes):
        return _revocations(context, [], "Nothing was revoked.", warnings)
    revoked = revoke_open(context, [each.id for each in chosen])
    message = f"Revoked {len(revoked)}: {', '.join(each.id for each in revoked)}."
    return _revocations(context, revoked, message if revoked else "Nothing was revoked.", warnings)


def _revocations(
    context: "Context",
    revoked: Sequence[Invitation],
    message: str,
    warnings: tuple[str, ...] = (),
) -> Report:
    from ltictl.cli.render.json_views import invitation_view

    now = context.now()
    return Report(
        {"invitations": [invitation_view(each, now) for each in revoked]},
        lambda output: output.note(message),
        warnings,
    )
