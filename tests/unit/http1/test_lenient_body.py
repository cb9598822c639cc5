"""Chunked bodies read leniently, and what follows a body."""

import pytest

from ibconsole.http1.lenient_body import (
    Chunks,
    end_of_body,
    read_chunks,
    read_request_chunks,
)
from ibconsole.http1.lenient_head import Oddities

FRAMED = b"3\r\nabc\r\n0\r\n\r\n"


def test_both_readers_agree() -> None:
    """Well-formed chunks are the same body to both readers, which end behind it."""
    raw = b"head" + FRAMED
    expected = Chunks(b"abc", len(raw), complete=True)

    assert read_chunks(raw, 4, Oddities()) == expected
    assert read_request_chunks(raw + b"GET", 4, Oddities()) == expected


@pytest.mark.parametrize("raw", [b"{}", b"hello\r\nab\r\n", b"5 apples\r\nand pears\r\n", b"-"])
def test_bodies_that_are_not_chunked(raw: bytes) -> None:
    """A body without any chunk in it is not read as chunks."""
    assert read_chunks(raw, 0, Oddities()) is None


def test_end_of_body() -> None:
    """A body reaches beyond its declared end unless another answer or blank lines follow."""
    ends = {
        raw: end_of_body(raw, 2, Oddities())
        for raw in [b"a", b"ab", b"abc", b"ab\r\n", b"ab\r\nHTTP/1.1 200 OK", b"ab\r\nc"]
    }

    assert list(ends.values()) == [1, 2, 3, 2, 2, 5]
