"""IBC-16xx: rules about what arrived here, from the archive."""

import pytest

from ibconsole.services.diagnosis.rules.facts import ArrivalFacts
from tests.unit.services.diagnosis.rules.cases import OTHER
from tests.unit.services.diagnosis.samples import (
    DAY,
    NOW,
    OWN,
    account,
    arrived,
    configured,
    forward,
    numbers,
)


@pytest.mark.parametrize(
    "arrivals",
    [
        arrived(last_at=NOW - 3 * DAY, count=19, duplicates=0),  # too few to speak of a habit
        arrived(last_at=NOW - 3 * DAY, longest_gap=86_400.0),  # such silences happen
        arrived(last_at=NOW - DAY + 1),
        arrived(duplicates=10),  # five of a hundred
        arrived(lag=290.0, earlier_lag=1.0),  # under five minutes
        arrived(lag=900.0, earlier_lag=300.0),  # three times
        arrived(lag=None, earlier_lag=None),
        arrived(connections={OWN: 1, "": 9}),
    ],
)
def test_ordinary_arrivals(arrivals: ArrivalFacts) -> None:
    """Nothing is found in what may happen every day."""
    assert numbers(account(configured(forward(), arrivals=arrivals))) == []


def test_duplicates_by_both_ways_are_no_retries() -> None:
    """A message that was pulled and forwarded is not counted as sent twice."""
    both = arrived(duplicates=30, doubled=30)

    assert numbers(account(configured(forward(), arrivals=both))) == [1606]


def test_removed_connections() -> None:
    """Messages of another connection are found, whether that one still exists or not."""
    elsewhere = arrived(connections={OTHER: 2})

    assert numbers(account(configured(forward(), arrivals=elsewhere))) == [1607]
