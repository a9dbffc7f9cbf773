"""Describe signing keys and the steps of a rotation in words."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ltictl.cli.render.json_views import moment
from ltictl.cli.render.output import Output
from ltictl.model.duration import DAY, HOUR, MINUTE
from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.keys.key_events import Did, KeyEvent
from ltictl.operations.keys.rotation import Rotation

_DONE = {
    Did.MADE: "Made the key {kid}.",
    Did.PROMOTED: "{kid} signs from now on.",
    Did.STOPPED: "{kid} no longer signs and stays published.",
    Did.CONFIRMED: "The switch to {kid} is confirmed; the former key may go when its time is over.",
    Did.WITHDRAWN: "{kid} is withdrawn from the key set; its files are kept.",
}


def in_words(when: datetime, now: datetime) -> str:
    """Write a wait in whole units, such as ``in 23 h``, ``in 6 days`` or ``now``."""
    seconds = int((when - now) / timedelta(seconds=1))
    if seconds <= 0:
        return "now"
    seconds += MINUTE - 1  # the present minute counts as passed
    if seconds < HOUR:
        return f"in {max(seconds // MINUTE, 1)} min"
    if seconds < 2 * DAY:
        return f"in {seconds // HOUR} h"
    return f"in {seconds // DAY} days"


def next_change(key: SigningKey, now: datetime) -> str:
    """Return the next possible step of a key, and its earliest time."""
    if key.state is KeyState.NEXT and key.promote_after:
        seen = "" if key.published_at else ", once published"
        return f"may sign {in_words(key.promote_after, now)}{seen}"
    if key.state is KeyState.CURRENT:
        return "signs"
    if key.state is KeyState.RETIRING and key.withdraw_after:
        return f"may be withdrawn {in_words(key.withdraw_after, now)}"
    return "kept" if key.state is KeyState.RETIRED else ""


def show_keys(output: Output, rotation: Rotation, now: datetime) -> None:
    """Show a table of all keys."""
    output.table(
        ["Kid", "State", "Created at", "What comes next"],
        [
            [
                key.kid,
                key.state.value,
                output.moment(key.created_at, now),
                next_change(key, now),
            ]
            for key in rotation.keys
        ],
    )


def step_in_words(step: KeyEvent) -> str:
    """Return one finished step as a sentence."""
    return _DONE[step.did].format(kid=step.kid)


def show_run(output: Output, rotation: Rotation, now: datetime, *, hook: bool) -> None:
    """Show the steps of a run, the work left to a person, the keys, and the time of the next run.

    Args:
        output: the streams of the run.
        rotation: the run.
        now: the present time.
        hook: whether a hook publishes the set and hands keys on.
    """
    # Nothing with --quiet, since cron sends a mail for every line; warnings come out anyway.
    if output.quiet:
        return
    for step in rotation.steps:
        output.note(step_in_words(step))
    if not rotation.steps:
        output.note("Nothing was changed." if rotation.warnings else "Nothing to do.")
    for task in () if hook else _left_to_a_person(rotation):
        output.note(task)
    show_keys(output, rotation, now)
    if rotation.next_run:
        output.note(f"Next run: {moment(rotation.next_run)} ({in_words(rotation.next_run, now)})")


def _left_to_a_person(rotation: Rotation) -> Iterator[str]:
    done = {step.did for step in rotation.steps}
    if done & {Did.MADE, Did.WITHDRAWN}:
        yield "Publish the key set now: ltictl jwks --output FILE"
    if done & {Did.PROMOTED}:
        yield (
            "Give the new key to your application now: ltictl export FORMAT --output PATH. Until "
            "then it signs with the former one, which stays published."
        )
