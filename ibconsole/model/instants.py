"""Instants in the spellings that are met in the field (platform.md §3).

A spelling that leaves no doubt is read; one that lacks something is read with a note of what was
assumed. What could mean several instants, as 05/01/2017, is not read.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from ibconsole.lazy import lazy_pattern

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds that are taken for an instant: the years 1973 to 2199. So no unit is like another.
_SECONDS = range(10**8, 7_258_118_400)
_UNITS = (1, 10**3, 10**6, 10**9)
_NUMBER = lazy_pattern(r"[0-9]{9,20}(?:\.[0-9]{1,9})?", re.ASCII)
_COMPACT = lazy_pattern(r"([0-9]{8})([0-9]{6})([0-9]{3})?", re.ASCII)  # 20170105124756221
_DOT_NET = lazy_pattern(r"(?:\\?/|new )Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)(?:\\?/|;?)")
_POWER = lazy_pattern(r"[0-9](?:\.[0-9]{1,20})?E\+?[0-9]{1,2}", re.IGNORECASE | re.ASCII)
# The name of a zone after an offset says nothing more about the instant.
_ZONE_NAME = lazy_pattern(r"\s*\[[\w/+\- ]{1,64}\]$")
_ISO = lazy_pattern(
    r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})(?:(?:[Tt_]|\s+)(.+))?", re.DOTALL | re.ASCII
)
_TIME = lazy_pattern(
    r"([0-9]{1,2}(?::?[0-9]{2}){0,2}(?:[.,][0-9]+)?)\s*(?:([AP])\.?M\.?\s*)?"
    r"(Z|UTC|GMT|(?:UTC|GMT)?[+\u2212-][0-9]{1,2}(?::?[0-9]{2}){0,2})?",
    re.IGNORECASE | re.ASCII,
)
_LARGEST = 10**20
_LEAP = timedelta(seconds=1)
_WEEK = lazy_pattern(r"([0-9]{4})(-?)W([0-9]{2})\2([1-7])(?=$|[Tt_\s])", re.ASCII)
_ORDINAL = lazy_pattern(r"([0-9]{4})-?([0-9]{3})(?=$|[Tt_]|\s)", re.ASCII)
_SHORT = lazy_pattern(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?=[Tt_\s])", re.ASCII)
_CLOCK = lazy_pattern(r"(24|[0-9]{2}):?([0-9]{2})(?::?([0-9]{2})((?:\.[0-9]+)?))?", re.ASCII)
_MONTH = "(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\\.?"
_ENGLISH_TIME = (
    r"(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s*[AP]\.?M\.?)?)"
    r"(?:\s*(?P<zone>[A-Z]{1,4}|(?:GMT|UTC?)?[+-][0-9]{1,2}:?(?:[0-9]{2})?))?"
)
_WEEKDAY = r"(?:(?P<weekday>Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?"
_ENGLISH = tuple(
    lazy_pattern(pattern, re.IGNORECASE | re.ASCII)
    for pattern in (
        # 05 Jan 2017 12:47:56 GMT, as in mails, and Thursday, 05-Jan-17 12:47:56 GMT
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})[\s-]{_MONTH}[\s-](?P<year>[0-9]{{4}}|[0-9]{{2}}),?\s+"
        rf"{_ENGLISH_TIME}(?:\s*\(.{{1,64}}\))?",
        # Thu Jan 05 2017 12:47:56 GMT+0000 (…) of JavaScript, Jan 5, 2017 12:47:56 PM of Gson
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}}),?\s+(?P<year>[0-9]{{4}}),?\s+"
        rf"{_ENGLISH_TIME}(?:\s*\(.{{1,64}}\))?",
        # Thu Jan  5 12:47:56 UTC 2017 of Java and Unix
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>[0-9]{{1,2}})\s+{_ENGLISH_TIME}\s+(?P<year>[0-9]{{4}})",
    )
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ZONES = {"UT": "UTC", "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500"} | {
    "MST": "-0700",
    "MDT": "-0600",
    "PST": "-0800",
    "PDT": "-0700",  # RFC 5322
}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Of Java, Protocol Buffers and Firestore; and the members of a date and time of Java.
_SECOND_NAMES = ("epochSecond", "seconds", "_seconds")
_NANO_NAMES = ("nano", "nanos", "_nanoseconds", "nanoseconds")
_PARTS = ("year", ("monthValue", "month"), ("dayOfMonth", "day"), "hour", "minute", "second")
_NO_ZONE = "has no time zone, and was read as UTC"
_NO_TIME = "has no time of day, and was read as the beginning of that day in UTC"


def read_instant(value: object) -> tuple[datetime | None, str]:
    """Return an instant in UTC, and a clause on what was assumed, empty if nothing was.

    Reads ISO 8601 in its variants, the dates of mails and programs in English, and seconds,
    milliseconds, microseconds or nanoseconds since the epoch, as a number or as a text; and the
    arrays and objects that libraries of Java and others write for a time. The instant is None,
    with an empty clause, for everything else, and outside of the years 1 to 9999.
    """
    if isinstance(value, bool):
        return None, ""
    if isinstance(value, float):
        return _since_epoch(value), ""
    try:
        if isinstance(value, int):
            return _read_text(str(value)) if 0 < value < _LARGEST else (None, "")
        if isinstance(value, str):
            return _read_text(value.strip())
        return _read_parts(value) if isinstance(value, list) else _read_object(value)
    except (ValueError, OverflowError):
        return None, ""


def _read_parts(parts: Sequence[object]) -> tuple[datetime | None, str]:
    """Read year, month, day, and what there is of hour, minute, second and nanosecond."""
    numbers = [one for one in parts if type(one) is int]
    if len(numbers) != len(parts) or not 3 <= len(parts) <= 7:
        return None, ""
    fraction = numbers[6] if len(numbers) == 7 else 0
    if not 0 <= fraction < 10**9:
        return None, ""
    # Jackson writes milliseconds if nanoseconds are switched off.
    microsecond = fraction * 1000 if fraction < 1000 else fraction // 1000
    moment = datetime(*numbers[:3], *numbers[3:6], tzinfo=UTC)  # type: ignore[misc,arg-type]
    return moment.replace(microsecond=microsecond), _NO_ZONE if len(parts) > 3 else _NO_TIME


def _read_object(value: object) -> tuple[datetime | None, str]:
    if not isinstance(value, dict):
        return None, ""
    for name in ("$date", "$numberLong"):  # of MongoDB
        if len(value) == 1 and name in value:
            inner = value[name]
            return _read_object(inner) if isinstance(inner, dict) else read_instant(inner)
    seconds, nanos = _member(value, _SECOND_NAMES), _member(value, _NANO_NAMES)
    if seconds is not None:
        if (nanos is not None and not 0 <= nanos < 10**9) or seconds not in _SECONDS:
            return None, ""
        return _shifted(seconds * 10**6 + (nanos or 0) // 1000), ""
    parts = [_member(value, (one,) if isinstance(one, str) else one) for one in _PARTS]
    if {"zone", "offset", "timezone", "timeZone"} & value.keys() or None in parts[:5]:
        return None, ""  # a zone in a spelling of which none is usual
    return _read_parts([*parts[:5], parts[5] or 0, nanos or 0])


def _member(value: Mapping[str, object], names: Sequence[str]) -> int | None:
    """Return the first whole number that has one of these names, also as a text."""
    found = next((value[name] for name in names if name in value), None)
    if isinstance(found, str) and re.fullmatch("[0-9]{1,12}", found, re.ASCII):
        return int(found)
    return found if type(found) is int else None


def _read_text(text: str) -> tuple[datetime | None, str]:
    if _NUMBER.fullmatch(text):
        moment = _since_epoch(float(text) if "." in text else int(text))
        if moment or not (parts := _COMPACT.fullmatch(text)):
            return moment, ""
        text = f"{parts[1]}T{parts[2]}.{parts[3] or 0}"
    if found := _DOT_NET.fullmatch(text):
        return _shifted(int(found[1]) * 1000), ""
    if _POWER.fullmatch(text):
        return _since_epoch(float(text)), ""
    return _read_iso(text)


def _since_epoch(number: float) -> datetime | None:
    for per_second in _UNITS:
        if _SECONDS.start * per_second <= number < _SECONDS.stop * per_second:
            whole = isinstance(number, int)
            return _shifted(number * 10**6 // per_second if whole else number * 10**6 / per_second)
    return None


def _shifted(microseconds: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def _read_iso(text: str) -> tuple[datetime | None, str]:
    stripped = _ZONE_NAME.sub("", text)
    with suppress(ValueError):
        if (moment := datetime.fromisoformat(stripped)).tzinfo:
            return moment.astimezone(UTC), ""
    found = _ISO.fullmatch(_with_month(stripped))
    if not found:
        return _read_english(text)
    year, _, month, day, rest = found.groups()
    day_text = f"{year}-{month}-{day}"
    if not rest:
        return datetime.fromisoformat(day_text).replace(tzinfo=UTC), _NO_TIME
    return _read_time(day_text, rest.strip(), names_place=stripped != text)


def _read_time(day: str, text: str, *, names_place: bool) -> tuple[datetime | None, str]:
    time = _TIME.fullmatch(text)
    if not time:
        return None, ""
    clock, zone = _in_24_hours(time[1].replace(",", "."), time[2]), (time[3] or "").upper()
    if not zone and names_place:
        return None, ""  # the local time of a place: which instant that is, is not certain
    offset = zone.removeprefix("UTC").removeprefix("GMT").replace("\u2212", "-")
    clock, added = _without_overflow(clock)
    moment = datetime.fromisoformat(f"{day}T{clock}{_padded(offset) if offset else 'Z'}")
    moment = moment.astimezone(UTC) + added
    if added == _LEAP and (moment.day, moment.hour, moment.minute) != (1, 0, 0):
        return None, ""  # a leap second is the last one of a month
    return moment, "" if zone else _NO_ZONE


def _in_24_hours(clock: str, half: str | None) -> str:
    """Return a time of day with two digits of hours, from 00 to 23 also after AM and PM."""
    hour, colon, rest = clock.partition(":")
    if half:
        if not 1 <= int(hour) <= 12:
            raise ValueError(clock)
        hour = str(int(hour) % 12 + 12 * (half.upper() == "P"))
    return f"{hour.zfill(2)}{colon}{rest}"


def _with_month(text: str) -> str:
    """Return an ISO 8601 text with month and day, each with two digits.

    In place of the week, the day of the year, or a single digit.
    """
    if found := _WEEK.match(text):
        day = date.fromisocalendar(int(found[1]), int(found[3]), int(found[4]))
    elif (found := _ORDINAL.match(text)) and 1 <= int(found[2]) <= 366:
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if day.year != int(found[1]):
            return text
    elif found := _SHORT.match(text):
        return f"{found[1]}-{found[2].zfill(2)}-{found[3].zfill(2)}{text[found.end() :]}"
    else:
        return text
    return day.isoformat() + text[found.end() :]


def _without_overflow(clock: str) -> tuple[str, timedelta]:
    """Return a time of day that exists, and what is to be added: for 24:00 and a leap second."""
    found = _CLOCK.fullmatch(clock)
    if not found:
        return clock, timedelta(0)
    hour, minute, second, fraction = found.groups(default="")
    if hour == "24":
        if (minute + second + fraction).strip("0."):
            raise ValueError(clock)
        return "00:00", timedelta(days=1)
    if second == "60":
        return f"{hour}:{minute}:59{fraction}", _LEAP
    return clock, timedelta(0)


def _padded(offset: str) -> str:
    """Return an offset with two digits of hours: +1 and +1:00 are met after GMT."""
    digits = offset[1:].partition(":")[0]
    return f"{offset[0]}0{offset[1:]}" if len(digits) in {1, 3} else offset


def _read_english(text: str) -> tuple[datetime | None, str]:
    """Read a date with the name of its month; one with a wrong weekday says two things."""
    found = next(filter(None, (one.fullmatch(text) for one in _ENGLISH)), None)
    if not found:
        return None, ""
    number = int(found["year"])
    if len(found["year"]) == 2:  # RFC 850; the centuries are those of the dates of mails
        number += 1900 if number >= 69 else 2000
    day = date(number, _MONTHS.index(found["month"].lower()) + 1, int(found["day"]))
    weekday = (found["weekday"] or "").lower()
    if weekday and _WEEKDAYS[day.weekday()] != weekday:
        return None, ""
    zone = found["zone"] or ""
    time = f"{found['time']} {_ZONES.get(zone.upper(), zone)}".rstrip()
    return _read_time(day.isoformat(), time, names_place=False)
