"""Times, durations and sizes as users type them."""

from datetime import UTC, datetime

import pytest

from ibconsole.services.runtime.parsing import (
    InvalidDuration,
    InvalidSize,
    InvalidTime,
    format_duration,
    parse_duration,
    parse_size,
    parse_time,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-01T12:00Z", datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("2026-11-01T12:00+02:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        (" 2026-11-01 ", datetime(2026, 11, 1, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 23, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 16, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 9, 12, tzinfo=UTC)),
    ],
)
def test_valid_times(text: str, expected: datetime) -> None:
    """A time is a date, a date with time and zone, or an age."""
    assert parse_time(text, NOW) in {
        int(expected.timestamp() * 1000),
        # A date without a zone is in this computer's zone, which the test does not know.
        int(expected.replace(tzinfo=None).timestamp() * 1000),
    }


@pytest.mark.parametrize("text", ["", "soon", "7x", "2026-13-01", "999999w", "2026-11-01T25:00"])
def test_invalid_times(text: str) -> None:
    """An invalid time is refused with a sentence that shows the valid forms."""
    with pytest.raises(InvalidTime, match=r"is not a valid time\. Write 2026-11-01"):
        parse_time(text, NOW)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("5", 5),
        ("5b", 5),
        ("2 kB", 2_000),
        ("500MB", 5 * 10**8),
        ("3g", 3 * 10**9),
        ("1TB", 10**12),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """A kB is 1,000 bytes, as disks are sold."""
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1", "1.5GB", "5 bytes"])
def test_invalid_sizes(text: str) -> None:
    """An invalid size is an error that says how to write one."""
    with pytest.raises(InvalidSize, match="Write 500MB"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "seconds", "shown"),
    [
        ("5", 5.0, "5 s"),
        (" 1.5 h ", 5400.0, "90 min"),
        ("600s", 600.0, "10 min"),
        ("2 d", 172_800.0, "2 d"),
        ("250 ms", 0.25, "250 ms"),
        ("0", 0.0, "0 s"),
        ("0.0005", 0.0005, "0.0005 s"),
    ],
)
def test_durations(text: str, seconds: float, shown: str) -> None:
    """A duration is read with its unit, and is shown so that it is read as the same again."""
    assert parse_duration(text) == seconds
    assert format_duration(seconds) == shown
    assert parse_duration(shown) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1 week", "1e3", "1,5", "٣", "9" * 99])
def test_invalid_durations(text: str) -> None:
    """An invalid duration is refused with a sentence that shows the valid forms."""
    with pytest.raises(InvalidDuration, match=r"is not a valid duration\. Write 500 ms"):
        parse_duration(text)
