"""Parsing of points in time, of durations and of sizes as users type them."""

import re
from datetime import datetime, timedelta

from ibconsole.errors import UserError

_AGE = re.compile(r"(\d{1,6})([hdw])")
_AGE_UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_LONGEST_SHOWN = 60
_SIZE_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d{1,15})\s*([kmgt]?b?)", re.IGNORECASE)


_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?) *(ms|s|min|h|d)?")
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "min": 60.0, "s": 1.0, "ms": 0.001}


class InvalidTime(UserError):
    """The text is not a valid time."""


class InvalidDuration(UserError):
    """The text is not a valid duration."""


class InvalidSize(UserError):
    """The text is not a valid size."""


def parse_time(text: str, now: datetime | None = None) -> int:
    """Return the milliseconds since the epoch of `2026-11-01`, `2026-11-01T12:00Z` or `7d` (ago).

    A time without a zone is in this computer's zone. Raises InvalidTime.
    """
    now = now or datetime.now().astimezone()
    try:
        if age := _AGE.fullmatch(text.strip()):
            time = now - timedelta(**{_AGE_UNITS[age[2]]: int(age[1])})
        else:
            time = datetime.fromisoformat(text.strip())
        return int(time.astimezone(time.tzinfo or now.tzinfo).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise InvalidTime(
            f"{text!r} is not a valid time. Write 2026-11-01, 2026-11-01T12:00Z, or an age such as"
            " 12h, 7d or 4w."
        ) from None


def parse_duration(text: str) -> float:
    """Return the seconds of a duration such as `500 ms`, `2 s`, `10 min` or `1.5 h`.

    A number alone is in seconds. Raises InvalidDuration.
    """
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise InvalidDuration(
            f"{text[:_LONGEST_SHOWN]!r} is not a valid duration. Write 500 ms, 2 s, 10 min, or a"
            " number of seconds."
        )
    return round(float(found[1]) * _SECONDS[found[2] or "s"], 6)


def format_duration(seconds: float) -> str:
    """Return a duration in the largest unit that needs no fraction: `parse_duration` reads it."""
    for unit, size in _SECONDS.items():
        count = round(seconds / size, 6)
        if count >= 1 and count == int(count):
            return f"{count:.0f} {unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + " s"


def parse_size(text: str) -> int:
    """Return the number of bytes of a size such as `500MB` or `2 gb`.

    A kB is 1,000 bytes, as disks are sold. Raises InvalidSize.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise InvalidSize(f"{text!r} is not a valid size. Write 500MB, 2GB, or a number of bytes.")
    return int(found[1]) * _SIZE_UNITS[found[2].lower().rstrip("b")]
