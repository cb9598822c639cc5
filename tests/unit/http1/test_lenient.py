"""Lenient reading of answers and requests: a table for each kind of trouble."""

import pytest

from ibconsole.http1.lenient import LenientAnswer, LenientRequest, read_answer, read_request

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"results": [1]}'
LENGTH = b"Content-Length: 16\r\n"
SECOND = OK + b"Content-Length: 2\r\n\r\nno"
POST = b"POST /m HTTP/1.1\r\nHost: here\r\n"

STATUS_LINES = {
    b"HTTP/1.1 200 OK": 200,
    b"HTTP/1.0 404 Not Found": 404,
    b"HTTP/1.1 200": 200,
    b"HTTP/1.1 200 ": 200,
    b"HTTP/1.1  200  OK": 200,
    b"HTTP/1.1\t200\tOK": 200,
    b"HTTP/1.1200 OK": 200,
    b"HTTP 200 OK": 200,
    b"http/1.1 200 ok": 200,
    b"HTTP/2 429 Too Many": 429,
    b"HTTP/3.0 500": 500,
    b"ICY 200 OK": 200,
    b"HTTP/1.1 200 \xe9\x00": 200,
    b"HTTP/1.1 OK": None,
    b"HTTP/1.1 2000 OK": None,
    b"HTTP/1.1 -20 OK": None,
    b"HTTP/1.1": None,
}


@pytest.mark.parametrize("line", STATUS_LINES, ids=repr)
def test_odd_status_lines(line: bytes) -> None:
    """A status line in any spelling gives its status and leaves the body alone."""
    answer = read_answer(line + b"\r\n" + LENGTH + b"\r\n" + BODY)

    assert (answer.status, answer.body, answer.complete) == (STATUS_LINES[line], BODY, True)


@pytest.mark.parametrize("raw", [BODY, b"200 OK\r\n\r\n" + BODY, b"\x00\x01", b"HTTPS", b"<html>"])
def test_without_status_line_everything_is_body(raw: bytes) -> None:
    """Bytes that do not begin with a status line are a body."""
    expected = LenientAnswer(body=raw, complete=True, oddities=("There is no status line.",))

    assert read_answer(raw) == expected


@pytest.mark.parametrize("raw", [b"", b"H", b"HTTP", b"htt", b"\r\n"])
def test_cut_status_line(raw: bytes) -> None:
    """The beginning of a status line is not a body."""
    answer = read_answer(raw)

    assert (answer.status, answer.body, answer.complete) == (None, b"", False)


HEADS = {
    "as HTTP says": (OK + LENGTH + b"\r\n", ""),
    "LF": (b"HTTP/1.1 200 OK\n" + b"Content-Length: 16\n\n", "do not end with CR and LF"),
    "CR": (b"HTTP/1.1 200 OK\rContent-Length: 16\r\r", "do not end with CR and LF"),
    "CR CR LF": (b"HTTP/1.1 200 OK\r\r\nContent-Length: 16\r\r\n\r\r\n", "do not end"),
    "LF behind CR LF": (OK + b"Content-Length: 16\n\n", "do not end with CR and LF"),
    "CR LF behind LF": (b"HTTP/1.1 200 OK\nContent-Length: 16\r\n\r\n", "do not end"),
    "CR behind CR LF": (OK + b"Content-Length: 16\rX: y\r\n\r\n", "do not end with CR and LF"),
    "two CR behind CR LF": (OK + b"Content-Length: 16\r\r", "do not end with CR and LF"),
    "CR LF behind CR": (b"HTTP/1.1 200 OK\rContent-Length: 16\r\r\n", "do not end"),
    "blank line in front": (b"\r\n\r\n" + OK + LENGTH + b"\r\n", "precede the status line"),
    "blank in front": (b" \t" + OK + LENGTH + b"\r\n", "precede the status line"),
    "BOM in front": (b"\xef\xbb\xbf" + OK + LENGTH + b"\r\n", "precede the status line"),
    "indented": (b"  HTTP/1.1 200 OK\n  Content-Length: 16\n  \n", "precede the status line"),
    "no colon": (OK + b"X note\r\n" + LENGTH + b"\r\n", "no name and colon: 'X'"),
    "no name": (OK + b": x\r\n" + LENGTH + b"\r\n", "no name and colon: ':'"),
    "blank in the name": (OK + b"X y: z\r\n" + LENGTH + b"\r\n", "odd characters: 'X y'"),
    "raw bytes": (OK + b"\xe9\xff: \xe9\xff\r\n" + LENGTH + b"\r\n", "odd characters"),
    "NUL in a value": (OK + b"X: a\x00b\r\n" + LENGTH + b"\r\n", "control characters: 'X'"),
    "folded": (OK + b"X: a\r\n b\r\n" + LENGTH + b"\r\n", "folded over several lines"),
    "first one folded": (OK + b" X: a\r\n" + LENGTH + b"\r\n", "begins with a blank"),
    "bad JSON header": (OK + b"{bad}\r\n" + LENGTH + b"\r\n", "no name and colon"),
    "no blank line": (OK + LENGTH, "no blank line between"),
    "no headers and blank line": (OK, "no blank line between"),
    "blanks in the blank line": (OK + LENGTH + b" \t\r\n", "no blank line between"),
    "20,000 lines": (OK + b"X: y\r\n" * 20_000 + b"\r\n", "more than 10000 lines"),
}


@pytest.mark.parametrize("kind", HEADS)
def test_odd_heads(kind: str) -> None:
    """Bad header lines and line ends cost neither status nor body, and are named."""
    head, oddity = HEADS[kind]
    answer = read_answer(head + BODY)

    assert (answer.status, answer.body, answer.body_start) == (200, BODY, len(head))
    assert answer.complete
    assert oddity in " ".join(answer.oddities)
    assert bool(oddity) == bool(answer.oddities)


LENGTHS = {
    "as HTTP says": (LENGTH, True, ""),
    "blanks": (b"Content-Length: \t16 \t\r\n", True, ""),
    "none": (b"", True, ""),
    "too long": (b"Content-Length: 17\r\n", False, ""),
    "too short": (b"Content-Length: 3\r\n", True, "continues behind the end"),
    "zero": (b"Content-Length: 0\r\n", True, "continues behind the end"),
    "no number": (b"Content-Length: sixteen\r\n", True, "not a number: 'sixteen'"),
    "empty": (b"Content-Length:\r\n", True, "not a number: ''"),
    "negative": (b"Content-Length: -1\r\n", True, "not a number: '-1'"),
    "plus": (b"Content-Length: +16\r\n", True, "not a number: '+16'"),
    "unit": (b"Content-Length: 16 bytes\r\n", True, "not a number: '16 bytes'"),
    "hexadecimal": (b"Content-Length: 0x10\r\n", True, "not a number: '0x10'"),
    "5,000 digits": (b"Content-Length: " + b"9" * 5_000 + b"\r\n", True, "not a number"),
    "blank in the name": (b"Content-Length : 16\r\n", True, "odd characters"),
    "no colon": (b"Content-Length 16\r\n", True, "no name and colon"),
    "equal": (LENGTH + LENGTH, True, "several equal"),
    "equal in a list": (b"Content-Length: 16, 16\r\n", True, "several equal"),
    "different, short": (LENGTH + b"Content-Length: 3\r\n", True, "several different"),
    "different, long": (b"Content-Length: 99\r\n" + LENGTH, True, "several different"),
    "different, both wrong": (b"Content-Length: 99, 3\r\n", False, "several different"),
    "identity": (b"Transfer-Encoding: identity\r\n" + LENGTH, True, "obsolete"),
    "not chunked": (b"Transfer-Encoding: chunked\r\n" + LENGTH, True, "chunked but is not"),
    "not chunked, no length": (b"Transfer-Encoding: chunked\r\n", True, "chunked but is not"),
}


@pytest.mark.parametrize("kind", LENGTHS)
def test_odd_lengths(kind: str) -> None:
    """The body is everything that arrived, whatever length the head declares."""
    headers, complete, oddity = LENGTHS[kind]
    answer = read_answer(OK + headers + b"\r\n" + BODY)

    assert (answer.status, answer.body, answer.complete) == (200, BODY, complete)
    assert oddity in " ".join(answer.oddities)
    assert bool(oddity) == bool(answer.oddities)


CHUNKS = {
    "as HTTP says": (b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", ""),
    "extensions": (b"3;a=b;c\r\nabc\r\nA ;x\r\n0123456789\r\n0;z\r\n\r\n", ""),
    "leading zeros": (b"0003\r\nabc\r\n00a\r\n0123456789\r\n000\r\n\r\n", ""),
    "trailers": (b"d\r\nabc0123456789\r\n0\r\nX: y\r\nZ: z\r\n\r\n", ""),
    "blanks": (b" 3 \r\nabc\r\n\ta\t\r\n0123456789\r\n 0 \r\n\r\n", "not spelled"),
    "0x": (b"0x3\r\nabc\r\n0XA\r\n0123456789\r\n0x0\r\n\r\n", "not spelled"),
    "text behind the size": (b"3 bytes\r\nabc\r\na, x\r\n0123456789\r\n0\r\n\r\n", "not spelled"),
    "LF": (b"3\nabc\na\n0123456789\n0\n\n", "not spelled"),
    "CR": (b"3\rabc\ra\r0123456789\r0\r\r", "not spelled"),
    "no line end": (b"3\r\nabca\r\n01234567890\r\n\r\n", "line end behind a chunk is missing"),
    "blank lines": (b"3\r\nabc\r\n\r\na\r\n0123456789\r\n\n0\r\n\r\n", "Blank lines stand between"),
    "garbage": (b"3\r\nabc\r\nzz\r\n0123456789\r\n0\r\n\r\n", "not a number: 'zz'"),
    "garbage first": (b"-1\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", "not a number: '-1'"),
    "empty size": (b"\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", "not a number: ''"),
    "too short": (b"1\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", "size of a chunk is wrong"),
    "too long": (b"4\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", "size of a chunk is wrong"),
    "with line end": (b"5\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", "size of a chunk is wrong"),
    "much too long": (b"fff\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n", "size of a chunk is wrong"),
    "longer than any": (b"f" * 60 + b"\r\nabc0123456789\r\n0\r\n\r\n", "size of a chunk is wrong"),
    "no blank line": (b"d\r\nabc0123456789\r\n0\r\n", "blank line behind the final chunk"),
    "final chunk in between": (
        b"3\r\nabc\r\n0\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
        "Chunks follow",
    ),
    "data behind": (b"3\r\nabc\r\n0\r\n\r\n0123456789", "continues behind the end"),
    "blank lines behind": (b"d\r\nabc0123456789\r\n0\r\n\r\n\r\n\r\n", "Blank lines follow"),
    "another answer": (b"d\r\nabc0123456789\r\n0\r\n\r\n" + SECOND, "another answer follow"),
}


@pytest.mark.parametrize("kind", CHUNKS)
def test_odd_chunks(kind: str) -> None:
    """Bad chunk framing is removed like good framing and costs no byte."""
    chunks, oddity = CHUNKS[kind]
    answer = read_answer(CHUNKED + chunks)

    assert (answer.body, answer.complete) == (b"abc0123456789", True)
    assert oddity in " ".join(answer.oddities)
    assert bool(oddity) == bool(answer.oddities)


CUT_CHUNKS = {
    b"": b"",
    b"3": b"",
    b"3;a": b"",
    b"3\r\na": b"a",
    b"3\r\nabc": b"abc",
    b"3\r\nabc\r": b"abc",
    b"3\r\nabc\r\n": b"abc",
    b"3\r\nabc\r\n0": b"abc",
    b"3\r\nabc\r\n4;x\r": b"abc",
    b"3\r\nabc\r\nzz\r\nde": b"abcde",
    b"3\r\nabc\r\n{...}": b"abc\r\n{...}",
}


@pytest.mark.parametrize("chunks", CUT_CHUNKS, ids=repr)
def test_chunks_without_final_chunk(chunks: bytes) -> None:
    """Without the final chunk the body is what arrived, and is not complete."""
    answer = read_answer(CHUNKED + chunks)

    assert (answer.body, answer.complete) == (CUT_CHUNKS[chunks], False)


CODINGS = [
    b"Transfer-Encoding: Chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunkd\r\n",
    b'Transfer-Encoding: "chunked"\r\n',
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding chunked\r\n",
    b"Transfer Encoding: chunked\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 16\r\n",
    b"Content-Length: 27\r\nTransfer-Encoding: chunked\r\n",
]


@pytest.mark.parametrize("headers", CODINGS, ids=repr)
def test_odd_codings(headers: bytes) -> None:
    """A body that looks chunked is chunked, however its head says so."""
    answer = read_answer(OK + headers + b"\r\n10\r\n" + BODY + b"\r\n0\r\n\r\n")

    assert (answer.body, answer.complete) == (BODY, True)
    assert bool(answer.oddities) == (headers != CODINGS[0])


def test_no_blank_line_before_chunks() -> None:
    """Chunks directly behind the headers are the body."""
    answer = read_answer(OK + b"Transfer-Encoding: chunked\r\n10\r\n" + BODY + b"\r\n0\r\n\r\n")

    assert (answer.body, answer.complete) == (BODY, True)


def test_informational_heads_are_skipped() -> None:
    """The answer is the first one behind any 1xx heads."""
    raw = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
    answer = read_answer(raw + OK + LENGTH + b"\r\n" + BODY)
    assert (answer.status, answer.informational, answer.body) == (200, 2, BODY)
    assert answer.headers == ((b"Content-Length", b"16"),)
    assert answer.oddities == ()

    assert read_answer(raw) == LenientAnswer(body_start=len(raw), informational=2)
    switched = read_answer(b"HTTP/1.1 101 Switching\r\n\r\n" + BODY)
    assert (switched.status, switched.informational, switched.body) == (101, 0, BODY)


@pytest.mark.parametrize("status", [204, 304])
def test_body_where_none_is_allowed(status: int) -> None:
    """A body of an answer that must not have one is kept."""
    head = b"HTTP/1.1 %d x\r\n" % status + LENGTH + b"\r\n"

    assert read_answer(head) == LenientAnswer(
        status, ((b"Content-Length", b"16"),), b"", len(head), complete=True
    )
    assert read_answer(head + BODY).body == BODY
    assert "has no body" in read_answer(head + BODY).oddities[0]


def test_another_answer_behind() -> None:
    """Another answer is left out if the framing of the first one ends before it."""
    framed = read_answer(OK + LENGTH + b"\r\n" + BODY + SECOND)
    assert (framed.body, framed.complete) == (BODY, True)
    assert framed.oddities == (f"{len(SECOND)} bytes of another answer follow this one.",)

    doubled = read_answer(OK + b"Content-Length: 5\r\n" + LENGTH + b"\r\n" + BODY + SECOND)
    assert (doubled.body, doubled.complete) == (BODY, True)

    unframed = read_answer(OK + b"\r\n" + BODY + SECOND)
    assert (unframed.body, unframed.complete) == (BODY + SECOND, True)
    assert "seems to contain another answer" in unframed.oddities[0]


def test_blank_lines_behind() -> None:
    """Line ends behind a body of declared length are not part of it."""
    answer = read_answer(OK + LENGTH + b"\r\n" + BODY + b"\r\n")

    assert (answer.body, answer.oddities) == (BODY, ("Blank lines follow the body.",))


def test_headers_as_received() -> None:
    """Headers keep their spelling and order; folded ones are joined."""
    answer = read_answer(OK + b"x-A:  b \r\nX-a:\tc\r\n d\r\n\te\r\nE:\r\n\r\n")

    assert answer.headers == ((b"x-A", b"b"), (b"X-a", b"c d e"), (b"E", b""))


REQUESTS = {
    "as HTTP says": (POST, b"/m", "1.1", ""),
    "HTTP/1.0": (b"POST /m HTTP/1.0\r\nHost: a\r\n", b"/m", "1.0", ""),
    "no Host": (b"POST /m HTTP/1.1\r\n", b"/m", "1.1", "no Host"),
    "two Hosts": (POST + b"Host: there\r\n", b"/m", "1.1", "several Hosts"),
    "blank in a name": (POST + b"X y : z\r\n", b"/m", "1.1", "odd characters: 'X y '"),
    "raw bytes in a name": (POST + b"X\xff: z\r\n", b"/m", "1.1", "odd characters"),
    "no colon": (POST + b"X note\r\n", b"/m", "1.1", "no name and colon: 'X'"),
    "raw bytes": (b"POST /m?\xc3\xab HTTP/1.1\r\nHost: a\r\n", b"/m?\xc3\xab", "1.1", "not as"),
    "blanks": (b"POST /m? a\tb HTTP/1.1\r\nHost: a\r\n", b"/m? a\tb", "1.1", "not as HTTP says"),
    "more blanks": (b"POST  /m \t HTTP/1.1 \r\nHost: a\r\n", b"/m", "1.1", "not as HTTP says"),
    "LF": (b"POST /m HTTP/1.1\nHost: a\n", b"/m", "1.1", "do not end with CR and LF"),
    "folded": (POST + b"X: a\r\n b\r\n", b"/m", "1.1", "folded"),
    "NUL": (POST + b"X: a\x00\r\n", b"/m", "1.1", "control characters"),
    "CR in a value": (POST + b"X: a\rb\r\n", b"/m", "1.1", "contains a single CR"),
    "odd version": (b"POST /m HTTP/1.7\r\nHost: a\r\n", b"/m", "1.7", "not as HTTP says"),
    "lower case": (b"POST /m http/1.1\r\nHost: a\r\n", b"/m", "1.1", "not as HTTP says"),
    "no version": (b"POST /m\r\nHost: a\r\n", b"/m", "1.0", "not as HTTP says"),
    "no target": (b"POST HTTP/1.1\r\nHost: a\r\n", b"", "1.1", "not as HTTP says"),
    "blank line in front": (b"\r\n" + POST, b"/m", "1.1", "precede the request line"),
    "equal lengths": (POST + LENGTH, b"/m", "1.1", "several content-lengths"),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_requests_whose_framing_is_beyond_doubt(kind: str) -> None:
    """A blemish that does not touch the framing is named; the request is whole."""
    head, target, version, oddity = REQUESTS[kind]
    raw = head + LENGTH + b"\r\n" + BODY
    request = read_request(raw + b"GET")

    assert (request.method, request.target, request.version) == ("POST", target, version)
    assert (request.body, request.complete, request.consumed) == (BODY, True, len(raw))
    assert not request.contradictory
    assert oddity in " ".join(request.oddities)
    assert bool(oddity) == bool(request.oddities)


def test_requests_with_another_transfer_coding() -> None:
    """A compression under the chunks is named and left as it is."""
    raw = POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n10\r\n" + BODY + b"\r\n0\r\n\r\n"
    request = read_request(raw)

    assert (request.body, request.complete, request.contradictory) == (BODY, True, False)
    assert request.oddities == ("The transfer coding is not just chunked: 'gzip, chunked'.",)


CONTRADICTIONS = {
    "different lengths": LENGTH + b"Content-Length: 5\r\n",
    "different lengths in a list": b"Content-Length: 16, 5\r\n",
    "length and chunked": LENGTH + b"Transfer-Encoding: chunked\r\n",
    "length and identity": LENGTH + b"Transfer-Encoding: identity\r\n",
    "length and nothing": LENGTH + b"Transfer-Encoding:\r\n",
    "identity": b"Transfer-Encoding: identity\r\n",
    "chunked not last": b"Transfer-Encoding: chunked, gzip\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "not chunked": b"Transfer-Encoding: gzip\r\n",
    "empty coding": b"Transfer-Encoding: , chunked\r\n",
    "misspelt": b"Transfer-Encoding: xchunked\r\n",
    "plus": b"Content-Length: +16\r\n",
    "negative": b"Content-Length: -16\r\n",
    "no number": b"Content-Length: many\r\n",
    "empty": b"Content-Length:\r\n",
    "hexadecimal": b"Content-Length: 0x10\r\n",
    "blank in the name": b"Content-Length : 16\r\n",
    "underscore": b"Content_Length: 16\r\n",
    "NUL in the name": b"Content-Length\x00: 16\r\n",
    "no colon": b"Content-Length 16\r\n",
    "folded": b"Content-Length:\r\n 16\r\n",
    "in a folded line": b"X: y\r\n Content-Length: 16\r\n",
    "behind a single CR": b"X: y\rContent-Length: 16\r\n",
    "two single CRs": b"X: y\r\rz\r\n",
    "CR before the line end": LENGTH.replace(b"\r\n", b"\r\r\n"),
    "blanks in a blank line": b"X: y\r\n \r\n" + LENGTH,
    "20,000 lines": b"X: y\r\n" * 20_000,
}


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_requests_whose_framing_is_in_doubt(kind: str) -> None:
    """A request whose end could be read in two ways is contradictory."""
    request = read_request(POST + CONTRADICTIONS[kind] + b"\r\n" + BODY)

    assert request.contradictory
    assert not request.complete
    assert request.oddities


def test_chunks_in_http_1_0() -> None:
    """HTTP/1.0 has no transfer coding, so that it leaves the framing in doubt."""
    raw = b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    assert read_request(raw).contradictory


REQUEST_CHUNKS = {
    b"3\r\nabc\r\n0\r\n\r\n": (True, False),
    b"3\nabc\n0\n\n": (True, False),
    b"3 ;x\r\nabc\r\n00\r\nX: y\r\n\r\n": (True, False),
    b"3\r\nabc\r\n0\r\n": (False, False),
    b"3\r\nabc\r\n0\r\nX: y": (False, False),
    b"3\r\nabc\r\n": (False, False),
    b"3\r\nabc\r": (False, False),
    b"3\r\nabc": (False, False),
    b"3\r\nabc\r\nzz\r\n": (False, True),
    b"3\r\nabc0\r\n\r\n": (False, True),
    b"3\r\nabcd\r\n0\r\n\r\n": (False, True),
    b"3\r\nabc\r\n0x1\r\n": (False, True),
    b"3\r\nabc\r\n-1\r\n": (False, True),
    b"3\r\nabc\r\n0\r\nno header\r\n": (False, True),
    b"3\r\nabc\r\n" + b"f" * 60 + b"\r\n": (False, True),
}


@pytest.mark.parametrize("chunks", REQUEST_CHUNKS, ids=repr)
def test_chunks_of_requests(chunks: bytes) -> None:
    """Chunk framing that does not add up is contradictory; cut framing is not complete."""
    request = read_request(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)

    assert request.body == b"abc"
    assert (request.complete, request.contradictory) == REQUEST_CHUNKS[chunks]


@pytest.mark.parametrize("raw", [b"\x16\x03\x01\r\n", b"\n\n{}\n", b"GET\r\n", b"G\xff /\r\n"])
def test_without_request_line(raw: bytes) -> None:
    """Bytes that do not begin with a request line have to be refused."""
    request = read_request(raw)

    assert (request.method, request.contradictory, request.complete) == ("", True, False)


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"GE", b"GET /"])
def test_cut_request_line(raw: bytes) -> None:
    """A request line that has not ended is not refused yet."""
    request = read_request(raw)

    assert (request.contradictory, request.complete, request.consumed) == (False, False, len(raw))


def test_request_without_body() -> None:
    """A request without framing headers ends with its head."""
    raw = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    assert read_request(raw + raw) == LenientRequest(
        "GET",
        b"/",
        "1.1",
        ((b"Host", b"a"),),
        b"",
        complete=True,
        consumed=len(raw),
        head_size=len(raw),
    )
