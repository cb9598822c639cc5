"""Lenient reading of any bytes: as strict reading where that is possible, and in linear time."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import SupportsIndex

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.http1.lenient import LenientAnswer, read_answer, read_request
from ibconsole.http1.message import Header, Response
from ibconsole.http1.outgoing import encode_head, encode_request, parse_target

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "http").iterdir())
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: here\r\n"

# Operations that even an empty input costs.
FIXED_COST = 500

NAMES = st.from_regex(rb"[xX]-[-!#$%&'*+.^_`|~0-9A-Za-z]{0,8}", fullmatch=True)
VALUES = st.from_regex(rb"(?:[!-~\x80-\xff](?:[ -~\t]{0,20}[!-~])?)?", fullmatch=True)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=4)
BODIES = st.binary(max_size=20)
PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        b"HTTP/1.1 200 OK\r\n|POST / HTTP/1.1\r\n|HTTP/1.1 100 C\r\n\r\n|X: y|Content-Length: |{}|"
        b"Transfer-Encoding: chunked\r\n|\r\n|\n|\r|5\r\nhello\r\n|0\r\n\r\n|0x3| |\t".split(b"|")
    ),
)


class CountedBytes(bytes):
    """Bytes that count how many of them are copied by slices."""

    copied = 0

    def __getitem__(self, key: SupportsIndex | slice) -> int | bytes:  # type: ignore[override]
        found = super().__getitem__(key)
        if isinstance(found, bytes):
            self.copied += len(found)
        return found


@st.composite
def well_formed_answers(draw: st.DrawFn) -> bytes:
    """Draw an answer as HTTP says: of declared length, chunked, or ended by the connection."""
    status = draw(st.integers(200, 599).filter(lambda status: status not in {204, 304}))
    headers = draw(HEADERS)
    pieces = draw(st.lists(BODIES, max_size=4))
    version = draw(st.sampled_from([b"1.0", b"1.1", b""]))
    if not version:
        response = Response(status, tuple(headers), b"".join(pieces))
        return encode_head(response, keep_alive=draw(st.booleans())) + response.body
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(b"GET / HTTP/%b\r\nHost: here\r\n\r\n" % version)
    connection.next_event()
    connection.next_event()
    events: list[h11.Event] = [h11.Response(status_code=status, headers=headers, reason=b"Why")]
    events += [h11.Data(data=piece) for piece in pieces if piece]
    events.append(h11.EndOfMessage(headers=headers if version == b"1.1" else []))
    return b"".join(connection.send(event) or b"" for event in events)


def read_strictly(raw: bytes) -> tuple[int | None, tuple[Header, ...], bytes]:
    """Return status, headers and body of an answer by h11, as far as they arrived."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=len(raw) + 1)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "here")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(raw)
    status: int | None = None
    headers: tuple[Header, ...] = ()
    body = b""
    while isinstance(event := connection.next_event(), h11.Response | h11.Data):
        if isinstance(event, h11.Data):
            body += event.data
        else:
            status, headers = event.status_code, tuple(event.headers.raw_items())
    return status, headers, body


def read_with_bound(read: Callable[[bytes], object], raw: bytes) -> None:
    """Read the bytes, and assert that neither calls nor copied bytes exceed a multiple of them."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    counted = CountedBytes(raw)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read(counted)
    finally:
        sys.setprofile(before)
    assert calls <= 12 * len(raw) + FIXED_COST
    assert counted.copied <= 12 * len(raw) + FIXED_COST


@given(well_formed_answers())
def test_well_formed_answers_as_read_strictly(raw: bytes) -> None:
    """An answer that is as HTTP says reads as by a strict parser, without oddities."""
    answer = read_answer(raw)

    assert (answer.status, answer.headers, answer.body) == read_strictly(raw)
    assert (answer.complete, answer.oddities) == (True, ())


@settings(max_examples=20, deadline=None)
@given(well_formed_answers())
def test_answers_cut_anywhere(raw: bytes) -> None:
    """An answer that is cut at any offset has the body that arrived until then, and no more."""
    whole = read_answer(raw)
    for end in range(1, len(raw)):
        cut = read_answer(raw[:end])

        assert cut.body == read_strictly(raw[:end])[2]
        assert not cut.complete or cut.body == whole.body[: len(cut.body)]
    has_end = b"ength" in raw[: whole.body_start] or b"hunked" in raw[: whole.body_start]
    assert not has_end or not whole.body or not read_answer(raw[: whole.body_start]).complete


@given(HEADERS, BODIES, st.sampled_from([b"", b"POST /", b"\r\n"]))
def test_well_formed_requests(headers: list[Header], body: bytes, rest: bytes) -> None:
    """A request that is as HTTP says is read up to its end, without oddities."""
    raw = encode_request(parse_target("http://here/m?a=b"), "POST", headers, body)
    request = read_request(raw + rest)

    assert (request.method, request.target, request.version) == ("POST", b"/m?a=b", "1.1")
    assert request.headers == (
        (b"Host", b"here"),
        *headers,
        (b"Content-Length", b"%d" % len(body)),
    )
    assert (request.body, request.complete, request.consumed) == (body, True, len(raw))
    assert (request.contradictory, request.oddities) == (False, ())


@given(st.lists(PIECES, max_size=12).map(b"".join))
def test_any_bytes(raw: bytes) -> None:
    """No bytes make a reader raise or lose a body without status line."""
    answer = read_answer(raw)
    request = read_request(raw)

    assert 0 <= answer.body_start <= len(raw)
    assert len(answer.body) <= len(raw) - answer.body_start
    assert 0 <= request.consumed <= len(raw)
    assert not (request.complete and request.contradictory)


HOSTILE = {
    "chunks of one byte": OK + CHUNKED + b"1\r\nx\r\n" * 20_000,
    "chunks with a line feed": OK + CHUNKED + b"1\nx\n" * 20_000,
    "final chunks": OK + CHUNKED + b"0\r\n\r\n" * 20_000,
    "wrong sizes": OK + CHUNKED + b"2\nx\ny\nz\n" * 20_000,
    "garbage sizes": OK + CHUNKED + b"1\nx\n" + b"z\nx\n1\nx\n" * 20_000,
    "sizes that point at one place": OK + CHUNKED + b"ffff\n" * 20_000 + b";" + b"x" * 100_000,
    "trailers": OK + CHUNKED + b"0\r\n" + b"a:\n" * 20_000,
    "header lines": OK + b"a:\n" * 50_000,
    "folded lines": OK + b"a: b\n" + b" c\n" * 50_000,
    "CR": OK + b"x\r" * 50_000,
    "heads": b"HTTP/1.1 100 \r\n\r\n" * 10_000,
    "lengths": OK + b"Content-Length: " + b"1," * 50_000 + b"\r\n\r\n",
    "blanks": b"POST " + b" " * 100_000 + b"\r\n\r\n",
    "request chunks": POST + CHUNKED + b"1\r\nx\r\n" * 20_000,
    "request lines": POST + b"a:\n" * 50_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("read", [read_answer, read_request])
def test_operations_are_bounded(kind: str, read: Callable[[bytes], object]) -> None:
    """Hostile bytes cost operations and copies in proportion to their number."""
    read_with_bound(read, HOSTILE[kind])


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured")
def test_2_mb_of_small_pieces() -> None:
    """A body of 330,000 chunks is read whole; a head of 2 MB does not hide its body."""
    chunks = read_answer(OK + CHUNKED + b"1\r\nx\r\n" * 333_333 + b"0\r\n\r\n")
    lines = read_answer(OK + b"X: y\r\n" * 333_333 + b"\r\n{}")

    assert (chunks.body == b"x" * 333_333, chunks.complete) == (True, True)
    assert (lines.body, lines.complete) == (b"{}", True)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_samples_of_fuzzing(sample: Path) -> None:
    """Inputs that coverage-guided fuzzing found worth keeping are read within the bounds."""
    raw = sample.read_bytes()

    read_with_bound(read_answer, raw)
    read_with_bound(read_request, raw)
    for end in range(len(raw)):
        assert isinstance(read_answer(raw[:end]), LenientAnswer)
        assert read_request(raw[:end]).consumed <= end
