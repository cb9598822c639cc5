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
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(), inner, max_size=6),
    max_leaves=30,
)


def test_each_member_has_a_line() -> None:
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
def test_values_do_not_change(value: Any) -> None:
    """The text that is shown parses to the value that was sent."""
    sent = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )
    shown = format_json(sent)

    if not shown.note:
        assert json.loads(shown.text) == json.loads(sent.decode(errors="replace"))


@given(st.binary())
def test_any_bytes_can_be_shown(body: bytes) -> None:
    """Any bytes can be shown without an error."""
    format_json(body)
    format_plain(body)


def test_digits_do_not_change() -> None:
    """Numbers are shown digit by digit as they were sent."""
    text = format_json(b'{"n":1561984815238926404,"e":1E400,"n":1.10}').text

    assert '"n": 1561984815238926404' in text
    assert '"e": 1E400' in text
    assert '"n": 1.10' in text


def test_invisible_characters_are_escaped() -> None:
    """A character that would reverse the direction of the line is shown as its escape."""
    assert '"\\u202egnp.exe"' in format_json('{"text":"\u202egnp.exe"}'.encode()).text


def test_cut_body() -> None:
    """A truncated body is shown up to its end."""
    assert format_json(b'{"results":[{"text":"hel').text.splitlines()[-1] == '      "text": "hel'


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"not json at all"])
def test_other_bodies_are_shown_as_received(body: bytes) -> None:
    """A body that is not JSON is shown as received, with a note."""
    shown = format_json(body)

    assert shown.text == body.decode()
    assert shown.note == "This is not JSON; shown as received."


def test_empty_body() -> None:
    """An empty body has a note instead of a text."""
    assert format_json(b"").note == "It is empty."


def test_long_line() -> None:
    """A long line would freeze the window, so it is broken, with a note."""
    shown = format_json(json.dumps({"a": "x" * 3 * MAX_LINE}).encode())

    assert max(map(len, shown.text.splitlines())) <= MAX_LINE
    assert shown.note == "Lines of more than 2,000 characters are wrapped."


def test_large_body() -> None:
    """Of a large body only the beginning is shown, without colours, with a note."""
    body = json.dumps([{"text": "hello"}] * 50_000).encode()
    shown = format_json(body)

    assert len(shown.text) <= MAX_CHARACTERS
    assert not shown.coloured
    assert shown.note == "Too large to show whole (950,000 bytes): this is the beginning."


def test_medium_body_has_no_colours() -> None:
    """A body of medium size is shown whole, without colours."""
    shown = format_json(json.dumps(["x" * 1000] * (MAX_COLOURED // 900)).encode())

    assert (shown.note, shown.coloured) == ("", False)
