"""Answers and requests as bytes."""

import pytest

from ibconsole.http1.message import Fault, Header, Response
from ibconsole.http1.outgoing import Target, body_of, encode_head, encode_request, spoils, target_of


def test_answer_has_its_length_and_nothing_more() -> None:
    """An answer says its length; it does not say what program sent it."""
    head = encode_head(Response(200, ((b"X-Odd", b"1"),), b"hello"), keep_alive=True)

    assert head == b"HTTP/1.1 200 OK\r\nX-Odd: 1\r\nContent-Length: 5\r\n\r\n"


def test_framing_is_the_servers_business() -> None:
    """A handler cannot contradict how the answer is framed."""
    own = ((b"content-Length", b"9"), (b"Transfer-Encoding", b"chunked"), (b"Connection", b"x"))

    head = encode_head(Response(299, own, b"hi"), keep_alive=False)

    assert head == b"HTTP/1.1 299 \r\nContent-Length: 2\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("header", [(b"A", b"1\r\nB: 2"), (b"A\n", b"1"), (b"A", b"1\r")])
def test_header_cannot_start_another(header: Header) -> None:
    """A line break in a header never reaches the wire."""
    with pytest.raises(ValueError, match="line break"):
        encode_head(Response(headers=(header,)), keep_alive=True)
    with pytest.raises(ValueError, match="line break"):
        encode_request(target_of("http://here"), "GET", [header], b"")


@pytest.mark.parametrize(
    ("status", "method", "length", "body"),
    [(200, "GET", True, b"hi"), (200, "HEAD", True, b""), (204, "GET", False, b"")],
)
def test_some_answers_have_no_body(status: int, method: str, *, length: bool, body: bytes) -> None:
    """HEAD is answered with the length alone, 204 with neither."""
    response = Response(status, body=b"hi")

    assert (b"Content-Length: 2" in encode_head(response, keep_alive=True)) is length
    assert body_of(response, method) == body


@pytest.mark.parametrize(
    ("fault", "spoilt"),
    [
        (None, False),
        (Fault(delay=1, drip=1), False),
        (Fault(cut_after=0), True),
        (Fault(declared_length=0), True),
        (Fault(reset=True), True),
    ],
)
def test_lying_answers_spoil_the_connection(fault: Fault | None, *, spoilt: bool) -> None:
    """Behind an answer of the wrong length no other can be told apart."""
    assert spoils(Response(fault=fault)) is spoilt


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
def test_url_is_taken_apart(url: str, target: Target) -> None:
    """Host, port and path are those of the URL; what ASCII cannot say is encoded."""
    assert target_of(url) == target


@pytest.mark.parametrize(
    "url",
    ["", "here", "ftp://here/", "http://", "http://here:99999/", "http://a b/", "http://a/\nb",
     "http://[::1/", "http://" + "a" * 64 + ".example/"],
)  # fmt: skip
def test_what_is_no_url_is_explained(url: str) -> None:
    """Everything else is refused in a sentence."""
    with pytest.raises(ValueError, match=r"[A-Z].*\.$"):
        target_of(url)


def test_place_is_readable() -> None:
    """Host and port are shown as one would type them."""
    assert target_of("https://here").where == "here:443"
    assert target_of("http://[::1]:8080").where == "[::1]:8080"


def test_request_is_as_given() -> None:
    """Headers keep spelling and order; only what is missing is added."""
    here = target_of("http://here/a")

    assert encode_request(here, "POST", [(b"x-ODD", b"1")], b"hi") == (
        b"POST /a HTTP/1.1\r\nHost: here\r\nx-ODD: 1\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert encode_request(here, "GET", [], b"") == b"GET /a HTTP/1.1\r\nHost: here\r\n\r\n"


def test_request_may_be_wrong_on_purpose() -> None:
    """A Host or a length that is given goes out, even a wrong one."""
    given = [(b"content-length", b"9"), (b"HOST", b"there")]

    sent = encode_request(target_of("http://here/"), "POST", given, b"hi")

    assert sent == b"POST / HTTP/1.1\r\ncontent-length: 9\r\nHOST: there\r\n\r\nhi"


def test_method_is_a_word() -> None:
    """A method that would change the first line is refused."""
    with pytest.raises(ValueError, match="no HTTP method"):
        encode_request(target_of("http://here/"), "GET /x", [], b"")
