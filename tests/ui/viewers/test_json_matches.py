"""Matches in JSON are found behind its escapes."""

import pytest

from ibconsole.ui.viewers.json_matches import MAX_MATCHES, find_in_line, find_in_text


@pytest.mark.parametrize(
    ("line", "wanted", "found"),
    [
        ('"text": "an order",', "ORDER", ["order"]),
        (r'"text": "Z\u00fcrich"', "zürich", [r"Z\u00fcrich"]),
        (r'"text": "Zu\u0308rich"', "ür", [r"u\u0308r"]),
        (r'"text": "\ud83d\ude42 ok"', "\U0001f642", [r"\ud83d\ude42"]),
        (r'"text": "\ud83d ok"', " ok", [" ok"]),
        (r'"text": "say \"a\""', 'say "a"', [r"say \"a\""]),
        (r'"text": "C:\\new"', r"c:\new", [r"C:\\new"]),
        (r'"text": "a\qb"', "qb", [r"\qb"]),  # no escape of JSON
        ('"text": "text"', "text", ["text"]),
        ('"keyword": "word"', "word", ["word"]),
        ("plain order", "order", ["order"]),
        ('"text": "a"', "b", []),
    ],
)
def test_matches(line: str, wanted: str, found: list[str]) -> None:
    """A match is found whether characters are escaped or not, and not in names of members."""
    assert [line[start:end] for start, end in find_in_line(line, wanted)] == found


def test_places_in_a_text() -> None:
    """Places are those of Qt, in which an emoji takes two, over all lines."""
    text = '{\n"a": "\U0001f642",\n"b": "x order"\n}'
    assert list(find_in_text(text, "order")) == [(text.index("order") + 1, 5)]
    assert list(find_in_text(text, "")) == []
    assert len(list(find_in_text("x " * 2 * MAX_MATCHES, "x"))) == MAX_MATCHES
