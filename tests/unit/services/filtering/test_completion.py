"""What may be typed next is offered at the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.filtering import KnownValues, complete_filter
from ibconsole.services.filtering.completion import Candidate

KNOWN = KnownValues(
    applications={"1a2b-0000-0000-wxyz": "My shop", "9876543210abcdef": ""},
    keywords=("STOP", "two words", ""),
)


@pytest.mark.parametrize(
    ("text", "start", "candidates"),
    [
        ("a", 0, ["app:"]),
        ("A", 0, ["AND"]),
        ("stop f", 5, ["from:", "flag:"]),
        ("-fl", 1, ["flag:"]),
        ("(si", 1, ["since:"]),
        ("via:", 4, ["pull", "forward"]),
        ("via:f", 4, ["forward"]),
        ("via:pull", 4, []),
        ("flag:sa", 5, ["salvaged", "not-a-message"]),
        ("app:", 4, ["9876\u2026cdef", '"My shop"']),
        ("app:sh", 4, ['"My shop"']),
        ('app:"my s', 4, ['"My shop"']),
        ("keyword:", 8, ["STOP", '"two words"']),
        ("keyword:o", 8, ["STOP", '"two words"']),
        ("lag:>10", 4, [">10s", ">10m"]),
        ("since:7", 6, ["7d"]),
        ("json:$.c", 5, ["$.customPayload", "$.callbackData"]),
        ("from:", 5, []),
        ("other:", 6, []),
        ('"a phrase v', 0, []),
    ],
)
def test_candidates(text: str, start: int, candidates: list[str]) -> None:
    """Names of fields, and the values that are known; codes stay masked."""
    found = complete_filter(text, len(text), KNOWN)

    assert (found.start, found.end) == (start, len(text))
    assert [one.text for one in found.candidates] == candidates


def test_everything_at_the_beginning() -> None:
    """An empty word may become any field or operator."""
    found = complete_filter("a  b", 2, KNOWN)

    assert len(found.candidates) == 13
    assert found.candidates[0] == Candidate(
        text="app:", explanation="application: code, masked code or name", is_whole=False
    )


@given(st.text(alphabet='ap:"()- \\v', max_size=20), st.integers(0, 20))
def test_any_place(text: str, cursor: int) -> None:
    """Wherever the cursor is, what is replaced ends there."""
    cursor = min(cursor, len(text))
    found = complete_filter(text, cursor, KNOWN)

    assert 0 <= found.start <= found.end == cursor
