"""Reading a request as it was received."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.sender_profile.observed import ObservedHeader, read_request_head


def test_a_request_is_read_byte_by_byte() -> None:
    """Spelling, order, blanks after the colon and trailing blanks are kept; a tunnel's apart."""
    raw = (
        b"POST http://h/in?x HTTP/1.0\r\nHOST:h\r\nx-forwarded-for: 1.2.3.4\r\nA: b: c \r\n"
        b"Content-Length: 2\r\n"
        b"Empty:\r\n\r\n{}"
    )
    request = read_request_head(raw)

    assert request is not None
    assert request.headers == (
        ObservedHeader("HOST", "", "h"),
        ObservedHeader("A", " ", "b: c "),
        ObservedHeader("Content-Length", " ", "2"),
        ObservedHeader("Empty", "", ""),
    )
    assert [one.name for one in request.added] == ["x-forwarded-for"]
    look = request.look
    assert (look.method, look.version, look.is_absolute) == ("POST", "HTTP/1.0", True)
    assert look.tunnelled
    assert (request.value("a"), request.value("none"), request.is_chunked) == ("b: c ", "", False)


def test_a_url_in_the_query_is_no_absolute_target() -> None:
    """The form of the target is that of its path."""
    request = read_request_head(b"POST /in?u=http://x HTTP/1.1\r\nContent-Length: 0\r\n\r\n")

    assert request is not None
    assert not request.look.is_absolute


def test_chunks_are_read_as_spelled() -> None:
    """Sizes keep their digits; a body that is cut has the chunks that begin in it."""
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
    request = read_request_head(head + b"00A;x=1\r\n0123456789\r\n2\r\nab\r\n0\r\n\r\n")
    cut = read_request_head(head + b"FF\r\n01234")

    assert request is not None
    assert request.chunks == ("00A", "2")
    assert cut is not None
    assert cut.chunks == ("FF",)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"POST / HTTP/1.1\r\nHost: h\r\n",
        b"POST / HTTP/1.1\nHost: h\n\n",
        b"POST  / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST / HTTP/1.1\r\nX note\r\n\r\n",
        b"POST / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
        b"POST / HTTP/1.1\r\nA : b\r\n\r\n",
    ],
)
def test_irregular_requests_are_passed_over(raw: bytes) -> None:
    """What cannot be made again exactly is not learned from."""
    assert read_request_head(raw) is None


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    """No bytes make the reader fail."""
    read_request_head(raw)
    read_request_head(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + raw)
