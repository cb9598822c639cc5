"""Instants: every spelling that leaves no doubt is read, and assumptions are named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.instants import read_instant

MOMENT = datetime(2017, 1, 5, 12, 47, 56, 221_000, UTC)
NAMES = ("seconds", "nano", "year", "month", "day", "hour", "minute", "second", "$date")
SECOND = MOMENT.replace(microsecond=0)


@pytest.mark.parametrize(
    "value",
    [
        "2017-01-05T12:47:56.221+0000", "2017-01-05T12:47:56.221Z", "2017-01-05T14:47:56.221+02:00",
        "2017-01-05t12:47:56.221z", "2017-01-05 12:47:56.221 +0000", "2017-01-05 12:47:56,221Z",
        "2017-01-05T10:47:56.221-0200", "2017-01-05 12:47:56.221 UTC", "20170105T124756.221Z",
        "2017-01-05T12:47:56.221Z[UTC]", "2017-01-05T13:47:56.221+01:00[Europe/Zagreb]",
        "2017/01/05 12:47:56.221 GMT", "2017-01-05T12:47:56.221000000+00", " 1483620476221 ",
        "2017-01-05T13:47:56.221GMT+1", "2017-01-05T10:47:56.221\u22122:00",
        1483620476221, 1483620476.221, 1483620476221.0, "1483620476221", "1483620476.221",
        1483620476221000, "1483620476221000", 1483620476221000000, "/Date(1483620476221)/",
        "/Date(1483620476221+0100)/", "2017-W01-4T12:47:56.221Z",
        "2017W014T124756.221Z", "2017-005T12:47:56.221Z", "2017005T124756,221z",
        {"epochSecond": 1483620476, "nano": 221000000},
        {"seconds": "1483620476", "nanos": 221000000},
        {"_seconds": 1483620476, "_nanoseconds": 221000000}, {"$date": "2017-01-05T12:47:56.221Z"},
        {"$date": {"$numberLong": "1483620476221"}}, "new Date(1483620476221)",
        "2017-1-5T12:47:56.221Z", "Thu, 05 Jan 2017 12:47:56.221 GMT",
        "Jan 5, 2017 12:47:56.221 PM Z",
        "2017-01-05 12:47:56.221 PM UTC", "1.483620476221E12",
    ],
)  # fmt: skip
def test_certain_spellings(value: object) -> None:
    """ISO 8601 in its variants, and time since the epoch in every unit, leave no doubt."""
    assert read_instant(value) == (MOMENT, "")


@pytest.mark.parametrize(
    "value",
    [
        1483620476, "1483620476", "Thu, 05 Jan 2017 13:47:56 +0100", "05 Jan 2017 12:47:56 GMT",
        "Thu Jan  5 12:47:56 UTC 2017", "Thursday, 05-Jan-17 12:47:56 GMT",
        {"seconds": 1483620476},
        "Thu Jan 05 2017 13:47:56 GMT+0100 (Central European Standard Time)",
        "thu, 5 jan 2017 12:47:56 z", "Thu, 05 Jan 2017 07:47:56 EST",
        "5 January 2017 12:47:56 UTC",
        "Jan 5, 2017 12:47:56 PM UTC",
    ],
)  # fmt: skip
def test_whole_seconds(value: object) -> None:
    """Seconds since the epoch, and the dates of mails, leave no doubt."""
    assert read_instant(value) == (SECOND, "")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2017-01-05T12:47:56", SECOND),
        ("2017-01-05 12:47:56.221", MOMENT),
        ("2017/01/05 12:47", SECOND.replace(second=0)),
        ("20170105124756", SECOND),
        (20170105124756, SECOND),
        ("20170105124756221", MOMENT),
        ([2017, 1, 5, 12, 47, 56, 221000000], MOMENT),
        ([2017, 1, 5, 12, 47, 56, 221], MOMENT),
        ([2017, 1, 5, 12, 47], SECOND.replace(second=0)),
        ([2017, 1, 5], SECOND.replace(hour=0, minute=0, second=0)),
        (
            {
                "year": 2017,
                "monthValue": 1,
                "dayOfMonth": 5,
                "hour": 12,
                "minute": 47,
                "second": 56,
                "nano": 221000000,
            },
            MOMENT,
        ),
        ("2017-W01-4T12:47:56", SECOND),
        ("2017-005", SECOND.replace(hour=0, minute=0, second=0)),
        ("Thu Jan  5 12:47:56 2017", SECOND),
        ("Jan 5, 2017, 12:47:56 PM", SECOND),
        ("2017-01-05", SECOND.replace(hour=0, minute=0, second=0)),
        ("20170105", SECOND.replace(hour=0, minute=0, second=0)),
    ],
)
def test_assumptions(value: object, moment: datetime) -> None:
    """Without a zone UTC is assumed, and said."""
    found, assumption = read_instant(value)

    assert found == moment
    assert "UTC" in assumption


@pytest.mark.parametrize(
    "value",
    [
        "2016-12-31T24:00Z", "2016-12-31T24:00:00.000+00:00", "20161231T240000Z",
        "2017-01-01T00:00Z",
        "2016-12-31T23:59:60Z", "Sat, 31 Dec 2016 23:59:60 GMT", "Dec 31, 2016 24:00 UTC",
        "2017-01-01T00:59:60+01:00", "2016-366T24:00Z", "2016-W52-6T24:00Z",
    ],
)  # fmt: skip
def test_times_beyond_the_clock(value: str) -> None:
    """24:00 is the next day's beginning, and so is the leap second at the end of a month."""
    assert read_instant(value) == (datetime(2017, 1, 1, tzinfo=UTC), "")


@pytest.mark.parametrize(
    "value",
    [
        "soon", "", "05/01/2017 12:47", "12:47", True, 0, -1483620476221, 5, 99999999, 10**20,
        10**400, float("nan"), float("inf"), [2017, 1], {"seconds": 5},
        [2017, 1, 5, 25], [2017, 13, 5], [2017, 1, 5, 1, 1, 1, -1], [2017, True, 5],
        [2017.0, 1, 5],
        [1] * 8, {}, {"time": "soon"}, {"epochSecond": 1483620476, "nano": 10**9},
        "2017-000T01:00Z",
        {"year": 2017, "month": 1, "day": 5, "hour": 1, "minute": 2, "zone": {"id": "x"}},
        "2017-366T01:00Z", "2017-W60-1T01:00Z", "2017-01-05T24:00:01Z", "2017-01-05T12:47:60Z",
        "2017-01-05T23:59:60Z", "2017-01-05T23:59:61Z", "Fri, 05 Jan 2017 12:47:56 GMT",
        "Thu Jan  5 12:47:56 CET 2017", "Jan 5, 2017 13:47:56 PM", "1E400", "9.9e99",
        "2017-13-05T12:47Z", "0001-01-01T00:00:00+1400", "2017-01-05T12:47:56[Europe/Zagreb]",
        "2017-01-05T25:00Z", "9999-12-31T23:59:59-0100", "2017",
    ],
)  # fmt: skip
def test_no_instants(value: object) -> None:
    """What may mean several instants, or none, is not read."""
    assert read_instant(value) == (None, "")


@given(
    st.recursive(
        st.text() | st.integers() | st.floats() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
    )
)
def test_nothing_fails(value: object) -> None:
    """No value raises an error, and every instant is in UTC."""
    moment, _ = read_instant(value)

    assert moment is None or moment.utcoffset() == timedelta(0)
