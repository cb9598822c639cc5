"""Alignment of two sequences."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.services.comparison.alignment import Aligner

SEQUENCES = st.lists(st.integers(0, 5), max_size=12)


@pytest.mark.parametrize(
    ("left", "right", "pairs"),
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "xabc", [(None, 0), (0, 1), (1, 2), (2, 3)]),
        ("abcd", "acd", [(0, 0), (1, None), (2, 1), (3, 2)]),
        ("abc", "axc", [(0, 0), (1, 1), (2, 2)]),
        ("aab", "ab", [(0, 0), (1, None), (2, 1)]),
        ("", "a", [(None, 0)]),
        ("ab", "ba", [(0, None), (1, 0), (None, 1)]),
    ],
)
def test_equal_elements_belong_together(
    left: str, right: str, pairs: list[tuple[int | None, int | None]]
) -> None:
    """What was inserted or removed does not shift the others; other elements pair by position."""
    assert Aligner().align(left, right) == pairs


def test_elements_of_the_same_name_belong_together() -> None:
    """An element that changed is paired by its name; different names are never paired."""
    left, right = ["a1", "b1", "c1"], ["b2", "c2", "d1"]
    names = (["a", "b", "c"], ["b", "c", "d"])

    assert Aligner().align(left, right, names) == [(0, None), (1, 0), (2, 1), (None, 2)]
    assert Aligner().align(left, right, ([None] * 3, [None, None, "d"])) == [(0, 0), (1, 1), (2, 2)]
    assert Aligner().align(["a1"], ["b2"], (["a"], ["b"])) == [(0, None), (None, 0)]


@given(SEQUENCES, SEQUENCES, st.sampled_from([0, 20, 1_000]))
@settings(max_examples=30, deadline=None)
def test_no_element_is_lost(left: list[int], right: list[int], cells: int) -> None:
    """Each element is in one pair, in its order, whatever the budget allows."""
    pairs = Aligner(cells).align(left, right)

    assert [one for one, _ in pairs if one is not None] == list(range(len(left)))
    assert [one for _, one in pairs if one is not None] == list(range(len(right)))
    assert all(pair != (None, None) for pair in pairs)


def test_large_sequences_take_no_quadratic_time() -> None:
    """Neither unique nor repeated elements need more than some comparisons of each."""

    class Counted(int):
        compared = 0

        def __eq__(self, other: object) -> bool:
            Counted.compared += 1
            return int(self) == other

        __hash__ = int.__hash__

    left = [Counted(n * n % 37) for n in range(3_000)]
    right = [Counted(n * n * n % 41) for n in range(3_000)]

    pairs = Aligner(10_000).align(left, right)

    assert len(pairs) >= 3_000
    assert Counted.compared < 150_000
