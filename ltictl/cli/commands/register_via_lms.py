"""``register --via-lms``: register through the LMS's interface for administrators."""

from ltictl.cli.lms_run import run_of
from ltictl.cli.lms_token import keyring_of
from ltictl.cli.render.output import Report
from ltictl.cli.render.registration_report import registration_report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.hint import hint


def via_interface(
    session: Session,
    *,
    via_lms: bool,
    organization: str,
    platform: str,
    token_file: str,
    activate: bool,
    activate_at_lms: bool,
    deploy: str,
    yes: bool,
) -> Report:
    """Register through the LMS, then switch the tool on and deploy it there if the options ask.

    Raises:
        UsageError: options are missing, or no person can answer.
    """
    from ltictl.model.lms_side import Place
    from ltictl.operations.lms_side.via_lms import Order, register_via_lms, site_of_order

    if not via_lms or not organization:
        raise UsageError(
            "options_missing",
            "--token-file, --activate-at-lms and --deploy belong to --via-lms, which needs --org.",
            fix="ltictl register --org SLUG --via-lms --platform URL --token-file PATH",
        )
    order = Order(
        organization=organization,
        url=platform,
        activate=activate,
        activate_at_lms=activate_at_lms,
        place=Place.parse(deploy, "--deploy") if deploy else None,
    )
    what = f"Register {organization} through its LMS{_more(order.activate_at_lms, deploy)}?"
    # Before any request: without a person and without --yes nothing may begin.
    if not session.can_ask:
        session.confirm(what, yes=yes)
    site = site_of_order(keyring_of(session, token_file, platform if token_file else ""), order)
    if not session.confirm(f"{what[:-1]}, {site.host}?", yes=yes, default=True):
        return Report({"integrations": []}, lambda output: output.note("Nothing was sent."))
    with run_of(session, None) as run:
        done = register_via_lms(site, order, run)
    present = () if done.registered else (f"{done.integration.id} was registered there already.",)
    # With the switch on, the LMS needs no further click.
    ready = (done.integration.id,) if activate_at_lms or not done.registered else ()
    left = [hint("lms", "activate", done.integration.id)]
    left += [] if deploy else [hint("lms", "deploy", done.integration.id)]
    return registration_report(
        session, (done.integration.id,), (*present, *done.warnings), in_place=ready, steps=left
    )


def _more(activate_at_lms: bool, deploy: str) -> str:
    words = ["switch it on there"] if activate_at_lms else []
    words += [f"make it available ({deploy})"] if deploy else []
    return "".join(f", {each}" for each in words)
