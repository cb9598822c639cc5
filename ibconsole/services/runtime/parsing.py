"""Parsing of points in time as users type them."""

import re
from datetime import datetime, timedelta

from ibconsole.errors import UserError

_AGE = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class InvalidTime(UserError):
    """The text is not a valid time."""


def parse_time(text: str, now: datetime | None = None) -> int:
    """Return the milliseconds since the epoch of `2026-11-01`, `2026-11-01T12:00Z` or `7d` (ago).

    A time without a zone is in this computer's zone. Raises InvalidTime.
    """
    now = now or datetime.now().astimezone()
    try:
        if age := _AGE.fullmatch(text.strip()):
            time = now - timedelta(**{_UNITS[age[2]]: int(age[1])})
        else:
            time = datetime.fromisoformat(text.strip())
        return int(time.astimezone(time.tzinfo or now.tzinfo).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise InvalidTime(
            f"{text!r} is not a valid time. Write 2026-11-01, 2026-11-01T12:00Z, or an age such as"
            " 12h, 7d or 4w."
        ) from None
