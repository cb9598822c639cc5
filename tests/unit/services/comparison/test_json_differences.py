"""Differences of JSON values."""

import pytest

from ibconsole.services.comparison.comparison import ComparedBy, ComparedValue, Side
from ibconsole.services.comparison.json_differences import compare_values
from ibconsole.services.comparison.json_values import read_values
from ibconsole.services.comparison.rows import RowCollector


def rows_of(left: str, right: str) -> tuple[ComparedValue, ...]:
    rows = RowCollector(ComparedBy.VALUES)
    compare_values(read_values(left.encode()), read_values(right.encode()), rows)
    return rows.comparison().rows


def differing(left: str, right: str) -> list[tuple[str, str, str, str]]:
    return [
        (row.group, row.left, row.right, row.note)
        for row in rows_of(left, right)
        if row.side is not Side.EQUAL
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ('{"a":1,"b":2}', '{"b":2,"a":1}', []),
        ('{"a":"\\u00e9"}', '{"a":"é"}', []),
        ('{"a":1}', '{"a":1.0}', [("a", "1", "1.0", "equal in value")]),
        (
            '{"id":9007199254740993}',
            '{"id":9007199254740992}',
            [("id", "9007199254740993", "9007199254740992", "")],
        ),
        ('{"a":"1"}', '{"a":1}', [("a", '"1"', "1", "a text and a number")]),
        ('{"a":{}}', '{"a":[]}', [("a", "{}", "[]", "an object and an array")]),
        ('{"a":null}', "{}", [("a", "null", "", "")]),
        ('{"a":{"b":[1,{"c":2}]}}', '{"a":{"b":[1,{"c":3}]}}', [("a.b[1].c", "2", "3", "")]),
        ('{"a b":1,"":2}', '{"a b":2,"":3}', [('["a b"]', "1", "2", ""), ('[""]', "2", "3", "")]),
        ('{"a":1,"a":2}', '{"a":1,"a":3}', [("a#2", "2", "3", "")]),
        ("1", "2", [("(all)", "1", "2", "")]),
        ("[]", "{}", [("(all)", "[]", "{}", "an array and an object")]),
    ],
)
def test_values_are_compared(
    left: str, right: str, expected: list[tuple[str, str, str, str]]
) -> None:
    """Members in any order, numbers as written, types, and the place of what differs."""
    assert differing(left, right) == expected


def test_elements_are_aligned() -> None:
    """An inserted element shifts the others, and one that has an identifier is found by it."""
    left = '{"results":[{"messageId":"1","text":"a"},{"messageId":"2","text":"b"}]}'
    right = '{"results":[{"messageId":"0"},{"text":"a","messageId":"1"},{"messageId":"2"}]}'

    assert differing(left, right) == [
        ("results[0]", "", '{"messageId": "0"}', ""),
        ("results[1→2].text", '"b"', "", ""),
    ]
    last = rows_of(left, right)[-1]
    assert last.places == ("results[1].text", "results[2].text")


def test_equal_parts_are_one_row_and_the_whole_its_members() -> None:
    """What is equal is shown once; two equal bodies are shown by their members."""
    text = '{"a":{"b":[1,2]},"c":[]}'

    assert [(row.group, row.left, row.side) for row in rows_of(text, text)] == [
        ("a", '{"b": [1, 2]}', Side.EQUAL),
        ("c", "[]", Side.EQUAL),
    ]
