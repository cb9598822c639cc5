"""JSON is made readable without being changed."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.ui.viewers.json_text import (
    MAX_CHARACTERS,
    MAX_COLOURED,
    MAX_LINE,
    format_json,
    format_plain,
)

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_members_stand_on_lines_of_their_own() -> None:
    """Objects and arrays are indented; empty ones stay on one line."""
    assert format_json(b'{"a":[],"b":{"c":[1,2]},"d":"x, {y}"}').text.splitlines() == [
        "{",
        '  "a": [],',
        '  "b": {',
        '    "c": [',
        "      1,",
        "      2",
        "    ]",
        "  },",
        '  "d": "x, {y}"',
        "}",
    ]


@settings(max_examples=30)
@given(st.lists(VALUES) | st.dictionaries(st.text(), VALUES))
def test_nothing_is_changed(value: Any) -> None:
    """What is shown reads back as what was sent."""
    sent = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )
    shown = format_json(sent)

    if not shown.note:
        assert json.loads(shown.text) == json.loads(sent.decode(errors="replace"))


@given(st.binary())
def test_any_bytes_can_be_shown(body: bytes) -> None:
    """Whatever was sent, the window shows something of it."""
    format_json(body)
    format_plain(body)


def test_digits_stay() -> None:
    """A number of 19 digits and a doubled key are shown as they were sent."""
    text = format_json(b'{"n":1561984815238926404,"e":1E400,"n":1.10}').text

    assert '"n": 1561984815238926404' in text
    assert '"e": 1E400' in text
    assert '"n": 1.10' in text


def test_unseen_characters_are_written_out() -> None:
    """A character that would turn the line around is shown as its escape."""
    assert '"\\u202egnp.exe"' in format_json('{"text":"\u202egnp.exe"}'.encode()).text


def test_cut_body() -> None:
    """A body that ends in the middle is shown up to there."""
    assert format_json(b'{"results":[{"text":"hel').text.splitlines()[-1] == '      "text": "hel'


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"not json at all"])
def test_other_bodies_stay(body: bytes) -> None:
    """What is not JSON is shown as received, and said to be no JSON."""
    shown = format_json(body)

    assert shown.text == body.decode()
    assert shown.note == "This is not JSON; shown as received."


def test_empty_body() -> None:
    """Nothing is shown of nothing, and that is said."""
    assert format_json(b"").note == "It is empty."


def test_long_line() -> None:
    """One long line would freeze the window: it is broken, and that is said."""
    shown = format_json(json.dumps({"a": "x" * 3 * MAX_LINE}).encode())

    assert max(map(len, shown.text.splitlines())) <= MAX_LINE
    assert shown.note == "Lines of more than 2,000 characters are broken."


def test_large_body() -> None:
    """Of a large body the beginning is shown, without colours, and that is said."""
    body = json.dumps([{"text": "hello"}] * 50_000).encode()
    shown = format_json(body)

    assert len(shown.text) <= MAX_CHARACTERS
    assert not shown.coloured
    assert shown.note == "Too large to show whole (950,000 bytes): this is the beginning."


def test_colours_end_at_a_size() -> None:
    """A body of a middle size is shown whole, without colours."""
    shown = format_json(json.dumps(["x" * 1000] * (MAX_COLOURED // 900)).encode())

    assert (shown.note, shown.coloured) == ("", False)
