"""Instants: every spelling that leaves no doubt is read, and assumptions are named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.instants import read_instant

MOMENT = datetime(2017, 1, 5, 12, 47, 56, 221_000, UTC)
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
    ],
)  # fmt: skip
def test_certain_spellings(value: object) -> None:
    """ISO 8601 in its variants, and time since the epoch in every unit, leave no doubt."""
    assert read_instant(value) == (MOMENT, "")


@pytest.mark.parametrize(
    "value",
    [1483620476, "1483620476", "Thu, 05 Jan 2017 13:47:56 +0100", "05 Jan 2017 12:47:56 GMT"],
)
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
        "soon", "", "05/01/2017 12:47", "12:47", True, 0, -1483620476221, 5, 99999999, 10**20,
        10**400, float("nan"), float("inf"), [2017, 1, 5], {"seconds": 1483620476},
        "2017-13-05T12:47Z", "0001-01-01T00:00:00+1400", "2017-01-05T12:47:56[Europe/Zagreb]",
        "2017-01-05T25:00Z", "9999-12-31T23:59:59-0100", "2017",
    ],
)  # fmt: skip
def test_no_instants(value: object) -> None:
    """What may mean several instants, or none, is not read."""
    assert read_instant(value) == (None, "")


@given(st.text() | st.integers() | st.floats())
def test_nothing_fails(value: object) -> None:
    """No value raises an error, and every instant is in UTC."""
    moment, _ = read_instant(value)

    assert moment is None or moment.utcoffset() == timedelta(0)
