"""Times as people read them: local, with the zone, exact where it matters; or all in UTC.

All instants are milliseconds since the epoch, UTC. `zone` None is that of this computer.
Whoever shows times takes the `Clock`, and asks it for the zone whenever one is shown.
"""

import time
from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QObject, Signal

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Not the locale's: these times are pasted into tickets that everybody reads.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s"))


class Clock(QObject):
    """Which zone the window shows times in; `changed` tells that it is another one."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._utc = False

    @property
    def utc(self) -> bool:
        """Whether that is UTC."""
        return self._utc

    @property
    def zone(self) -> tzinfo | None:
        """What the functions of this module take."""
        return UTC if self._utc else None

    def show_utc(self, *, on: bool) -> None:
        """Show UTC from now on, or the zone of this computer."""
        if on != self._utc:
            self._utc = on
            self.changed.emit()


def now_ms() -> int:
    """The present instant."""
    return time.time_ns() // 1_000_000


def clock(instant: int | None, zone: tzinfo | None = None, *, year: int | None = None) -> str:
    """For a column whose header names the zone: `23 Nov 14:03:22`; empty for None.

    What is not from this year, or the given one, has its year instead of its seconds.
    """
    if instant is None:
        return ""
    moment = _local(instant, zone)
    day = f"{moment.day:2d} {_MONTHS[moment.month - 1]}"
    if moment.year == (year or datetime.now(zone or UTC).year):
        return f"{day} {moment:%H:%M:%S}"
    return f"{day} {moment.year} {moment:%H:%M}"


def minute(instant: int, zone: tzinfo | None = None, *, now: int | None = None) -> str:
    """To the minute: `10:42`, and with the day if that is not today: `22 Nov 10:42`."""
    moment = _local(instant, zone)
    today = _local(now_ms() if now is None else now, zone).date()
    day = "" if moment.date() == today else f"{moment.day} {_MONTHS[moment.month - 1]} "
    return f"{day}{moment:%H:%M}"


def second(instant: int, zone: tzinfo | None = None) -> str:
    """To the second, of today: `14:03:22`."""
    return f"{_local(instant, zone):%H:%M:%S}"


def exact(instant: int | None, zone: tzinfo | None = None) -> str:
    """To the millisecond and with the zone: `2026-11-23 14:03:22.118 CET`; empty for None."""
    if instant is None:
        return ""
    moment = _local(instant, zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} {_name(moment)}"


def iso(instant: int | None, zone: tzinfo | None = None) -> str:
    """ISO 8601, local and in UTC on two lines, on one if they are the same; empty for None."""
    if instant is None:
        return ""
    moments = (_local(instant, zone), _moment(instant))
    lines = (moment.isoformat(timespec="milliseconds") for moment in moments)
    return "\n".join(dict.fromkeys(lines))


def zone_name(instant: int | None = None, zone: tzinfo | None = None) -> str:
    """What the zone is called at an instant, or now: `CET`, or `UTC+05:30` if nameless."""
    return _name(_local(now_ms() if instant is None else instant, zone))


def age(then: int, now: int) -> str:
    """How long ago, in one unit: `4 min ago`. What lies ahead is `just now`, too."""
    seconds = (now - then) // 1000
    if seconds < 5:
        return "just now"
    return f"{_largest(seconds)} ago"


def span(seconds: int) -> str:
    """A length of time in one unit, rounded down: `40 h` below two days, then days."""
    return _largest(max(seconds, 0))


def lag(received: int | None, arrived: int) -> str:
    """How much later it arrived here than at the platform: `0.4 s`, `3 min 12 s`, `2 d 4 h`.

    Empty where the platform's time is unknown; negative if one of the clocks is wrong.
    """
    if received is None:
        return ""
    difference = arrived - received
    sign = "\N{MINUS SIGN}" if difference < 0 else ""
    difference = abs(difference)
    if difference < 10_000:
        return f"{sign}{difference / 1000:.1f} s"
    return sign + _two_largest(difference // 1000)


def _largest(seconds: int) -> str:
    for size, unit in _UNITS:
        # 47 h says more than 1 d
        if seconds >= (2 * size if size == DAY else size):
            return f"{seconds // size} {unit}"
    return "0 s"


def _two_largest(seconds: int) -> str:
    parts: list[str] = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)


def _moment(instant: int) -> datetime:
    seconds, milliseconds = divmod(instant, 1000)
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    except (OverflowError, ValueError, OSError):
        # A message may say that it is from the year 99999; what cannot be said is the limit.
        return datetime.max.replace(tzinfo=UTC) if instant > 0 else datetime.min.replace(tzinfo=UTC)


def _local(instant: int, zone: tzinfo | None) -> datetime:
    moment = _moment(instant)
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return moment


def _name(moment: datetime) -> str:
    name = moment.tzname() or "UTC"
    # Where a zone has no abbreviation, the system's database says "+0530".
    return f"UTC{name[:3]}:{name[3:] or '00'}" if name[:1] in "+-" else name
