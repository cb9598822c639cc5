"""Instants in the spellings that are met in the field (platform.md §3).

A spelling that leaves no doubt is read; one that lacks something is read with a note of what was
assumed. What could mean several instants, as 05/01/2017, is not read.
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds that are taken for an instant: the years 1973 to 2199. So no unit is like another.
_SECONDS = range(10**8, 7_258_118_400)
_UNITS = (1, 10**3, 10**6, 10**9)
_NUMBER = re.compile(r"[0-9]{9,20}(?:\.[0-9]{1,9})?", re.ASCII)
_COMPACT = re.compile(r"([0-9]{8})([0-9]{6})([0-9]{3})?", re.ASCII)  # 20170105124756221
_DOT_NET = re.compile(r"\\?/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)\\?/")
# The name of a zone after an offset says nothing more about the instant.
_ZONE_NAME = re.compile(r"\s*\[[\w/+\- ]{1,64}\]$")
_ISO = re.compile(
    r"([0-9]{4})([-/.]?)([0-9]{2})\2([0-9]{2})(?:(?:[Tt_]|\s+)(.+))?", re.DOTALL | re.ASCII
)
_TIME = re.compile(
    r"([0-9]{1,2}(?::?[0-9]{2}){0,2}(?:[.,][0-9]+)?)\s*"
    r"(Z|UTC|GMT|(?:UTC|GMT)?[+\u2212-][0-9]{1,2}(?::?[0-9]{2}){0,2})?",
    re.IGNORECASE | re.ASCII,
)
_LARGEST = 10**20
_NO_ZONE = "has no time zone, and was read as UTC"
_NO_TIME = "has no time of day, and was read as the beginning of that day in UTC"


def read_instant(value: object) -> tuple[datetime | None, str]:
    """Return an instant in UTC, and a clause on what was assumed, empty if nothing was.

    Reads ISO 8601 in its variants, the dates of mails, and seconds, milliseconds, microseconds
    or nanoseconds since the epoch, as a number or as a text. The instant is None, with an empty
    clause, for everything else, and outside of the years 1 to 9999.
    """
    if isinstance(value, bool):
        return None, ""
    if isinstance(value, float):
        return _since_epoch(value), ""
    if isinstance(value, int):
        return _read_text(str(value)) if 0 < value < _LARGEST else (None, "")
    return _read_text(value.strip()) if isinstance(value, str) else (None, "")


def _read_text(text: str) -> tuple[datetime | None, str]:
    if _NUMBER.fullmatch(text):
        moment = _since_epoch(float(text) if "." in text else int(text))
        if moment or not (parts := _COMPACT.fullmatch(text)):
            return moment, ""
        text = f"{parts[1]}T{parts[2]}.{parts[3] or 0}"
    if found := _DOT_NET.fullmatch(text):
        return _shifted(int(found[1]) * 1000), ""
    try:
        return _read_iso(text)
    except (ValueError, OverflowError):
        return None, ""


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
    found = _ISO.fullmatch(stripped)
    if not found:
        return _read_mail_date(text), ""
    year, _, month, day, rest = found.groups()
    date = f"{year}-{month}-{day}"
    if not rest:
        return datetime.fromisoformat(date).replace(tzinfo=UTC), _NO_TIME
    time = _TIME.fullmatch(rest.strip())
    if not time:
        return None, ""
    clock, zone = time[1].replace(",", ".").zfill(2), (time[2] or "").upper()
    if not zone and stripped != text:
        return None, ""  # the local time of a place: which instant that is, is not certain
    offset = zone.removeprefix("UTC").removeprefix("GMT").replace("\u2212", "-")
    moment = datetime.fromisoformat(f"{date}T{clock}{_padded(offset) if offset else 'Z'}")
    return moment.astimezone(UTC), "" if zone else _NO_ZONE


def _padded(offset: str) -> str:
    """Return an offset with two digits of hours: +1 and +1:00 are met after GMT."""
    digits = offset[1:].partition(":")[0]
    return f"{offset[0]}0{offset[1:]}" if len(digits) in {1, 3} else offset


def _read_mail_date(text: str) -> datetime | None:
    moment = parsedate_to_datetime(text) if ":" in text and text[-1:] != "]" else None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None
