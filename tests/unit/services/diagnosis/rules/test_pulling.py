"""IBC-15xx: rules about the pull, from the actions and the archive."""

import pytest
from msgspec.structs import replace

from ibconsole.services.diagnosis.rules.facts import PullFacts
from tests.unit.services.diagnosis.samples import (
    HOUR,
    NOW,
    account,
    configured,
    forward,
    numbers,
    pull,
    pulled,
)


def test_forty_hours() -> None:
    """A pull may be 39 hours ago, and a failed one since does not count."""
    facts = account(configured(pull()), pulls=pulled(0))
    failed = pulled(0, status=500, at=NOW + 39 * HOUR).pulls

    assert numbers(replace(facts, now=NOW + 38 * HOUR)) == []
    assert 1501 in numbers(
        replace(facts, now=NOW + 40 * HOUR, pulls=PullFacts((*failed, *pulled(0).pulls)))
    )


def test_without_a_pull_action_nothing_waits() -> None:
    """An account that only forwards needs no pull."""
    facts = account(configured(forward()), pulls=pulled(0))

    assert numbers(replace(facts, now=NOW + 400 * HOUR)) == []


@pytest.mark.parametrize(
    ("pending", "expected"),
    [((9, 8, 7), [1507]), ((9, 8, 7, 6), [1503]), ((0, 9), []), ((5, 9, 8), [1507])],
)
def test_the_queue(pending: tuple[int, ...], expected: list[int]) -> None:
    """A queue grows if more waits after each of several pulls."""
    assert numbers(account(configured(pull()), pulls=pulled(*pending))) == expected


def test_an_unknown_archive() -> None:
    """Nothing is said about pulls if the archive could not be read."""
    assert numbers(account(configured(pull()), pulls=None)) == []
