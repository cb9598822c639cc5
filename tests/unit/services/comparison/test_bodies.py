"""Comparison of two bodies."""

import pytest

from ibconsole.services.comparison.bodies import (
    ComparedBody,
    compare_bodies,
    describe_comparison,
)
from ibconsole.services.comparison.comparison import ComparedBy


def described(left: bytes, right: bytes) -> tuple[ComparedBy, str]:
    found = compare_bodies(ComparedBody(left), ComparedBody(right))
    return found.by, describe_comparison(found)


@pytest.mark.parametrize(
    ("left", "right", "by", "sentence"),
    [
        (b'{"a":1}', b'{"a":2}', ComparedBy.VALUES, "1 value differs."),
        (b'{"a":1}', b'{"a":1}', ComparedBy.VALUES, "No value differs. Both are identical,"),
        (b'{"a":1}', b'{ "a": 1 }', ComparedBy.VALUES, "No value differs. The bytes differ,"),
        (b"\xef\xbb\xbf{}", b"{}", ComparedBy.VALUES, "No value differs. The bytes differ,"),
        (b"<html>\n1", b"<html>\n2", ComparedBy.LINES, "1 line differs."),
        (b'{"a":1}', b"OK", ComparedBy.LINES, "1 line differs."),
        (b"", b"", ComparedBy.LINES, "No line differs. Both are identical,"),
        (b"\x00\xff" * 9, b"\x00\xfe" * 9, ComparedBy.LINES, "1 line differs."),
        (b"[" * 5_000, b"[" * 5_001, ComparedBy.LINES, "1 line differs."),
    ],
)
def test_bodies_of_any_kind_are_compared(
    left: bytes, right: bytes, by: ComparedBy, sentence: str
) -> None:
    """JSON by values, everything else by lines, and identical bytes are said to be so."""
    assert described(left, right)[0] is by
    assert described(left, right)[1].startswith(sentence)


def test_the_declared_character_set_counts() -> None:
    """The same text in two encodings is equal."""
    left = ComparedBody('{"a":"Größe"}'.encode("latin-1"), "application/json; charset=ISO-8859-1")

    assert not compare_bodies(left, ComparedBody('{"a":"Größe"}'.encode())).differences


def test_differences_after_the_compared_part_are_said() -> None:
    """Two bodies that differ are never said to be equal."""
    same = b"x\n" * 400

    found = compare_bodies(ComparedBody(same + b"1"), ComparedBody(same + b"2"), most=10)

    assert "They differ after the part that is compared." in describe_comparison(found)


def test_many_differences_are_counted() -> None:
    """The sentence says how many of the differences are shown."""
    left, right = (b"[" + b",".join(b"%d" % (n + add) for n in range(30)) + b"]" for add in (0, 90))

    found = compare_bodies(ComparedBody(left), ComparedBody(right), most=10)

    assert describe_comparison(found) == "30 values differ. The first 10 of them are shown."
