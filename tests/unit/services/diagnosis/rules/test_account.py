"""IBC-17xx: rules about the account, its credential and the clock."""

import pytest

from ibconsole.services.diagnosis.rules.all_rules import diagnose
from tests.unit.services.diagnosis.rules.cases import CASES
from tests.unit.services.diagnosis.samples import numbers, with_console


def test_possible_causes() -> None:
    """A refused credential has all possible causes, none of which is asserted."""
    [found] = diagnose(CASES[1702])

    assert found.evidence[0].sentence == "It failed."
    assert found.evidence[1].sentence == "Possible cause: The key has expired."


@pytest.mark.parametrize(("offset", "word"), [(31.0, "ahead of"), (-31.0, "behind")])
def test_the_clock(offset: float, word: str) -> None:
    """The finding says in which direction the clock is wrong."""
    [found] = diagnose(with_console(clock_offset=offset))

    assert word in found.sentence


@pytest.mark.parametrize("offset", [None, 29.0, -29.0])
def test_a_good_clock(offset: float | None) -> None:
    """A clock that is not known, or off by a moment, is no finding."""
    assert numbers(with_console(clock_offset=offset)) == []
