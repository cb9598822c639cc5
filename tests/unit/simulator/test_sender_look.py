"""The look of forwards: random by the seed, always a valid request."""

import json

import pytest

from ibconsole.http1.incoming import IncomingRequest, Limits
from ibconsole.simulator.sender_look import PLAIN_LOOK, SenderLook, random_look

URL = "https://user:pw@exämple.example:8443/in/ü?a=b c"
BODY = json.dumps({"results": [{"text": "x" * 300}]}).encode()


@pytest.mark.parametrize("seed", range(40))
def test_every_look_is_a_regular_request(seed: int) -> None:
    """A server reads the request of any seed without objection, and finds the body in it."""
    look = random_look(seed)
    incoming = IncomingRequest(Limits())

    assert incoming.feed(look.encode(URL, BODY))
    request, rest = incoming.finish("192.0.2.1")
    assert (request.body, rest, request.oddities) == (BODY, b"", ())
    assert request.header("host") == "xn--exmple-cua.example:8443"
    assert request.target.endswith("/in/%C3%BC?a=b%20c")
    assert random_look(seed) == look


def test_looks_differ() -> None:
    """Seeds have different looks, in every respect that a sender may differ in."""
    looks = [random_look(seed) for seed in range(200)]

    assert len(set(looks)) > 190
    for name in ("version", "is_absolute", "separator", "chunk", "upper_digits"):
        assert len({getattr(look, name) for look in looks}) > 1, name
    assert any(look.numbered for look in looks)


def test_a_header_may_differ_in_each_request() -> None:
    """A numbered header has another value for another body; its digits tell nothing else."""
    look = SenderLook((("Host", None), ("X-Id", "1"), ("Content-Length", None)), numbered="X-Id")

    assert look.encode("http://h/", b"{}") != look.encode("http://h/", b"[]")
    assert look.encode("http://h/", b"{}") == look.encode("http://h/", b"{}")


def test_the_plain_look() -> None:
    """A forwarder without a look of its own sends what every server takes."""
    assert PLAIN_LOOK.encode("http://h", b"{}") == (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json;charset=UTF-8\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )
