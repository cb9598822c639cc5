"""A profile, and the sender that is made from it."""

import gzip

from ibconsole.http1.outgoing import parse_target
from ibconsole.secret import MASK
from ibconsole.services.forward_test.senders import BodyFraming
from ibconsole.services.sender_profile.profile import (
    HeaderFact,
    SenderProfile,
    SourceFact,
    day_and_time,
)

AT = 1_700_000_000_000
TARGET = parse_target("https://x.example/in")


def profile(*headers: HeaderFact, **other: object) -> SenderProfile:
    return SenderProfile(n=3, first_at=AT, last_at=AT, headers=headers, **other)  # type: ignore[arg-type]


def test_the_label_says_what_it_rests_on() -> None:
    """A result names the observations; a tunnel between is named, too."""
    assert day_and_time(AT) == "2023-11-14 22:13 UTC"
    assert profile().label == "the platform (observed 3 times, last 2023-11-14 22:13 UTC)"
    assert "3 times through ngrok, last" in profile(tunnel="ngrok").label
    local = profile(sources=(SourceFact("127.0.0.1", 3, AT, published=False),))
    assert "3 times from this computer, last" in local.label
    assert not profile().to_sender().assumed


def test_credentials_are_neither_shown_nor_sent() -> None:
    """The header stays at its place; its value may be another host's secret."""
    header = HeaderFact("Authorization", "App 123")
    request = profile(header).to_sender().encode(TARGET, b"")

    assert header.shown == MASK
    assert request == b"POST /in HTTP/1.1\r\nAuthorization: masked-by-ibconsole\r\n\r\n"


def test_a_compressed_body() -> None:
    """A body is compressed where the platform's is; an unknown encoding is not declared."""
    known = profile(HeaderFact("Content-Encoding", "gzip"), HeaderFact("content-length", "9"))
    head, _, body = known.to_sender().encode(TARGET, b"{}").partition(b"\r\n\r\n")

    assert gzip.decompress(body) == b"{}"
    assert head.endswith(b"content-length: %d" % len(body))
    unknown = profile(HeaderFact("Content-Encoding", "br")).to_sender()
    assert unknown.encode(TARGET, b"{}") == b"POST /in HTTP/1.1\r\n\r\n{}"


def test_chunks_as_observed() -> None:
    """Size, digits and letters of chunks are the observed ones."""
    sender = profile(
        HeaderFact("transfer-encoding", "Chunked", separator=""),
        framing=BodyFraming.CHUNKED,
        chunk_size=10,
        chunk_digits=3,
        chunk_upper=True,
    ).to_sender()

    assert sender.encode(TARGET, b"x" * 12) == (
        b"POST /in HTTP/1.1\r\ntransfer-encoding:Chunked\r\n\r\n"
        b"00A\r\nxxxxxxxxxx\r\n002\r\nxx\r\n000\r\n\r\n"
    )
