"""Points in time as people write them."""

from datetime import UTC, datetime

import pytest

from ibconsole.services.runtime.parsing import NotAMoment, read_moment

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("2026-11-01T12:00Z", datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("2026-11-01T12:00+02:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        (" 2026-11-01 ", datetime(2026, 11, 1, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 23, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 16, 12, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 9, 12, tzinfo=UTC)),
    ],
)
def test_moments(text: str, then: datetime) -> None:
    """Dates, with a zone or in that of this computer, and how long ago."""
    assert read_moment(text, NOW) in {
        int(then.timestamp() * 1000),
        # A date is that of this computer's zone, which is not known here.
        int(then.replace(tzinfo=None).timestamp() * 1000),
    }


@pytest.mark.parametrize("text", ["", "soon", "7x", "2026-13-01", "999999w", "2026-11-01T25:00"])
def test_nonsense(text: str) -> None:
    """What is no point in time is a sentence that says how one is written."""
    with pytest.raises(NotAMoment):
        read_moment(text, NOW)
