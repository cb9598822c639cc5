"""Times as text: local with the name of the zone, exact where it matters; or all in UTC.

All instants are milliseconds since the epoch, UTC; `zone` None is the zone of this computer.
A widget that shows times holds the `TimeDisplay` and reads its zone at each use.
"""

from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QObject, Signal

from ibconsole.clock import now_ms

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# Not the locale's: these times are pasted into tickets that people of any language read.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s"))


class TimeDisplay(QObject):
    """The zone in which the window shows times; `changed` is emitted when it changes."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._utc = False

    @property
    def utc(self) -> bool:
        """True if times are shown in UTC."""
        return self._utc

    @property
    def zone(self) -> tzinfo | None:
        """The zone, as the functions of this module take it."""
        return UTC if self._utc else None

    def show_utc(self, *, on: bool) -> None:
        """Show times in UTC, or in the zone of this computer."""
        if on != self._utc:
            self._utc = on
            self.changed.emit()


def column_time(instant: int | None, zone: tzinfo | None = None, *, year: int | None = None) -> str:
    """Format for a column whose header names the zone: `23 Nov 14:03:22`; empty for None.

    An instant of another year than this one, or the given one, has its year instead of its
    seconds.
    """
    if instant is None:
        return ""
    moment = local(instant, zone)
    day = f"{moment.day:2d} {_MONTHS[moment.month - 1]}"
    # Not with strftime, which imports a module each time: painting a page would take twice as long.
    clock = f"{moment.hour:02d}:{moment.minute:02d}"
    if moment.year == (year or datetime.now(zone or UTC).year):
        return f"{day} {clock}:{moment.second:02d}"
    return f"{day} {moment.year} {clock}"


def minute(instant: int, zone: tzinfo | None = None, *, now: int | None = None) -> str:
    """Format to the minute: `10:42`, and with the day if it is not today: `22 Nov 10:42`."""
    moment = local(instant, zone)
    today = local(now_ms() if now is None else now, zone).date()
    day = "" if moment.date() == today else f"{moment.day} {_MONTHS[moment.month - 1]} "
    return f"{day}{moment:%H:%M}"


def day(instant: int, zone: tzinfo | None = None) -> str:
    """Format the day of an axis: `22 Nov`."""
    moment = local(instant, zone)
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def month(instant: int, zone: tzinfo | None = None, *, year_only: bool = False) -> str:
    """Format the month of an axis: `Nov 2026`, or its year alone."""
    moment = local(instant, zone)
    return str(moment.year) if year_only else f"{_MONTHS[moment.month - 1]} {moment.year}"


def second(instant: int, zone: tzinfo | None = None) -> str:
    """Format a time of today to the second: `14:03:22`."""
    return f"{local(instant, zone):%H:%M:%S}"


def exact(instant: int | None, zone: tzinfo | None = None) -> str:
    """Format to the millisecond with the zone: `2026-11-23 14:03:22.118 CET`; empty for None."""
    if instant is None:
        return ""
    moment = local(instant, zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} {_zone_of(moment)}"


def iso(instant: int | None, zone: tzinfo | None = None) -> str:
    """Format as ISO 8601: local and UTC on two lines, one line if equal; empty for None."""
    if instant is None:
        return ""
    moments = (local(instant, zone), _moment(instant))
    lines = (moment.isoformat(timespec="milliseconds") for moment in moments)
    return "\n".join(dict.fromkeys(lines))


def zone_name(instant: int | None = None, zone: tzinfo | None = None) -> str:
    """Return the name of the zone at an instant, or now: `CET`, or `UTC+05:30` if it has none."""
    return _zone_of(local(now_ms() if instant is None else instant, zone))


def age(then: int, now: int) -> str:
    """Format an age in one unit: `4 min ago`; `just now` below 5 s and for the future."""
    seconds = (now - then) // 1000
    if seconds < 5:
        return "just now"
    return f"{_largest(seconds)} ago"


def span(seconds: int) -> str:
    """Format a duration in one unit, rounded down: `40 h` below two days, then days."""
    return _largest(max(seconds, 0))


def left(until: int, now: int) -> str:
    """Format the time that is left as a clock counts it down: `7:12`, `1:02:03`."""
    minutes, seconds = divmod(max(0, -(-(until - now) // 1000)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def duration(seconds: float) -> str:
    """Return a duration in a suitable unit: `34 ms`, `1.24 s`, `12.3 s`."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def lag(received: int | None, arrived: int) -> str:
    """Format the delay between platform and arrival here: `0.4 s`, `3 min 12 s`, `2 d 4 h`.

    Empty if the platform's time is unknown; negative if one of the clocks is wrong.
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
        # 47 h is more precise than 1 d.
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
        # A message may claim to be from the year 99999: clamp it to what datetime can represent.
        return datetime.max.replace(tzinfo=UTC) if instant > 0 else datetime.min.replace(tzinfo=UTC)


def local(instant: int, zone: tzinfo | None) -> datetime:
    """Return the time in a zone; what no calendar has becomes its first or last day."""
    moment = _moment(instant)
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return moment


def _zone_of(moment: datetime) -> str:
    name = moment.tzname() or "UTC"
    # For a zone without an abbreviation, the system's database returns "+0530".
    return f"UTC{name[:3]}:{name[3:] or '00'}" if name[:1] in "+-" else name
