"""Senders: header by header."""

from ibconsole.services.forward_test.senders import (
    CURL,
    OURS,
    PLATFORM,
    BodyFraming,
    Sender,
    variations,
)


def test_a_request_has_its_headers_in_order() -> None:
    """Host and length stand where the sender has them, with the right values."""
    headers, body = PLATFORM.request("x.example:8443", b"{}")

    assert [name for name, _ in headers] == [name.encode() for name, _ in PLATFORM.headers]
    assert dict(headers)[b"Host"] == b"x.example:8443"
    assert (dict(headers)[b"Content-Length"], body) == (b"2", b"{}")


def test_a_chunked_request() -> None:
    """A chunked request has no length."""
    chunked = Sender("x", "x", (("Content-Length", ""), ("HOST", "")), BodyFraming.CHUNKED)

    assert chunked.request("h", b"hello") == (
        ((b"HOST", b"h"), (b"Transfer-Encoding", b"chunked")),
        b"5\r\nhello\r\n0\r\n\r\n",
    )
    assert chunked.request("h", b"")[1] == b"0\r\n\r\n"


def test_variations() -> None:
    """Each variation changes one thing; one that changes nothing is left out."""
    assert [one.name for one in variations(PLATFORM)] == [
        "other agent",
        "no agent",
        "lower case",
        "expect",
        "chunked",
    ]
    assert "other agent" not in [one.name for one in variations(CURL)]
    assert [one.agent for one in variations(OURS)][:2] == [CURL.agent, ""]
    assert PLATFORM.with_agent("").with_agent("x").agent == "x"
    assert PLATFORM.assumed
