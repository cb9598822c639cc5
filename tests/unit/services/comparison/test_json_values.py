"""JSON as it is compared."""

import pytest

from ibconsole.services.comparison.json_values import (
    Identities,
    JsonNumber,
    Members,
    NoComparableJson,
    is_same_number,
    read_values,
    write_value,
)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1.0, "b": 1E5, "a": -0, "c": [true, false, null, "é\\"\\n"]}',
        "[9007199254740993, 1e400, 0.1000000000000000000001]",
        '"\\ud83d"',
        "{}",
    ],
)
def test_values_are_written_as_they_were_read(text: str) -> None:
    """Digits, members of the same name and half a character stay."""
    assert write_value(read_values(text.encode())) == text


@pytest.mark.parametrize(
    "text", [b"", b"{", b"<html>", b"\xff{}", b"[" * 100_000, b"{} {}", b"[0" + b",0" * 600_000]
)
def test_what_cannot_be_compared_by_values(text: bytes) -> None:
    """What is no JSON, is too much, or nests too deep, is refused and nothing else happens."""
    with pytest.raises(NoComparableJson):
        read_values(text)


def test_deep_nesting_is_refused() -> None:
    """A value that can be read and nests too deep to be compared is refused."""
    with pytest.raises(NoComparableJson):
        Identities().number(read_values(b"[" * 300 + b"]" * 300))


def test_equal_values_have_the_same_number() -> None:
    """Order of members does not matter; that of elements, types and spellings do."""
    identities = Identities()
    texts = ['{"a":1,"b":[1,2]}', '{"b": [1, 2], "a": 1}', '{"a":1,"b":[2,1]}', '{"a":"1"}']
    texts += ['{"a":1}', '{"a":1.0}', '{"a":true}', '{"a":1,"a":2}', '{"a":2,"a":1}', "[]", "{}"]
    values = [read_values(text.encode()) for text in texts]

    numbers = [identities.number(value) for value in values]

    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == len(texts) - 1


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("1", "1.0", True),
        ("1E5", "100000", True),
        ("-0", "0.00", True),
        ("1e999999999999", "10e999999999998", True),
        ("1", "-1", False),
        ("9007199254740993", "9007199254740992", False),
        ("0.1", "0.10000000000000001", False),
        ("NaN", "NaN", False),
    ],
)
def test_numbers_are_compared_exactly(left: str, right: str, same: bool) -> None:
    """No number passes through a float."""
    assert is_same_number(left, right) is same
    assert read_values(left.encode()) == JsonNumber(left)
    assert read_values(b"{}") == Members()
