"""The marks of events in the lanes of a chart; events that are too close share a mark."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from ibconsole.services.setup.history import ChangeOrigin, EventKind, TimelineEvent
from ibconsole.ui.timeline.time_axis import Period, TimeAxis

CLOSE = 11.0  # pixels between two marks that can be distinguished and pointed at


class Shape(StrEnum):
    """The forms of marks: each says what happened without its colour."""

    HERE = "filled diamond"
    ELSEWHERE = "hollow diamond"
    UNKNOWN = "half diamond"
    ACT = "square"
    FAILED = "cross"
    PASSED = "tick"
    MESSAGE = "triangle"
    GAP = "line"


LANES = ("Setup changes", "Own acts", "Forward tests", "First, last, gaps")
# Gaps are drawn first: what ends them stands on them.
_LANE_OF = {
    EventKind.CHANGE: 0,
    EventKind.ACT: 1,
    EventKind.TEST: 2,
    EventKind.GAP: 3,
    EventKind.MESSAGES: 3,
}
_CHANGES = {
    ChangeOrigin.HERE: Shape.HERE,
    ChangeOrigin.ELSEWHERE: Shape.ELSEWHERE,
    ChangeOrigin.UNKNOWN: Shape.UNKNOWN,
}


# Of several events of a mark the one that is more likely a cause of trouble is shown.
_RANKED = (
    Shape.FAILED,
    Shape.ELSEWHERE,
    Shape.UNKNOWN,
    Shape.HERE,
    Shape.ACT,
    Shape.PASSED,
    Shape.MESSAGE,
    Shape.GAP,
)
_RANKS = {shape: rank for rank, shape in enumerate(_RANKED)}


class Mark(msgspec.Struct, frozen=True):
    """The events at one place of a lane; a period begins at `from_x`, which is `x` for others."""

    lane: int
    shape: Shape
    x: float
    from_x: float
    events: tuple[TimelineEvent, ...]
    identities: frozenset[str]

    def has(self, identities: frozenset[str]) -> bool:
        """Return whether one of its events is among those named."""
        return not self.identities.isdisjoint(identities)


def shape_of(event: TimelineEvent) -> Shape:
    """Return the form of an event's mark."""
    if event.kind is EventKind.CHANGE:
        return Shape.FAILED if event.failed else _CHANGES[event.origin]
    if event.kind is EventKind.GAP:
        return Shape.GAP
    if event.kind is EventKind.MESSAGES:
        return Shape.MESSAGE
    if event.failed:
        return Shape.FAILED
    return Shape.PASSED if event.kind is EventKind.TEST else Shape.ACT


class EventLanes:
    """Events by kind, oldest first, of which marks are made quickly for any period.

    What does not depend on the period is computed once, off the window's thread: 5,000 events
    would take 15 ms with each turn of the wheel.
    """

    def __init__(self, events: Sequence[TimelineEvent] = ()) -> None:
        self._kinds = [
            _OneKind(lane, tuple(event for event in events if event.kind is kind))
            for kind, lane in _LANE_OF.items()
        ]

    def marks(self, axis: TimeAxis) -> list[Mark]:
        """Return the marks within the axis' period, by lane, and from left to right in each lane.

        There are no more of them than the axis has room for, however many events there are.
        """
        return [mark for kind in self._kinds for mark in kind.marks(axis)]


class _OneKind:
    def __init__(self, lane: int, events: tuple[TimelineEvent, ...]) -> None:
        self._lane = lane
        self._events = events
        self._at = [event.at for event in events]
        self._begin = [event.at if event.since is None else event.since for event in events]
        self._ranks = [_RANKS[shape_of(event)] for event in events]

    def marks(self, axis: TimeAxis) -> Iterator[Mark]:
        close = int(CLOSE * axis.period.length / max(axis.width, 1.0))
        number, end = bisect_left(self._at, axis.period.since), self._visible_end(axis.period)
        while number < end:
            following = bisect_right(self._at, self._at[number] + close, number, end)
            yield self._mark(number, following, axis)
            number = following

    def _visible_end(self, period: Period) -> int:
        """Return the number after the last event of which a part is not after the period."""
        end = bisect_right(self._at, period.until)
        later = range(len(self._at) - 1, end - 1, -1)
        return next((n + 1 for n in later if self._begin[n] <= period.until), end)

    def _mark(self, first: int, end: int, axis: TimeAxis) -> Mark:
        events = self._events[first:end]
        return Mark(
            self._lane,
            _RANKED[min(self._ranks[first:end])],
            axis.x_of(self._at[end - 1]),
            axis.x_of(min(self._begin[first:end])),
            events,
            frozenset([event.identity for event in events]),
        )
