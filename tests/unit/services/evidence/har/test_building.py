"""Entries from parts: bodies as text or base64, and what is said about them."""

import gzip
from base64 import b64decode

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.evidence.har.building import (
    EntryBuilder,
    HarMessage,
    instant_text,
    text_of,
)
from ibconsole.services.evidence.har.redaction import LogRedaction
from ibconsole.services.evidence.har.values import HarTimings

JSON = (("Content-Type", "application/json"),)


@given(st.binary())
def test_bytes_come_back(data: bytes) -> None:
    """A body is written so that it gives its bytes back: as text, else as base64."""
    text, encoding = text_of(data)

    assert (text.encode() if encoding is msgspec.UNSET else b64decode(text)) == data


def test_a_body_that_was_cut_says_so() -> None:
    """A cut body ends with a whole character, and says how much of it was kept."""
    build = EntryBuilder(LogRedaction())
    message = HarMessage(headers=JSON, body="aü".encode()[:2], size=9)

    request = build.request("POST", "https://x.example/?a=1&b=", message)
    answer = build.response(200, "OK", HarMessage(body=b"\xff\xc3", size=3))
    entry = build.entry(0, request, answer, HarTimings(), {})

    assert not isinstance(request.post_data, msgspec.UnsetType)
    assert request.post_data.text == "a"
    assert request.post_data.comment == "Only the first 1 of 9 bytes were kept."
    assert (answer.content.encoding, answer.content.size) == ("base64", 3)
    assert entry.facts["cut"] == {
        "request body": {"kept": 1, "size": 9},
        "answer body": {"kept": 2, "size": 3},
    }
    assert [(one.name, one.value) for one in request.query_string] == [("a", "1"), ("b", "")]


def test_a_compressed_body_is_written_as_what_it_says() -> None:
    """A body is decompressed, so that it is readable and can be masked; its comment says so."""
    body = gzip.compress(b'{"password":"x"}')
    message = HarMessage(headers=(("Content-Encoding", "gzip"),), body=body, size=len(body))
    build = EntryBuilder(LogRedaction())

    answer = build.response(302, "Found", message)
    moved = build.response(302, "Found", HarMessage(headers=(("Location", "/a?token=b"),)))

    assert answer.content.text == '{"password":"••••"}'
    assert answer.content.comment == f"It was sent as gzip, {len(body)} bytes."
    assert answer.body_size == len(body)
    assert moved.redirect_url == "/a?token=••••"
    entry = build.entry(0, build.request("GET", "/", HarMessage()), answer, HarTimings(), {})
    assert entry.facts["masked"] == ["answer body", "answer headers"]


def test_an_answer_that_never_came() -> None:
    """Without an answer the status is 0, and the problem is said."""
    answer = EntryBuilder(LogRedaction()).response(None, "", HarMessage(), problem="No network.")

    assert (answer.status, answer.error, answer.body_size) == (0, "No network.", -1)


def test_times_have_a_zone() -> None:
    """Times are ISO 8601 in UTC, whatever number is stored."""
    assert instant_text(1_700_000_000_007) == "2023-11-14T22:13:20.007+00:00"
    assert instant_text(-1) == "1970-01-01T00:00:00.000+00:00"
    assert instant_text(1 << 60).startswith("9999-12-31T23:59:59")


def test_urls_that_are_none() -> None:
    """A URL that cannot be taken apart is written as it is."""
    request = EntryBuilder(LogRedaction()).request("GET", "http://[::1/?a=1", HarMessage())

    assert (request.url, request.query_string) == ("http://[::1/?a=1", ())
