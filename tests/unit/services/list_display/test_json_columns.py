"""A column shows the values at a path as one text, masked before it is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.conditions import LARGEST_JSON, check_json_path, json_values, read_json
from ibconsole.model import encode
from ibconsole.services.connections import JsonColumn
from ibconsole.services.list_display.json_columns import (
    LONGEST_TEXT,
    ColumnReader,
    InvalidColumn,
    check_column,
    paths_in,
    read_column,
    suggested_name,
)

BODY = encode({
    "text": "a, b",
    "customPayload": {"order": 4711, "odd name": None, "items": [{"n": 1}, {"n": "two"}]},
    "many": [*range(30)],
})  # fmt: skip


def text_of(path: str, body: bytes = BODY, longest: int | None = LONGEST_TEXT) -> str:
    [text] = ColumnReader([JsonColumn("x", path)], longest).texts(body)
    return text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.text", "a, b"),
        ("$.customPayload.order", "4711"),
        ("$.customPayload['odd name']", "null"),
        ("$.customPayload.items[*].n", "1, two"),
        ("$.customPayload.items[?@.n == 'two']", '{"n":"two"}'),
        ("$..n", "1, two"),
        ("$.customPayload.items[0]", '{"n":1}'),
        ("$.none", ""),
        ("$.text.none", ""),
        ("$.many[*]", ", ".join(map(str, range(20))) + ", …"),
    ],
)
def test_values(path: str, text: str) -> None:
    """One value is shown as it is, several with commas; without a value the cell is empty."""
    assert text_of(path) == text


def test_bounds() -> None:
    """A list shows the beginning of a long text, and nothing of a message of more than 1 MB."""
    long = encode({"x": "y" * 1000})

    assert text_of("$.x", long) == "y" * LONGEST_TEXT + "…"
    assert text_of("$.x", long, None) == "y" * 1000
    assert text_of("$.many[*]", BODY, None).endswith("28, 29")
    assert text_of("$.x", encode({"x": 1, "y": "z" * LARGEST_JSON})) == ""
    assert text_of("$.x", b'{"x": ') == ""


def test_codes_are_masked_before_a_text_is_cut() -> None:
    """A mask sees the whole text, so that no part of a code stays at the cut."""
    code = "c" * 50
    body = encode({"x": "y" * (LONGEST_TEXT - 10) + code})
    reader = ColumnReader([JsonColumn("x", "$.x")])

    [text] = reader.texts(body, lambda text: text.replace(code, "*"))

    assert text == "y" * (LONGEST_TEXT - 10) + "*"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Order=$.customPayload.order", JsonColumn("Order", "$.customPayload.order")),
        ("$.customPayload.order", JsonColumn("order", "$.customPayload.order")),
        (" a b = $['x'][0] ", JsonColumn("a b", "$['x'][0]")),
        ("$[?@.x == 1]", JsonColumn("$[?@.x == 1]", "$[?@.x == 1]")),
    ],
)
def test_columns_are_read(typed: str, expected: JsonColumn) -> None:
    """A column is typed as NAME=PATH; a path alone gets its last name."""
    assert read_column(typed) == expected


@pytest.mark.parametrize(
    ("column", "position"),
    [
        (JsonColumn(" ", "$.x"), None),
        (JsonColumn("x" * 41, "$.x"), None),
        (JsonColumn("a\nb", "$.x"), None),
        (JsonColumn("x", "order"), 0),
        (JsonColumn("x", "$.a..b..c"), 6),
        (JsonColumn("x", "$.x["), 4),
    ],
)
def test_what_is_no_column(column: JsonColumn, position: int | None) -> None:
    """An error of a path is at its character, one of a name at none."""
    with pytest.raises(InvalidColumn) as raised:
        check_column(column)

    assert raised.value.position == position


NAMES = st.text(min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_every_offered_path_is_one(value: dict[str, object]) -> None:
    """Each path that is offered can be a column, and leads to a value of the message."""
    body = encode(value)

    for path in paths_in(body):
        column = JsonColumn(suggested_name(path) or "x", path)
        [text] = ColumnReader([column]).texts(body)
        check_json_path(path)
        # Empty texts and objects in an array alone may be shown as nothing.
        assert text or not values_are_shown(path, body)


def values_are_shown(path: str, body: bytes) -> bool:
    return any(one != "" for one in json_values(path, read_json(body), 1))


def test_offered_paths() -> None:
    """Paths are offered in the order of the message, those into an array for all its elements."""
    assert [*paths_in(BODY)] == [
        "$.text", "$.customPayload", "$.customPayload.order", "$.customPayload['odd name']",
        "$.customPayload.items", "$.customPayload.items[*]", "$.customPayload.items[*].n",
        "$.many", "$.many[*]",
    ]  # fmt: skip
    assert len(paths_in(encode(dict.fromkeys(map(str, range(500)))))) == 200
    assert [*paths_in(encode({"x" * 200: 1, "a\nb": 1, "y": []}))] == ["$.y"]
    assert suggested_name("$.customPayload['odd name'][0]") == "odd name"
