"""Words, quoted texts and paths end where they should; times are read as people type them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.filtering.scanning import (
    FilterError,
    FilterScanner,
    format_lag,
    is_plain_word,
    to_instant,
    to_lag,
)
from ibconsole.services.runtime import InvalidTime

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("word", True), ("12:30", True), ("http://x", True), ("a-b", True), ("\\", True),
        ("", False), ("AND", False), ("and", True), ("-x", False), ("a b", False), ("a(b", False),
        ('a"', False), ("app:x", False), ("other:x", False), ("=x", False), ("a\xa0b", False),
    ],
)  # fmt: skip
def test_plain_words(text: str, expected: bool) -> None:
    """A word that would be read as something else needs quotation marks."""
    assert is_plain_word(text) is expected


@pytest.mark.parametrize(
    ("text", "expected", "rest"),
    [
        ('"a b" c', "a b", " c"),
        (r'"say \"hi\""', 'say "hi"', ""),
        (r'"back\\"x', "back\\", "x"),
        (r'"a\b"', r"a\b", ""),
        ('""', "", ""),
    ],
)
def test_quoted_texts(text: str, expected: str, rest: str) -> None:
    """A backslash stands before a quotation mark or another backslash."""
    scanner = FilterScanner(text)

    assert (scanner.take_quoted(), text[scanner.position :]) == (expected, rest)


@pytest.mark.parametrize("text", ['"', '"abc', '"abc\\"', '"\\\\\\"'])
def test_a_mark_that_is_not_closed(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        FilterScanner(text).take_quoted()

    assert caught.value.position == 0


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("$.a.b=5", "$.a.b"),
        ("$.a exists", "$.a"),
        ("$['a b=(]'].c)", "$['a b=(]'].c"),
        ("$[?(@.a < 1 && @['x)'] )]>2", "$[?(@.a < 1 && @['x)'] )]"),
        (r"$['it\'s']!=x", r"$['it\'s']"),
        ("$", "$"),
        ("", ""),
    ],
)
def test_paths(text: str, path: str) -> None:
    """A path ends at a comparison or white space outside of its brackets."""
    assert FilterScanner(text).take_path() == path


@pytest.mark.parametrize(("text", "position"), [("$.a[", 3), ("$['a]", 1), ("$[0][(]", 4)])
def test_a_bracket_that_is_not_closed(text: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        FilterScanner(text).take_path()

    assert caught.value.position == position


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", "2026-11-30T11:59:30Z"),
        ("30m", "2026-11-30T11:30:00Z"),
        ("5min", "2026-11-30T11:55:00Z"),
        ("2h", "2026-11-30T10:00:00Z"),
        ("7d", "2026-11-23T12:00:00Z"),
        ("1w", "2026-11-23T12:00:00Z"),
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T12:00+02:00", "2026-11-01T10:00:00Z"),
    ],
)
def test_instants(text: str, expected: str) -> None:
    """An age is counted from now; a date is in the zone of now."""
    assert to_instant(text, NOW) == datetime.fromisoformat(expected).timestamp() * 1000


@pytest.mark.parametrize("text", ["", "2", "h", "2026-13-01", "999999w", "-2h"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidTime):
        to_instant(text, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10m", 600_000), ("10min", 600_000), ("1.5h", 5_400_000), ("500ms", 500), ("3", 3_000),
        ("-2s", -2_000), ("1d", 86_400_000), ("0", 0), ("", None), ("m", None), ("1e3", None),
        ("999999999999999w", None),
    ],
)  # fmt: skip
def test_lags(text: str, expected: int | None) -> None:
    assert to_lag(text) == expected


@given(st.integers(-(10**12), 10**12))
def test_lags_are_read_as_they_were_written(lag: int) -> None:
    assert to_lag(format_lag(lag)) == lag
