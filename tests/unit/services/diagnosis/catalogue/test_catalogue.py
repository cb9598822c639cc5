"""The catalogue: the explanation of every number, and its pages."""

from itertools import pairwise
from pathlib import Path

import pytest

from ibconsole.services.diagnosis.catalogue.catalogue import (
    GROUPS,
    all_definitions,
    definition_of,
    index_page,
    page_name,
    page_of,
)
from ibconsole.services.diagnosis.catalogue.definition import Definition

PAGES = Path(__file__).parents[5] / "docs" / "findings"
DEFINITIONS = list(all_definitions())
# Numbers that were released. A number is added here, never removed: it is retired instead.
RELEASED: set[int] = set()


def test_numbers_are_in_order_and_unique() -> None:
    """A number exists once, and those of one subject begin with the same two digits."""
    assert all(one.number < other.number for one, other in pairwise(DEFINITIONS))
    for group in GROUPS:
        assert len({one.number // 100 for one in group.definitions}) == 1


def test_no_released_number_disappears() -> None:
    """A number that users have seen is explained for ever."""
    assert {one.number for one in DEFINITIONS} >= RELEASED


def is_complete(definition: Definition) -> bool:
    texts = (definition.why, definition.refuted_by, definition.remedy)
    sentences = all(text.endswith((".", "?")) and "  " not in text for text in texts)
    return sentences and bool(definition.title) and not definition.title.endswith(".")


def test_every_explanation_is_complete() -> None:
    """Each number has a reason, a remedy, and what would refute it, in whole sentences."""
    assert [one.name for one in DEFINITIONS if not is_complete(one)] == []


def test_unknown_numbers() -> None:
    """A number that does not exist has no explanation."""
    with pytest.raises(LookupError):
        definition_of(9999)


def test_the_pages_are_those_of_the_catalogue() -> None:
    """docs/findings has exactly one page for each number, as `make findings` writes it."""
    expected = {page_name(one): page_of(one) for one in DEFINITIONS}
    expected["README.md"] = index_page()
    found = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*")}

    assert found == expected, "run `make findings`"
