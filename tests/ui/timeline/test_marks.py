"""The marks of events."""

import pytest
from msgspec.structs import replace

from ibconsole.services.setup.history.timeline_events import (
    ChangeOrigin,
    EventKind,
    TimelineEvent,
)
from ibconsole.ui.timeline.marks import LANES, EventLanes, Shape, shape_of
from ibconsole.ui.timeline.time_axis import Period, TimeAxis
from tests.ui.timeline.samples import (
    CREATED,
    EVENTS,
    FAILED,
    GAP,
    LAST,
    NOW,
    PULLED,
    REPLACED,
    TESTED,
    days_ago,
)

WEEK = TimeAxis(Period(days_ago(7), NOW), 0, 700)


def test_every_kind_of_event_looks_different() -> None:
    """No two meanings share a form: colour is not needed to tell them apart."""
    unknown = replace(CREATED, origin=ChangeOrigin.UNKNOWN)
    events = (CREATED, REPLACED, unknown, PULLED, TESTED, FAILED, LAST, GAP)

    assert {shape_of(event) for event in events} == set(Shape)


def test_events_have_their_lanes() -> None:
    """A mark is in the lane of its kind, at its time; a period begins where it may have begun."""
    marks = {mark.events[0].identity: mark for mark in EventLanes(EVENTS).marks(WEEK)}

    assert [LANES[marks[name].lane] for name in ("created", "pulled", "tested", "gap")] == list(
        LANES
    )
    assert marks["created"].x == marks["created"].from_x == pytest.approx(100)
    assert (marks["replaced"].from_x, marks["replaced"].x) == pytest.approx((500, 550))
    assert marks["gap"].has(frozenset({"gap"}))


def test_close_events_share_a_mark() -> None:
    """What cannot be distinguished is one mark, which shows the worst of its events."""
    failure = replace(PULLED, identity="x", at=PULLED.at + 1000, failed=True)
    later = replace(PULLED, identity="y", at=PULLED.at + 24 * 3_600_000)

    marks = EventLanes((PULLED, failure, later)).marks(WEEK)

    assert [(len(mark.events), mark.shape) for mark in marks] == [
        (2, Shape.FAILED),
        (1, Shape.ACT),
    ]


def test_marks_are_bounded_by_pixels() -> None:
    """Many thousand events become no more marks than there is room for."""
    kinds = list(EventKind)
    events = [
        TimelineEvent(identity=str(n), kind=kinds[n % 5], at=days_ago(7) + n * 60_000, title="")
        for n in range(10_000)
    ]

    marks = EventLanes(events).marks(WEEK)

    assert len(marks) <= len(kinds) * 700 // 11 + len(kinds)
    assert sum(len(mark.events) for mark in marks) == len(events)


def test_what_reaches_into_the_period_is_visible() -> None:
    """A gap that began before and ends after the visible period is shown in it."""
    period = Period(days_ago(1.4), days_ago(1.2))

    assert [mark.shape for mark in EventLanes(EVENTS).marks(TimeAxis(period, 0, 100))] == [
        Shape.GAP
    ]
