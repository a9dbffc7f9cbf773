"""The geometry of the report's two drawings, as plain numbers for its template."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ltictl.model.signing_key import KeyState, SigningKey
from ltictl.operations.overview import Month

# Units of the drawings' own coordinates; the page scales them.
WIDTH = 640
PLOT_HEIGHT = 120
LANE_HEIGHT = 34
_GAP = 0.3  # of a bar's place
_MARGIN = timedelta(days=1)


class Bar(Struct, frozen=True):
    """One month's bar: its place, the number above it and the name below it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    month: str
    number: int


class Span(Struct, frozen=True):
    """A time in the life of a key: published, signing or leaving."""

    x: float
    width: float
    state: str


class KeyLine(Struct, frozen=True):
    """One key's line of the time line."""

    y: float
    kid: str
    spans: tuple[Span, ...]


class TimeLine(Struct, frozen=True):
    """The lives of keys beside one another; ``now`` is the place of the present."""

    height: float
    now: float
    begin: datetime
    end: datetime
    lanes: tuple[KeyLine, ...]


def bars(months: Sequence[Month]) -> tuple[Bar, ...]:
    """Return the bars of registrations; the tallest month fills the height."""
    most = max((each.registrations for each in months), default=0) or 1
    place = WIDTH / max(len(months), 1)
    return tuple(
        Bar(
            x=round((number + _GAP / 2) * place, 1),
            y=round(PLOT_HEIGHT * (1 - month.registrations / most), 1),
            width=round((1 - _GAP) * place, 1),
            height=round(PLOT_HEIGHT * month.registrations / most, 1),
            middle=round((number + 0.5) * place, 1),
            month=month.name,
            number=month.registrations,
        )
        for number, month in enumerate(months)
    )


def time_line(keys: Sequence[SigningKey], now: datetime) -> TimeLine:
    """Return the lives of keys from the first one's beginning to the last known step."""
    moments = [now, *(each.created_at for each in keys)]
    moments += [due for each in keys for due in (each.promote_after, each.withdraw_after) if due]
    begin, end = min(moments) - _MARGIN, max(moments) + _MARGIN

    def place(moment: datetime) -> float:
        return round(WIDTH * ((moment - begin) / (end - begin)), 1)

    lanes = []
    for number, key in enumerate(keys):
        spans = [
            Span(place(since), max(place(until) - place(since), 1.0), state)
            for since, until, state in _life(key, now, end)
            if until > since or state == key.state.value  # the present state is seen at once
        ]
        lanes.append(KeyLine(number * LANE_HEIGHT, key.kid, tuple(spans)))
    return TimeLine(len(keys) * LANE_HEIGHT, place(now), begin, end, tuple(lanes))


def _life(key: SigningKey, now: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    """Return the spans of a key's life: from when, until when, and in which state."""
    if key.state is KeyState.NEXT:
        due = key.promote_after or now
        return [(key.created_at, max(due, now), "next"), (max(due, now), end, "planned")]
    promoted = key.promoted_at or key.created_at
    stopped = key.stopped_at or now
    spans = [(key.created_at, promoted, "next"), (promoted, stopped, "current")]
    if key.state is KeyState.RETIRING:
        spans.append((stopped, max(key.withdraw_after or now, now), "retiring"))
    return spans
