"""Heads of requests, parsed strictly and leniently."""

import pytest

from ibconsole.http1.head import HeadRefused, lenient_head, strict_head
from ibconsole.http1.lenient import LenientRequest

HEAD = b"POST /a?b HTTP/1.1\r\nHOST: here\r\nx-Odd:  1 \t\r\n"


def test_head() -> None:
    """Names keep their spelling and order, values lose the blanks around them."""
    head = strict_head(HEAD + b"Content-Length: 5\r\n\r\n")

    assert (head.method, head.target, head.version) == ("POST", "/a?b", "1.1")
    assert head.headers == ((b"HOST", b"here"), (b"x-Odd", b"1"), (b"Content-Length", b"5"))
    assert (head.length, head.is_chunked, head.expects_continue) == (5, False, False)
    assert (head.size, head.oddities) == (len(HEAD) + 21, ())


def test_chunked() -> None:
    """A transfer coding and Expect are recognised in any spelling."""
    head = strict_head(HEAD + b"TRANSFER-encoding: Chunked\r\nexpect: 100-CONTINUE\r\n\r\n")

    assert (head.is_chunked, head.expects_continue) == (True, True)


@pytest.mark.parametrize(
    "wish", [b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"Upgrade: websocket\r\n"]
)
def test_upgrade_is_ignored(wish: bytes) -> None:
    """The wish to change the protocol is ignored."""
    assert strict_head(HEAD + wish + b"Content-Length: 5\r\n\r\n").length == 5


@pytest.mark.parametrize("data", [HEAD, b"POST / HTTP/1.1\nHost: a\n\n", b"rubbish\r\n\r\n"])
def test_refused(data: bytes) -> None:
    """What is not one whole and valid head is refused."""
    with pytest.raises(HeadRefused):
        strict_head(data)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (b"/in?n=Zo\xc3\xab", "/in?n=Zo\u00eb"),
        (b"/in?n=Zo\xeb", "/in?n=Zo\u00eb"),
        (b"/%C3", "/%C3"),
    ],
)
def test_bytes_in_the_target(target: bytes, text: str) -> None:
    """Bytes in a target that are not ASCII are read as UTF-8, or else as ISO-8859-1."""
    found = LenientRequest(method="POST", target=target, version="1.1", oddities=("Odd.",))

    head = lenient_head(found)

    assert (head.target, head.oddities) == (text, ("Odd.",))
