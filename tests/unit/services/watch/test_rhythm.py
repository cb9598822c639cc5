"""The rhythm of arrivals."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.watch.rhythm import (
    bursts,
    comparable_spans,
    is_quiet_time,
    usual_silence,
)
from tests.unit.services.watch.samples import DAY, HOUR, MINUTE, NOW, steady


def test_bursts() -> None:
    """Arrivals within a minute of the one before count once, in any order."""
    assert bursts([]) == []
    assert bursts([5, 0, 59_999, 119_998, 200_000]) == [0, 200_000]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((), None),
        (steady(NOW, count=19), None),
        (steady(NOW, count=20), 20 * MINUTE),
        (steady(NOW, every=MINUTE), 15 * MINUTE),
        (steady(NOW, every=6 * HOUR, count=200), 24 * HOUR),
        (steady(NOW, every=8 * HOUR, count=20) + (NOW,) * 99, 32 * HOUR),
        (steady(NOW, every=DAY), None),  # seven in the last week
        ((*steady(NOW, count=50), *steady(NOW - 14 * HOUR, count=50)), 20 * MINUTE),  # one night
    ],
)
def test_usual_silence(times: tuple[int, ...], expected: int | None) -> None:
    """A silence is unusual from four times the gap on that nearly all others do not exceed."""
    assert usual_silence(times) == expected


def test_comparable_spans() -> None:
    """A silence compares with the same time a week ago, and of the seven days before."""
    week, *days = comparable_spans(NOW - HOUR, NOW)

    assert week == (NOW - HOUR - 7 * DAY + 1, NOW - 7 * DAY)
    assert days[0] == (NOW - HOUR - DAY + 1, NOW - DAY)
    assert len(days) == 7


@given(st.integers(0, 40 * DAY))
def test_spans_are_before_the_silence(silence: int) -> None:
    """No span reaches into the silence itself, however long it is."""
    last_at = NOW - silence
    assert all(end <= last_at for _, end in comparable_spans(last_at, NOW))


@pytest.mark.parametrize(
    ("counts", "is_given", "expected"),
    [
        ((9,) * 8, False, False),
        ((0,) * 8, False, True),
        ((3,) * 8, False, True),  # the first minutes of the day
        ((3,) * 8, True, False),
        ((1,) * 8, True, True),
        ((0, 9, 9, 9, 9, 9, 9, 9), False, True),  # the same weekday was quiet
        ((9, 0, 0, 0, 0, 9, 9, 9), False, True),
        ((9, 0, 0, 0, 9, 9, 9, 9), False, False),
        ((None,) * 8, False, False),
        ((None, 9, *[None] * 6), False, False),
    ],
)
def test_quiet_time(counts: Sequence[int | None], is_given: bool, expected: bool) -> None:
    """A time is quiet if hardly anything came at it a week ago, or on most days."""
    assert is_quiet_time(counts, is_given=is_given) is expected
