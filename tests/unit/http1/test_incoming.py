"""Requests parsed from bytes, without sockets."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.http1.incoming import IncomingRequest, Limits, RequestRefusal
from ibconsole.http1.message import Request

PLAIN = b"POST /a?b HTTP/1.1\r\nHOST: here\r\nx-Odd:  1 \r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2;ext=1\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
SMALL = Limits(head_bytes=200, header_count=3, body_bytes=10)


def read(data: bytes, limits: Limits = SMALL) -> tuple[Request, bytes]:
    incoming = IncomingRequest(limits)
    assert incoming.feed(data)
    return incoming.finish("127.0.0.1")


def refusal_of(data: bytes, limits: Limits = SMALL) -> RequestRefusal:
    incoming = IncomingRequest(limits)
    with pytest.raises(RequestRefusal) as caught:
        incoming.feed(data)
    assert incoming.raw == data
    return caught.value


def test_request_is_kept_as_it_came() -> None:
    """Headers keep their spelling and order, and the raw bytes are those received."""
    request, rest = read(PLAIN)

    headers = ((b"HOST", b"here"), (b"x-Odd", b"1"), (b"Content-Length", b"5"))
    assert request == Request("POST", "/a?b", "1.1", headers, b"hello", "127.0.0.1", PLAIN)
    assert rest == b""


def test_chunked_body_is_joined() -> None:
    """A chunked body is joined; the raw bytes still contain the chunks and the trailer."""
    request, _ = read(CHUNKED)

    assert request.body == b"hello"
    assert request.raw == CHUNKED


@pytest.mark.slow
@given(st.lists(st.integers(0, len(PLAIN + CHUNKED)), max_size=8))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    """The requests are the same, however the bytes are split on their way."""
    data = PLAIN + CHUNKED
    marks = sorted({0, len(data), *cuts})
    pieces = [data[start:end] for start, end in pairwise(marks)]

    requests = []
    incoming = IncomingRequest(SMALL)
    while pieces:
        if incoming.feed(pieces.pop(0)):
            request, rest = incoming.finish("")
            requests.append((request.raw, request.body))
            incoming = IncomingRequest(SMALL)
            if rest:
                pieces.insert(0, rest)

    assert requests == [(PLAIN, b"hello"), (CHUNKED, b"hello")]


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Any bytes lead to a request, a refusal, or a wait for more bytes."""
    incoming = IncomingRequest(SMALL)
    refused: RequestRefusal | None = None
    whole = False
    try:
        whole = incoming.feed(data)
    except RequestRefusal as refusal:
        refused = refusal

    assert not refused or refused.status in {400, 413, 431, 501, 505}
    assert not refused or refused.reason.endswith(".")
    assert not whole or data.startswith(incoming.finish("")[0].raw)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"\x00", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/0.9\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ],
)
def test_bad_syntax_is_refused(data: bytes, status: int) -> None:
    """A violation of HTTP/1.1 is refused with the matching status."""
    assert refusal_of(data).status == status


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"POST / HTTP/1.1\r\n", "no Host"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "several Hosts"),
        (b"POST / HTTP/1.1\r\nHost : a\r\n", "header name"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nX odd: 1\r\n", "header name"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n", "control characters"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nX note\r\n", "no name and colon"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n", "folded"),
        (b"POST  / HTTP/1.1\r\nHost: a\r\n", "request line"),
        (b"POST /?n=Zo\xc3\xab HTTP/1.1\r\nHost: a\r\n", "request line"),
        (b"POST /?n=Zo\xeb HTTP/1.1\r\nHost: a\r\n", "request line"),
        (b"POST / HTTP/1.1\nHost: a\n", "CR and LF"),
        (b" POST / HTTP/1.1\r\nHost: a\r\n", "request line"),
        (b"\tPOST / HTTP/1.1\r\nHost: a\r\n", "request line"),
        (b"\xef\xbb\xbfPOST / HTTP/1.1\r\nHost: a\r\n", "request line"),
        (b"POST / HTTP/1\r\nHost: a\r\n", "request line"),
        (b"POST / HTTP/01.1\r\nHost: a\r\n", "request line"),
        (b"POST / HTTP/1,1\r\nHost: a\r\n", "request line"),
        (b"POST / HTTP 1.1\r\nHost: a\r\n", "request line"),
        (b"POST / HTTPS/1.1\r\nHost: a\r\n", "request line"),
        (b"POST /\r\nHost: a\r\n", "request line"),
    ],
)
@pytest.mark.parametrize("pieces", [1, 2, 1000])
def test_blemishes_are_named(head: bytes, words: str, pieces: int) -> None:
    """A blemish that leaves the framing beyond doubt is listed; the request is whole at its end."""
    line_end = b"\r\n" if b"\r\n" in head else b"\n"
    data = head + b"Content-Length: 5" + line_end + line_end + b"hello"
    incoming = IncomingRequest(replace(SMALL, header_count=4))
    size = -(-len(data) // pieces)
    fed = [incoming.feed(data[start : start + size]) for start in range(0, len(data), size)]

    assert fed[-1]
    request, rest = incoming.finish("")
    assert words in " ".join(request.oddities)
    assert (request.body, request.raw, rest) == (b"hello", data, b"")
    assert request.target.startswith("/")
    assert request.version in {"1.0", "1.1"}


@pytest.mark.parametrize(
    "framed",
    [
        b"%030x\r\nhello\r\n0\r\n\r\n" % 5,
        b"5\r\nhello\r\n0\r\nX: 1\n\n",
        b"5\r\nhello\r\n0\r\nX: 1\r\n\n",
        b"5\r\nhello\r\n0\r\n\n",
        b"5\r\nhello\r\n0\r\nX: 1\r\nY: 2\r\n\r\n",
    ],
)
def test_odd_chunks(framed: bytes) -> None:
    """Sizes with leading zeros, and trailers whose lines end with LF, leave no doubt."""
    data = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + framed
    request, rest = read(data + PLAIN)

    assert (request.body, request.raw, rest) == (b"hello", data, PLAIN)


@pytest.mark.parametrize("blemish", [b"", b"X odd: 1\r\n"])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
@pytest.mark.parametrize(
    "body", [b'{"a":1}', b'[{"a":1}]', b'"{}"', b"\xef\xbb\xbf{}", b"\x1f\x8b\x08"]
)
def test_body_without_a_length(blemish: bytes, version: bytes, body: bytes) -> None:
    """A body that no header announces is refused and kept, not answered as if it was empty."""
    refused = refusal_of(b"POST / HTTP/%b\r\nHost: a\r\n%b\r\n%b" % (version, blemish, body))

    assert refused.status == 411


@pytest.mark.parametrize("name", [b"Content_Length: 5", b"transfer_encoding: chunked"])
def test_underscore_in_the_only_framing(name: bytes) -> None:
    """A framing header in another spelling is refused, if no other says where the body ends."""
    data = b"POST / HTTP/1.1\r\nHost: a\r\n%b\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    request, _ = read(data % (name + b"\r\nContent-Length: 15"), Limits())

    assert refusal_of(data % name).status in {400, 501}
    assert request.body == b"5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize("data", [PLAIN, CHUNKED, b"GET / HTTP/1.0\r\n\r\n"])
def test_valid_requests_have_no_oddities(data: bytes) -> None:
    """A valid request has no oddities; HTTP/1.0 has no Host."""
    assert read(data)[0].oddities == ()


def test_odd_method() -> None:
    """A method that is not registered is a method."""
    request, _ = read(b"FORWARD / HTTP/1.1\r\nHost: a\r\n\r\n")

    assert (request.method, request.oddities) == ("FORWARD", ())


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    ],
)
def test_ambiguous_framing_is_refused(headers: bytes) -> None:
    """A request whose end is ambiguous is refused, which prevents request smuggling."""
    data = b"POST / HTTP/1.1\r\nHost: a\r\n" + headers + b"\r\n5\r\nhello\r\n0\r\n\r\n"

    assert refusal_of(data).status in {400, 501}


def test_chunks_in_http_1_0_are_refused() -> None:
    """A chunked body in HTTP/1.0 is refused: a proxy might not understand it."""
    data = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    assert refusal_of(data).status == 400


def test_tls_is_named() -> None:
    """A TLS handshake on a plain HTTP port is refused with that explanation."""
    assert "TLS" in refusal_of(b"\x16\x03\x01\x02\x00\x01\x00").reason


@pytest.mark.parametrize("end", [b"\r\n\r\n", b""])
def test_long_head_is_refused(end: bytes) -> None:
    """A head over the limit is refused, complete or not."""
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200

    refusal = refusal_of(head + end)

    assert (refusal.status, refusal.reason) == (431, "The head is longer than 200 bytes.")


def test_body_does_not_count_as_head() -> None:
    """The limit of the head does not apply to the body that follows it."""
    data = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n" + b"x" * 300

    assert len(read(data, replace(SMALL, body_bytes=300))[0].body) == 300


def test_many_headers_are_refused() -> None:
    """The number of headers is limited, however short they are."""
    data = b"GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n"

    assert refusal_of(data).status == 431


@pytest.mark.parametrize(
    "framed",
    [
        b"Content-Length: 11\r\n\r\n" + b"x" * 11,
        b"Transfer-Encoding: chunked\r\n\r\nb\r\n" + b"x" * 11 + b"\r\n0\r\n\r\n",
        b"Expect: 100-continue\r\nContent-Length: 11\r\n\r\n",
    ],
)
def test_large_body_is_refused(framed: bytes) -> None:
    """A body over the limit is refused with the bytes received, whatever its framing."""
    refusal = refusal_of(b"POST / HTTP/1.1\r\nHost: a\r\n" + framed)

    assert (refusal.status, refusal.reason) == (413, "The body is longer than 10 bytes.")


def test_framing_is_bounded_too() -> None:
    """Small chunks with long extensions are limited like a body."""
    chunk = b"1;" + b"x" * 50 + b"\r\nx\r\n"
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert refusal_of(head + chunk * 5).status == 413


def test_incomplete_request() -> None:
    """An incomplete request cannot be finished."""
    with pytest.raises(ValueError, match="not whole"):
        IncomingRequest(SMALL).finish("")


@pytest.mark.parametrize("blemish", [b"", b"X odd: 1\r\n", b"X: 1\n"])
def test_expect_continue_is_recognised(blemish: bytes) -> None:
    """A request expects 100-continue until its body arrives, whatever is odd in its head."""
    incoming = IncomingRequest(replace(SMALL, header_count=4))

    incoming.feed(
        b"POST / HTTP/1.1\r\nHost: a\r\n%bExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
        % blemish
    )
    before = (incoming.has_head, incoming.expects_continue)
    whole = incoming.feed(b"hi")

    assert before == (True, True)
    assert whole
    assert not incoming.expects_continue
