"""Heads read leniently: what concerns the framing, and where a head ends."""

import pytest

from ibconsole.http1.lenient_head import (
    Framing,
    FramingHeader,
    Oddities,
    looks_like_header,
    read_answer_head,
    read_request_head,
)


def test_framing_headers_by_kind() -> None:
    """Framing headers are found in any spelling; only the right one is exact."""
    raw = b"HTTP/1.1 200 OK\nCONTENT-length: 1\nContent Length: 2\nContent-Length 3\nX: y\n\n"
    head = read_answer_head(raw, 0, Oddities(), indented=False)

    assert head.values(Framing.LENGTH) == [
        FramingHeader(Framing.LENGTH, b"1"),
        FramingHeader(Framing.LENGTH, b"2", exact=False),
        FramingHeader(Framing.LENGTH, b"3", exact=False),
    ]
    assert head.values(Framing.CODING) == []
    assert not head.is_exact(Framing.LENGTH)
    assert head.is_exact(Framing.CODING)


@pytest.mark.parametrize("read", [read_request_head, read_answer_head])
def test_cut_head(read: object) -> None:
    """A head without its end has the headers that arrived, and reaches to the last byte."""
    raw = b"HTTP/1.1 200 OK\r\nA: b\r\nCo"
    if read is read_answer_head:
        head = read_answer_head(raw, 0, Oddities(), indented=False)
    else:
        head = read_request_head(raw, 0, Oddities())

    assert (head.ended, head.end, head.headers) == (False, len(raw), ((b"A", b"b"),))


def test_oddities_are_named_once() -> None:
    """Each kind of oddity gives one sentence, with its first example, cut and escaped."""
    oddities = Oddities()
    oddities.add("Bad: {}.", b"\xff" + b"x" * 99)
    oddities.add("Bad: {}.", b"other")
    oddities.add("Odd.")

    assert oddities.sentences == (f"Bad: '\\xff{'x' * 39}'....", "Odd.")


def test_header_at_an_offset() -> None:
    """A header is a name, blanks, and a colon."""
    assert looks_like_header(b"  X-A \t: b", 2)
    assert not looks_like_header(b"  X-A b: c", 2)
    assert not looks_like_header(b"", 0)
