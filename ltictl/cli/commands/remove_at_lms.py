"""``remove --at-lms``: have the LMS delete the tool, then forget the integration."""

from typing import TYPE_CHECKING

from ltictl.cli.lms_run import run_of
from ltictl.cli.lms_token import keyring_of
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.model.integration import Integration

if TYPE_CHECKING:
    from ltictl.operations.lms_side.change_intent import PlannedCall
    from ltictl.operations.lms_side.removal import Removal


def report_removal_there(
    session: Session, identifier: str, token_file: str, *, dry_run: bool, yes: bool
) -> Report:
    """Ask for consent, have the LMS delete the tool, and report.

    Raises:
        LtictlError: as ``find_removal`` and ``remove_there``.
    """
    from ltictl.operations.lms_side.removal import find_removal, remove_there

    keyring = keyring_of(session, token_file)
    # Before the question: --yes cannot permit what the LMS forbids.
    removal = find_removal(keyring, identifier)
    if not dry_run and not session.confirm(question_of(removal), yes=yes):
        return removed_report(())
    planned: list[PlannedCall] = []
    with run_of(session, planned if dry_run else None) as run:
        remove_there(keyring, removal, run)
    if dry_run:
        return _planned_report(removal, planned)
    host = removal.integration.platform.host
    done = "did not have the tool any more" if removal.gone else "deleted the tool"
    return removed_report((removal.integration,), f"{host} {done}.")


def removed_report(removed: tuple[Integration, ...], note: str = "") -> Report:
    """Return the report of a removal, or of a refused consent where nothing was removed."""
    from ltictl.cli.render.json_views import integration_view

    def human(output: Output) -> None:
        for each in removed:
            output.note(f"Removed {each.id}; its document is in the folder 'removed'.")
        output.note(note if removed else "Nothing was removed.")

    return Report(
        {"integrations": [integration_view(each) for each in removed], "planned": []}, human
    )


def _planned_report(removal: "Removal", planned: "list[PlannedCall]") -> Report:
    from ltictl.cli.render.json_views import integration_view
    from ltictl.cli.render.lms_views import planned_view, write_planned

    def human(output: Output) -> None:
        write_planned(output, planned)
        if removal.gone:
            host = removal.integration.platform.host
            output.note(f"{host} does not have the tool; only this profile would forget it.")

    data = {
        "integrations": [integration_view(removal.integration)],
        "planned": [planned_view(each) for each in planned],
    }
    return Report(data, human)


def question_of(removal: "Removal") -> str:
    """Return the question before a removal, with the activities that would stop working."""
    integration = removal.integration
    verb = "Forget" if removal.gone else "Delete at the LMS and forget"
    used = f"; {removal.uses} activities there use it" if removal.uses else ""
    host, client = integration.platform.host, integration.client_id
    return f"{verb} {integration.id!r} ({host}, {client}{used})?"
