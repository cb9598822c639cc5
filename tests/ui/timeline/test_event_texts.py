"""Events and bars as text."""

from datetime import UTC

from msgspec.structs import replace

from ibconsole.services.setup.history.timeline_events import ChangeOrigin
from ibconsole.ui.timeline.event_texts import (
    MOST_NAMED,
    copy_bars,
    copy_events,
    describe_bar,
    describe_event,
    kind_of,
    name_events,
    when_of,
)
from ibconsole.ui.timeline.hour_bars import Bar
from tests.ui.timeline.samples import CREATED, EVENTS, FAILED, GAP, NOW, PULLED, REPLACED


def test_every_kind_has_a_word() -> None:
    """The list says what the form of a mark means."""
    others = (replace(PULLED, failed=True), replace(CREATED, origin=ChangeOrigin.UNKNOWN))

    assert [kind_of(event) for event in (*EVENTS, *others)] == [
        "changed here",
        "test passed",
        "own act",
        "message",
        "changed elsewhere",
        "test failed",
        "gap",
        "call failed",
        "changed",
    ]


def test_times_are_exact() -> None:
    """An event has its millisecond and zone; one between two refreshes has both of them."""
    assert when_of(CREATED, UTC) == "2026-11-23 22:06:40.000 UTC"
    assert when_of(REPLACED, UTC) == (
        "between 2026-11-27 22:06:40.000 UTC and 2026-11-28 10:06:40.000 UTC (within 12 h)"
    )
    assert when_of(GAP, UTC).startswith("from 2026-11-27 22:06:40.000 UTC to 2026-11-29 22:06")


def test_an_event_has_its_details() -> None:
    """The details are lines, on which nothing invisible hides."""
    odd = replace(CREATED, title="a\nb", details=(("by", "x\u202ey"),))

    assert describe_event(CREATED, UTC).splitlines()[2] == "by: ada@desk, window"
    assert len(describe_event(odd, UTC).splitlines()) == 3
    assert "\u202e" not in describe_event(odd, UTC)


def test_many_events_are_counted() -> None:
    """A mark of many events names the first ones."""
    many = [replace(CREATED, identity=str(number)) for number in range(MOST_NAMED + 2)]

    assert name_events(many, UTC).splitlines()[-1] == "and 2 more events"
    assert name_events([FAILED], UTC) == describe_event(FAILED, UTC)


def test_events_are_copied_as_lines() -> None:
    """A ticket gets a line for each event, cells separated by tabs."""
    lines = copy_events(EVENTS, UTC).splitlines()

    assert len(lines) == len(EVENTS)
    assert lines[0].split("\t") == [
        "2026-11-23 22:06:40.000 UTC",
        "changed here",
        "Action PULL created",
        "by: ada@desk, window",
    ]


def test_figures_are_copied_as_a_table() -> None:
    """The figures have a head and plain numbers."""
    bar = Bar(NOW - 3_600_000, NOW, 1200, 1)

    assert copy_bars([bar], UTC) == (
        "From\tTo\tPulled\tForwarded\n"
        "2026-11-29 21:06:40.000 UTC\t2026-11-29 22:06:40.000 UTC\t1200\t1"
    )
    assert describe_bar(bar, UTC).splitlines()[1] == "1,200 messages pulled, 1 message forwarded"
