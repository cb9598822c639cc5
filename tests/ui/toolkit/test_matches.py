"""What is marked is what the archive finds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from ibconsole.text import fold
from ibconsole.ui.toolkit.matches import (
    elide_matches,
    find_matches,
    mark_html,
    shown_matches,
)
from ibconsole.ui.toolkit.text import one_line
from ibconsole.ui.toolkit.theme import DARK, base_font

LETTERS = st.sampled_from(
    [*"abAB sS.", *"\u0301\u0131\u0130\u017f\u00df\ufb01\u212b\u00e5", "日", "\U0001f642"]
)


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("an order, an ORDER", "order", ["order", "ORDER"]),
        ("Straße, STRASSE", "strasse", ["Straße", "STRASSE"]),
        ("Straße", "as", ["aß"]),
        ("Zu\u0308rich, Z\u00fcrich", "zÜ", ["Zu\u0308", "Z\u00fc"]),
        ("\U0001f642 お届け物", "届", ["届"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("ßß", "ss", ["ß", "ß"]),
        ("ßs", "sss", ["ßs"]),
        ("text", "", []),
        ("", "text", []),
        ("text", "other", []),
    ],
)
def test_matches(text: str, wanted: str, found: list[str]) -> None:
    """Matches are whole characters of the text, in either case and any spelling."""
    assert [text[start:end] for start, end in find_matches(text, wanted)] == found


@given(text=st.text(LETTERS, max_size=8), wanted=st.text(LETTERS, min_size=1, max_size=3))
def test_matches_agree_with_the_archive(text: str, wanted: str) -> None:
    """A text has a match if the archive finds it, and each match has what is wanted in it."""
    spans = find_matches(text, wanted)

    assert bool(spans) is (fold(wanted) in fold(text))
    assert all(fold(wanted) in fold(text[start:end]) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "wanted", "shown", "found"),
    [
        ("a\r\nb order", "order", "a ⏎ b order", ["order"]),
        ("\u200border", "\u200bor", "\\u200border", ["\\u200bor"]),
        ("a\tb", "a b", "a b", []),
        ("a\tb", "a\tb", "a b", ["a b"]),
        ("\\u200b", "\u200b", "\\u200b", []),
        ("a\r\nb", "a\r", "a ⏎ b", []),
        ("\ufdd0x", "x", "\ufdd0x", []),
    ],
)
def test_matches_as_shown(text: str, wanted: str, shown: str, found: list[str]) -> None:
    """What is searched is the text as it was received, what is marked is how that is shown."""
    line, spans = shown_matches(text, wanted, one_line)

    assert line == shown
    assert [line[start:end] for start, end in spans] == found


def elided(text: str, wanted: str, mode: Qt.TextElideMode, width: int) -> tuple[str, list[str]]:
    metrics = QFontMetrics(base_font())
    shown, spans = elide_matches(text, find_matches(text, wanted), metrics, mode, width)
    assert metrics.horizontalAdvance(shown) <= width
    return shown, [shown[start:end] for start, end in spans]


def test_first_match_is_in_sight(qapp: QApplication) -> None:
    """A text with a match far behind begins before it, and fills its cell."""
    right = Qt.TextElideMode.ElideRight
    text = f"{'far ' * 20}order{' far' * 20}"
    shown, found = elided(text, "order", right, 150)
    assert found == ["order"]
    assert (shown[0], shown[-1]) == ("…", "…")

    shown, found = elided(f"{'far ' * 20}order", "order", right, 150)
    assert (shown[0], found) == ("…", ["order"])
    assert len(shown) > 15

    shown, found = elided(f"order{' far' * 20}order", "order", right, 150)
    assert (shown[:5], found) == ("order", ["order"])
    assert elided("an order", "order", right, 150) == ("an order", ["order"])


def test_matches_around_a_gap(qapp: QApplication) -> None:
    """In a text that is elided in its middle, what is left of the matches is marked."""
    middle = Qt.TextElideMode.ElideMiddle
    shown, found = elided(f"abc{'x' * 80}abc", "abc", middle, 100)
    assert found == ["abc", "abc"]
    shown, found = elided("x" * 80, "x" * 80, middle, 100)
    assert "…".join(found) == shown
    _, found = elided(f"{'x' * 40}abc{'x' * 40}", "abc", middle, 100)
    assert found == []


def test_html_is_literal() -> None:
    """A text is never interpreted, and keeps its blanks and line breaks."""
    html = mark_html("<b>  \nx</b>", [(3, 7)], DARK)

    assert html.startswith('<span style="white-space: pre-wrap">&lt;b&gt;<u style="background')
    assert "  \nx</u>&lt;/b&gt;</span>" in html
