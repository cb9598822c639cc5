"""Encoding of answers and requests to bytes."""

import pytest

from ibconsole.http1.message import Fault, Header, Response
from ibconsole.http1.outgoing import (
    Target,
    body_for,
    encode_head,
    encode_request,
    forces_close,
    parse_target,
)


def test_answer_has_its_length_and_nothing_more() -> None:
    """An answer declares its length and does not name the server program."""
    head = encode_head(Response(200, ((b"X-Odd", b"1"),), b"hello"), keep_alive=True)

    assert head == b"HTTP/1.1 200 OK\r\nX-Odd: 1\r\nContent-Length: 5\r\n\r\n"


def test_handler_cannot_set_framing_headers() -> None:
    """The framing headers of a handler's answer are replaced by the server's."""
    own = ((b"content-Length", b"9"), (b"Transfer-Encoding", b"chunked"), (b"Connection", b"x"))

    head = encode_head(Response(299, own, b"hi"), keep_alive=False)

    assert head == b"HTTP/1.1 299 \r\nContent-Length: 2\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("header", [(b"A", b"1\r\nB: 2"), (b"A\n", b"1"), (b"A", b"1\r")])
def test_header_cannot_start_another(header: Header) -> None:
    """A line break in a header never reaches the wire."""
    with pytest.raises(ValueError, match="line break"):
        encode_head(Response(headers=(header,)), keep_alive=True)
    with pytest.raises(ValueError, match="line break"):
        encode_request(parse_target("http://here"), "GET", [header], b"")


@pytest.mark.parametrize(
    ("status", "method", "length", "body"),
    [(200, "GET", True, b"hi"), (200, "HEAD", True, b""), (204, "GET", False, b"")],
)
def test_some_answers_have_no_body(status: int, method: str, *, length: bool, body: bytes) -> None:
    """HEAD is answered with a length and no body, 204 with neither."""
    response = Response(status, body=b"hi")

    assert (b"Content-Length: 2" in encode_head(response, keep_alive=True)) is length
    assert body_for(response, method) == body


@pytest.mark.parametrize(
    ("fault", "closes"),
    [
        (None, False),
        (Fault(delay=1, drip=1), False),
        (Fault(cut_after=0), True),
        (Fault(declared_length=0), True),
        (Fault(reset=True), True),
    ],
)
def test_false_length_closes_the_connection(fault: Fault | None, *, closes: bool) -> None:
    """The connection is closed after an answer of false length: no other could be recognised."""
    assert forces_close(Response(fault=fault)) is closes


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://here", Target("http", "here", 80, "here", "/")),
        ("https://Here:8443/a?b=c#d", Target("https", "here", 8443, "here:8443", "/a?b=c")),
        ("HTTP://[::1]:0/", Target("http", "::1", 0, "[::1]:0", "/")),
        ("http://me:secret@here/", Target("http", "here", 80, "here", "/")),
        ("http://höhle.example/ü%20?ü", Target(
            "http", "xn--hhle-5qa.example", 80, "xn--hhle-5qa.example", "/%C3%BC%20?%C3%BC"
        )),
    ],
)  # fmt: skip
def test_url_is_parsed(url: str, target: Target) -> None:
    """Host, port and path are those of the URL, non-ASCII characters encoded."""
    assert parse_target(url) == target


@pytest.mark.parametrize(
    "url",
    ["", "here", "ftp://here/", "http://", "http://here:99999/", "http://a b/", "http://a/\nb",
     "http://[::1/", "http://" + "a" * 64 + ".example/"],
)  # fmt: skip
def test_invalid_url_is_explained(url: str) -> None:
    """An invalid URL is refused with a sentence."""
    with pytest.raises(ValueError, match=r"[A-Z].*\.$"):
        parse_target(url)


def test_host_and_port() -> None:
    """Host and port are shown as a user would type them."""
    assert parse_target("https://here").host_and_port == "here:443"
    assert parse_target("http://[::1]:8080").host_and_port == "[::1]:8080"


def test_request_is_as_given() -> None:
    """Headers keep their spelling and order; only missing ones are added."""
    here = parse_target("http://here/a")

    assert encode_request(here, "POST", [(b"x-ODD", b"1")], b"hi") == (
        b"POST /a HTTP/1.1\r\nHost: here\r\nx-ODD: 1\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert encode_request(here, "GET", [], b"") == b"GET /a HTTP/1.1\r\nHost: here\r\n\r\n"


def test_request_may_be_wrong_on_purpose() -> None:
    """A given Host or length is sent, even a wrong one."""
    given = [(b"content-length", b"9"), (b"HOST", b"there")]

    sent = encode_request(parse_target("http://here/"), "POST", given, b"hi")

    assert sent == b"POST / HTTP/1.1\r\ncontent-length: 9\r\nHOST: there\r\n\r\nhi"


def test_invalid_method() -> None:
    """A method that would change the request line is refused."""
    with pytest.raises(ValueError, match="not an HTTP method"):
        encode_request(parse_target("http://here/"), "GET /x", [], b"")
