"""Hours added up to bars."""

from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.setup.history.timeline_events import HOUR_MS, HourCount
from ibconsole.ui.timeline.hour_bars import Bar, HourTotals, bar_length, name_of_length
from ibconsole.ui.timeline.time_axis import DAY_MS, Period

MIDNIGHT = 20_000 * DAY_MS


def hours(*numbers: tuple[int, int, int]) -> HourTotals:
    return HourTotals([HourCount(MIDNIGHT + n * HOUR_MS, a, b) for n, a, b in numbers])


def test_an_hour_is_a_bar_if_there_is_room() -> None:
    """Hours without messages have no bar."""
    totals = hours((0, 1, 2), (3, 4, 0))

    assert totals.bars(Period(MIDNIGHT, MIDNIGHT + 4 * HOUR_MS), 10, UTC) == [
        Bar(MIDNIGHT, MIDNIGHT + HOUR_MS, 1, 2),
        Bar(MIDNIGHT + 3 * HOUR_MS, MIDNIGHT + 4 * HOUR_MS, 4, 0),
    ]
    assert totals.first == MIDNIGHT
    assert HourTotals().first is None


def test_days_begin_at_local_midnight() -> None:
    """A bar of a day has the messages of a day where the user is."""
    zone = ZoneInfo("Europe/Zagreb")
    totals = hours((22, 1, 0), (23, 1, 0), (24, 1, 0))

    bars = totals.bars(Period(MIDNIGHT, MIDNIGHT + 20 * DAY_MS), 20, zone)

    assert [bar.pulled for bar in bars] == [1, 2] or [bar.pulled for bar in bars] == [3]
    assert (bars[-1].since + HOUR_MS) % DAY_MS == 0 or (bars[-1].since + 2 * HOUR_MS) % DAY_MS == 0


counts = st.dictionaries(st.integers(0, 400), st.tuples(st.integers(0, 9), st.integers(0, 9)))


@given(counts, st.integers(1, 400), st.integers(1, 60))
def test_no_message_is_lost_between_bars(
    found: dict[int, tuple[int, int]], length: int, most: int
) -> None:
    """The bars of everything have all messages, in as many bars as there is room for."""
    totals = hours(*((number, *found[number]) for number in sorted(found)))
    period = Period(MIDNIGHT, MIDNIGHT + 401 * HOUR_MS)

    bars = totals.bars(period, most, UTC)

    assert sum(bar.pulled for bar in bars) == sum(one for one, _ in found.values())
    assert sum(bar.forwarded for bar in bars) == sum(one for _, one in found.values())
    assert len(bars) <= most + 1
    part = totals.total(MIDNIGHT, MIDNIGHT + length * HOUR_MS)
    assert part.total == sum(sum(two) for hour, two in found.items() if hour < length)


def test_the_length_of_a_bar_has_a_name() -> None:
    """The legend says what a bar stands for."""
    lengths = [bar_length(Period(0, days * DAY_MS), 100) for days in (1, 7, 30, 365)]

    assert [name_of_length(one) for one in lengths] == ["hour", "2 hours", "12 hours", "7 days"]
    assert name_of_length(DAY_MS) == "day"
