"""The visible period and the ticks of the axis."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.ui.timeline.time_axis import (
    DAY_MS,
    HOUR_MS,
    LEAST_PERIOD_MS,
    Period,
    TimeAxis,
    ticks,
)


def at(*moment: int, zone: ZoneInfo | None = None) -> int:
    return int(datetime(*moment, tzinfo=zone or UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


BOUNDS = Period(at(2026, 11, 1), at(2026, 11, 29))
instants = st.integers(BOUNDS.since, BOUNDS.until)


@given(instants, instants, st.floats(0.01, 100), instants)
def test_no_zoom_leaves_the_bounds(one: int, other: int, factor: float, anchor: int) -> None:
    """Whatever is zoomed, the period stays inside the timeline, and is never too short to see."""
    period = Period(min(one, other), max(one, other)).within(BOUNDS)

    zoomed = period.zoomed(factor, anchor, BOUNDS)

    assert BOUNDS.since <= zoomed.since < zoomed.until <= BOUNDS.until
    assert zoomed.length >= LEAST_PERIOD_MS


def test_the_anchor_stays_in_its_place() -> None:
    """What is under the pointer stays there while the wheel is turned."""
    period, anchor = Period(at(2026, 11, 10), at(2026, 11, 20)), at(2026, 11, 13)

    zoomed = period.zoomed(0.5, anchor, BOUNDS)

    assert zoomed.length == period.length // 2
    before, after = (TimeAxis(one, 0, 1000).x_of(anchor) for one in (period, zoomed))
    assert after == pytest.approx(before, abs=0.01)


def test_a_period_stops_at_the_bounds() -> None:
    """Moving further than the first or the last instant moves there."""
    period = Period(at(2026, 11, 10), at(2026, 11, 20))

    assert period.moved(-(10**12), BOUNDS).since == BOUNDS.since
    assert period.moved(10**12, BOUNDS) == Period(at(2026, 11, 19), BOUNDS.until)
    assert period.moved(DAY_MS, BOUNDS) == Period(at(2026, 11, 11), at(2026, 11, 21))


def test_pixels_and_instants_agree() -> None:
    """A place of the axis and its instant lead to each other; places outside are cut."""
    axis = TimeAxis(BOUNDS, 100, 800)

    assert axis.instant_at(axis.x_of(at(2026, 11, 15))) == at(2026, 11, 15)
    assert axis.instant_at(0) == BOUNDS.since
    assert axis.instant_at(5000) == BOUNDS.until


def test_ticks_are_round_local_times() -> None:
    """Clock times are round where the user is, and midnight is the day."""
    kolkata = ZoneInfo("Asia/Kolkata")
    since = at(2026, 11, 28, 21, 10, zone=kolkata)

    found = ticks(Period(since, since + 8 * HOUR_MS), 9, kolkata)

    assert [tick.label for tick in found] == [
        "22:00", "23:00", "29 Nov", "01:00", "02:00", "03:00", "04:00", "05:00",
    ]  # fmt: skip
    assert [tick.major for tick in found].index(True) == 2


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (6, ["2 Nov", "3 Nov", "4 Nov", "5 Nov", "6 Nov", "7 Nov"]),
        (100, ["Nov 2026", "Dec 2026", "Jan 2027", "Feb 2027"]),
        (3000, ["2028", "2030", "2032", "2034"]),
    ],
)
def test_long_periods_have_days_months_or_years(days: int, labels: list[str]) -> None:
    """The unit of the ticks follows the length of the period."""
    since = at(2026, 11, 1) + (days < 10) * HOUR_MS + (days > 1000) * DAY_MS

    assert [tick.label for tick in ticks(Period(since, since + days * DAY_MS), 6, UTC)] == labels


def test_a_day_of_another_length_keeps_midnight() -> None:
    """After the change of the clocks the tick of a day is still its midnight."""
    zone = ZoneInfo("Europe/Zagreb")
    found = ticks(
        Period(at(2026, 10, 23, zone=zone), at(2026, 10, 28, zone=zone)), 6, zone
    )  # fmt: skip

    assert [tick.at for tick in found] == [at(2026, 10, day, zone=zone) for day in range(23, 29)]


@pytest.mark.parametrize("years", [100, 8000, 300_000])
@pytest.mark.parametrize("days", [1, 30, 3000])
def test_a_clock_that_leaps_breaks_nothing(years: int, days: int) -> None:
    """What arrived in a year that no calendar has leaves the axis without labels there."""
    since = years * 365 * DAY_MS

    assert len(ticks(Period(since, since + days * DAY_MS), 10, UTC)) <= 12


@given(st.integers(LEAST_PERIOD_MS, 200 * 365 * DAY_MS), st.integers(1, 30))
def test_ticks_have_room(length: int, most: int) -> None:
    """There are never many more ticks than there is room for."""
    found = ticks(Period(BOUNDS.since, BOUNDS.since + length), most, UTC)

    assert len(found) <= 2 * most + 2
    assert all(BOUNDS.since <= tick.at <= BOUNDS.since + length for tick in found)
