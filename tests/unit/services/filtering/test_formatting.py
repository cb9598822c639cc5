"""What is written parses to the same expression."""

import pytest
from hypothesis import given

from ibconsole.services.filtering import Expression, format_filter, parse_filter
from tests.unit.services.filtering.expressions import expressions


@given(expressions)
def test_round_trip(expression: Expression) -> None:
    assert parse_filter(format_filter(expression)) == expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a  AND(b)", "a b"),
        ("-(a OR b)", "NOT (a OR b)"),
        ('"AND" "-x" "a:b"', '"AND" "-x" "a:b"'),
        ('"word"', "word"),
        ('app:"My shop" lag:>600s since:2h', 'app:"My shop" lag:>10m since:2h'),
        ('json:$.x == "5" OR json:$.y contains z', 'json:$.x="5" OR json:$.y contains z'),
        ("via:pull flag:duplicate", "via:pull flag:duplicate"),
    ],
)
def test_short_forms(text: str, expected: str) -> None:
    """Quotation marks and parentheses are written only where they are needed."""
    assert format_filter(parse_filter(text)) == expected


def test_what_is_no_expression() -> None:
    with pytest.raises(TypeError):
        format_filter("text")  # type: ignore[arg-type]  # no expression at all
