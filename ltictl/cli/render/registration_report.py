"""The report of a registration: the integrations, and the next step of each."""

from collections.abc import Collection, Sequence

from ltictl.cli.render.output import Output, Report
from ltictl.cli.session import Session
from ltictl.model.integration import Status


def registration_report(
    session: Session,
    identifiers: tuple[str, ...],
    warnings: tuple[str, ...],
    *,
    in_place: Collection[str] = (),
    steps: Sequence[str] = (),
) -> Report:
    """Return the report of a registration.

    Args:
        session: the run.
        identifiers: of the integrations.
        warnings: one sentence each.
        in_place: the integrations whose tool the LMS changed, which stays switched on there.
        steps: the next steps, in place of those that the LMS asks of a person; empty for those.
    """
    from ltictl.cli.render.integration_rows import integration_rows
    from ltictl.cli.render.json_views import integration_view
    from ltictl.operations.registration.listen import stored
    from ltictl.platforms.table import family_of, remaining_steps

    context = session.context()
    integrations, now = stored(context, identifiers), context.now()

    def human(output: Output) -> None:
        output.table(*integration_rows(integrations, output, now))
        for each in integrations:
            if each.id not in in_place:
                output.note(f"In {family_of(each.platform.family).title}, for {each.id}:")
                for number, step in enumerate(steps or remaining_steps(each), 1):
                    output.note(f"  {number}. {step}")
            if each.status is not Status.ACTIVE:
                output.note(f"Here: ltictl activate {each.id}")

    return Report(
        {"integrations": [integration_view(each) for each in integrations]}, human, warnings
    )
