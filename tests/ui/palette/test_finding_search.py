"""Findings are found by their numbers and their words."""

import pytest
from msgspec.structs import replace

from ibconsole.services.diagnosis.catalogue.definition import Definition
from ibconsole.services.diagnosis.catalogue.finding import (
    Basis,
    Confidence,
    Finding,
    Level,
    Subject,
)
from ibconsole.ui.palette.finding_search import FindingSearch

REFUSED = Finding(
    1206,
    Level.ERROR,
    Subject("c", "a", "Bora Bank"),
    "The connection is refused.",
    Confidence(Basis.OBSERVED, 1),
)
PULL = replace(
    REFUSED, number=1502, level=Level.WARNING, sentence="More and more messages wait.",
    subject=Subject("c"),
)  # fmt: skip


@pytest.fixture
def opened() -> list[Finding | Definition]:
    return []


@pytest.fixture
def search(opened: list[Finding | Definition]) -> FindingSearch:
    return FindingSearch(lambda: [REFUSED, PULL, REFUSED], opened.append, opened.append)


@pytest.mark.parametrize("text", ["IBC-1206", "ibc-1206", "1206", "refused", "bora refused"])
def test_a_finding_is_found(
    search: FindingSearch, opened: list[Finding | Definition], text: str
) -> None:
    """By its number in any spelling, its words, and those with its application's name."""
    [result] = search.search(text, 9)
    result.go()

    assert result.title == "IBC-1206: The connection is refused."
    assert result.subtitle == "Error about Bora Bank"
    assert opened == [REFUSED]


@pytest.mark.parametrize("text", ["", "IB", "bora", "bora bank", "zzz", "9999"])
def test_what_is_no_finding(search: FindingSearch, text: str) -> None:
    """The name of an application alone means the application; few letters mean nothing."""
    assert search.search(text, 9) == ()


def test_the_worst_come_first_and_few_are_listed(search: FindingSearch) -> None:
    """All numbers match, the errors first; there are never more than the limit."""
    assert [one.title[:8] for one in search.search("ibc-", 9)] == ["IBC-1206", "IBC-1502"]
    assert len(search.search("ibc-", 1)) == 1
    many = [replace(REFUSED, subject=Subject("c", f"{n}")) for n in range(5_000)]
    assert len(FindingSearch(lambda: many, print, print).search("refused", 60)) == 20


def test_a_number_that_was_not_found_is_explained(
    search: FindingSearch, opened: list[Finding | Definition]
) -> None:
    """A number of a ticket leads to its page, also if it is no finding here."""
    [result] = search.search("IBC-1001", 9)
    result.go()

    assert "Not among the findings" in result.subtitle
    assert isinstance(opened[0], Definition)
    assert opened[0].number == 1001
