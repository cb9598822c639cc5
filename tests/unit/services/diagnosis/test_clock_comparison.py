"""The clock of this computer, compared with that of the platform."""

import pytest

from ibconsole.api import Exchange
from ibconsole.services.diagnosis.clock_comparison import ClockComparison


@pytest.mark.parametrize(
    ("dates", "offset"),
    [
        (["Thu, 01 Jan 1970 00:00:10 GMT"], 89.5),
        (["Thu, 01 Jan 1970 00:01:39 GMT"] * 2 + ["Thu, 01 Jan 1970 00:00:01 GMT"], 0.5),
        (["soon"], None),
        ([], None),
    ],
)
def test_clock(dates: list[str], offset: float | None) -> None:
    """The clock is compared with the Date of answers; one odd answer does not matter."""
    clock = ClockComparison()
    clock.observe(Exchange(100_000, "GET"))
    for date in dates:
        clock.observe(Exchange(100_000, "GET", answer_headers=(("DATE", date),)))

    assert clock.offset == offset
