"""The time axis of a chart: the visible period, its zoom, its pixels and its ticks.

All instants are milliseconds since the epoch; `zone` None is the zone of this computer.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo

import msgspec

from ibconsole.ui.toolkit import times

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
LEAST_PERIOD_MS = 2 * MINUTE_MS
# What a tick may stand for; months and years have no fixed length.
_STEPS_MS = tuple(minutes * MINUTE_MS for minutes in (1, 5, 15, 30, 60, 180, 360, 720))
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 600)
_MONTH_MS, _YEAR_MONTHS = 30 * DAY_MS, 12
_LAST_YEAR = 9990  # of a tick; there is a calendar for some years more
_LAST_DAY = date(_LAST_YEAR, 1, 1).toordinal()


class Period(msgspec.Struct, frozen=True):
    """A period of time, which ends after it begins."""

    since: int
    until: int

    @property
    def length(self) -> int:
        """The length in milliseconds, at least 1."""
        return max(self.until - self.since, 1)

    def contains(self, instant: int) -> bool:
        """Return whether the instant is within the period, both ends included."""
        return self.since <= instant <= self.until

    def zoomed(self, factor: float, anchor: int, bounds: "Period") -> "Period":
        """Return the period with `factor` of its length; the anchor stays where it is."""
        length = min(max(int(self.length * factor), LEAST_PERIOD_MS), bounds.length)
        share = (min(max(anchor, self.since), self.until) - self.since) / self.length
        since = int(anchor - share * length) if self.contains(anchor) else self.since
        return Period(since, since + length).within(bounds)

    def moved(self, by: int, bounds: "Period") -> "Period":
        """Return the period moved by some milliseconds, no further than to the bounds."""
        return Period(self.since + by, self.until + by).within(bounds)

    def within(self, bounds: "Period") -> "Period":
        """Return a period of this length that lies in the bounds, or the bounds."""
        length = min(max(self.length, LEAST_PERIOD_MS), bounds.length)
        since = min(max(self.since, bounds.since), bounds.until - length)
        return Period(since, since + length)


class TimeAxis(msgspec.Struct, frozen=True):
    """A period on some pixels: it begins at `left`, and is `width` wide."""

    period: Period
    left: float
    width: float

    def x_of(self, instant: int) -> float:
        """Return the horizontal place of an instant, also of one outside the period."""
        return self.left + (instant - self.period.since) * self.width / self.period.length

    def instant_at(self, x: float) -> int:
        """Return the instant at a place, within the period."""
        share = (x - self.left) / max(self.width, 1.0)
        return self.period.since + int(min(max(share, 0.0), 1.0) * self.period.length)


class Tick(msgspec.Struct, frozen=True):
    """A labelled instant; a `major` one begins a day, a month or a year."""

    at: int
    label: str
    major: bool


def ticks(period: Period, most: int, zone: tzinfo | None) -> list[Tick]:
    """Return at most some ticks of the period, in round local times."""
    most = max(most, 1)
    for step in _STEPS_MS:
        if period.length <= step * most:
            return _clock_ticks(period, step, zone)
    for days in _DAYS:
        if period.length <= days * DAY_MS * most:
            return list(_day_ticks(period, days, zone))
    months = next((one for one in _MONTHS if period.length <= one * _MONTH_MS * most), _MONTHS[-1])
    return list(_month_ticks(period, months, zone))


def utc_offset(instant: int, zone: tzinfo | None) -> int:
    """Return how far local time is ahead of UTC, in milliseconds."""
    offset = times.local(instant, zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) * 1000


def _clock_ticks(period: Period, step: int, zone: tzinfo | None) -> list[Tick]:
    offset = utc_offset(period.since, zone)
    first = -(-(period.since + offset) // step) * step - offset
    found = []
    for at in range(first, period.until + 1, step):
        moment = times.local(at, zone)
        midnight = moment.hour == moment.minute == 0
        label = times.day(at, zone) if midnight else f"{moment:%H:%M}"
        found.append(Tick(at, label, midnight))
    return found


def _day_ticks(period: Period, days: int, zone: tzinfo | None) -> Iterator[Tick]:
    number = times.local(period.since, zone).date().toordinal()
    number -= number % days
    while number < _LAST_DAY:
        at = _midnight(date.fromordinal(number), zone)
        if at > period.until:
            return
        if at >= period.since:
            yield Tick(at, times.day(at, zone), times.local(at, zone).day == 1)
        number += days


def _month_ticks(period: Period, months: int, zone: tzinfo | None) -> Iterator[Tick]:
    moment = times.local(period.since, zone)
    number = moment.year * _YEAR_MONTHS + moment.month - 1
    number -= number % months
    while number < _LAST_YEAR * _YEAR_MONTHS:
        year, month = divmod(number, _YEAR_MONTHS)
        at = _midnight(date(year, month + 1, 1), zone)
        if at > period.until:
            return
        if at >= period.since:
            yield Tick(at, times.month(at, zone, year_only=months >= _YEAR_MONTHS), month == 0)
        number += months


def _midnight(day: date, zone: tzinfo | None) -> int:
    # Without a zone `timestamp` takes the time as one of this computer.
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
