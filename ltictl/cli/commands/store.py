"""The commands ``store check``, ``store info``, ``store copy`` and ``keys reseal``."""

from functools import partial
from typing import Annotated

import typer

from ltictl.cli.command import YesOption, writes
from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.errors import UsageError
from ltictl.model.record import replace


@writes
def check(session: Session) -> Report:
    """Test the rules that a shared store must keep, on objects that it erases again.

    Example: ltictl store check
    """
    from ltictl.store.places import check_place

    profile = session.context().profile
    rules = check_place(profile)

    def human(output: Output) -> None:
        if not rules:
            output.note(f"{profile.documents_place} is a folder; its lock keeps the rules.")
        output.table(["Rule", "Kept", "Text"], [[each.name, "yes", each.text] for each in rules])

    found = [{"rule": each.name, "kept": each.kept} for each in rules]
    return Report({"place": profile.documents_place, "rules": found}, human)


def info(session: Session) -> Report:
    """Show the place and the number of the documents, without opening any.

    Example: ltictl store info
    """
    from ltictl.cli.render.json_views import moment
    from ltictl.store.places import describe_place

    profile = session.context().profile
    profile.require()
    facts = describe_place(profile)
    standing = facts.standing
    rows: dict[str, object] = {
        "place": facts.place,
        "id": standing.id if standing else None,
        "layout": standing.layout if standing else None,
        "checked_at": moment(standing.checked_at) if standing else None,
        "moved_to": (standing.moved_to or None) if standing else None,
        "counts": facts.counts,
        "attempts": list(facts.under_way),
    }

    def human(output: Output) -> None:
        for name, value in rows.items():
            if name == "counts":
                for kind, count in facts.counts.items():
                    output.line(f"{kind.replace('_', ' '):15}{count}")
            elif value:
                shown = ", ".join(value) if isinstance(value, list) else str(value)
                output.line(f"{name.replace('_', ' '):15}{shown}")

    return Report(rows, human)


@writes
def copy(
    session: Session,
    source: Annotated[str, typer.Argument(metavar="FROM", help="Profile: name, path or address.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty place.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the source in use, as for a backup.")
    ] = False,
    yes: YesOption = False,
) -> Report:
    """Copy a profile to another place and verify it; afterwards the source refuses writes.

    Example: ltictl store copy default s3://acme-lti-state/prod
    """
    from ltictl.operations.copy_profile import Copied, copy_profile

    replace_profile(session, source).require_profile()
    # Both with the passphrase and the environment of this run.
    places = [replace_profile(session, each).context() for each in (source, target)]
    if places[0].profile.documents_place == places[1].profile.documents_place:
        raise UsageError(
            "options_conflict",
            "FROM and TO are the same place.",
            fix="ltictl store copy FROM TO; LTICTL_STORE counts for both, so leave it out.",
        )
    question = f"Copy to {places[1].profile.documents_place}, and stop writing to the source?"
    agreed = keep or session.confirm(question, yes=yes)
    done = copy_profile(places[0], places[1], keep=keep) if agreed else Copied(0, 0)

    def human(output: Output) -> None:
        if not agreed:
            output.note("Nothing was copied.")
            return
        output.note(f"Copied {done.written} documents; {done.present} were there already.")
        if done.left:
            output.note(f"Left at the source, since they may hold secrets: {', '.join(done.left)}.")

    data = {"from": places[0].profile.documents_place, "to": places[1].profile.documents_place}
    counts = {"written": done.written, "present": done.present, "left": list(done.left)}
    return Report(data | counts, human)


def replace_profile(session: Session, place: str) -> Session:
    """Return the session of the same command for another profile."""
    return replace(session, profile=place, known_profile=None)


@writes
def reseal(session: Session) -> Report:
    """Change the passphrase of a shared store; run it again if it was interrupted.

    The new one comes from LTICTL_NEW_KEY_PASSPHRASE or from the file that
    LTICTL_NEW_KEY_PASSPHRASE_FILE names.

    Example: ltictl keys reseal
    """
    from ltictl.operations.other_machines import wait_for_others
    from ltictl.store.places import reseal_secrets

    context = session.context()
    context.profile.require()
    fresh = session.passphrase_of("LTICTL_NEW_KEY_PASSPHRASE")
    if not fresh:
        raise UsageError(
            "passphrase_missing",
            "The new passphrase is missing.",
            fix="Set LTICTL_NEW_KEY_PASSPHRASE_FILE to a file that holds it.",
        )
    wait = partial(wait_for_others, context, "new passphrase")
    count = reseal_secrets(context.profile, fresh, wait)
    return Report(
        {"resealed": count},
        lambda output: output.note(f"Sealed {count} secrets anew. Give the team the passphrase."),
    )
