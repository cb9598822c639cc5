"""The messages of each hour, added up to bars that a chart has room for."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import tzinfo
from itertools import accumulate

import msgspec

from ibconsole.services.setup.history import HOUR_MS, HourCount
from ibconsole.ui.timeline.time_axis import Period, utc_offset

# Hours that a bar may stand for: up to half a day, then days, weeks and so on.
_HOURS = (1, 2, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 28 * 24, 91 * 24, 364 * 24)


class Bar(msgspec.Struct, frozen=True):
    """The messages that arrived from `since` to just before `until`, by way."""

    since: int
    until: int
    pulled: int
    forwarded: int

    @property
    def total(self) -> int:
        """The messages of both ways."""
        return self.pulled + self.forwarded


class HourTotals:
    """Sums of hours, of which any period is added up without a look at each hour."""

    def __init__(self, hours: Sequence[HourCount] = ()) -> None:
        self._at = [hour.at for hour in hours]
        self._pulled = [0, *accumulate(hour.pulled for hour in hours)]
        self._forwarded = [0, *accumulate(hour.forwarded for hour in hours)]

    @property
    def first(self) -> int | None:
        """The first hour with messages; None if there is none."""
        return self._at[0] if self._at else None

    def total(self, since: int, until: int) -> Bar:
        """Return the messages of the hours that begin in a period, whose end is left out."""
        first, end = bisect_left(self._at, since), bisect_left(self._at, until)
        return Bar(
            since,
            until,
            self._pulled[end] - self._pulled[first],
            self._forwarded[end] - self._forwarded[first],
        )

    def bars(self, period: Period, most: int, zone: tzinfo | None) -> list[Bar]:
        """Return the bars of a period with messages, oldest first.

        All stand for the same time, from an hour up, so that there is room for `most` of them.
        Days begin at local midnight, or at the next full hour of UTC.
        """
        step = bar_length(period, most)
        offset = utc_offset(period.since, zone) // HOUR_MS * HOUR_MS
        first = (period.since + offset) // step * step - offset
        bars = (self.total(since, since + step) for since in range(first, period.until, step))
        return [bar for bar in bars if bar.total]


def bar_length(period: Period, most: int) -> int:
    """Return the time that a bar stands for, in milliseconds, if there is room for `most`."""
    longest = _HOURS[-1]
    hours = next((one for one in _HOURS if one * HOUR_MS * most >= period.length), longest)
    return hours * HOUR_MS


def name_of_length(length: int) -> str:
    """Return the time that a bar stands for in words: `hour`, `3 hours`, `day`, `7 days`."""
    hours = length // HOUR_MS
    number, unit = (hours, "hour") if hours < 24 else (hours // 24, "day")
    return unit if number == 1 else f"{number} {unit}s"
